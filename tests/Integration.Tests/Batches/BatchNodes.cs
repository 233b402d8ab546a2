using System.Globalization;
using Countersign.Client;
using Countersign.Integration.Tests.Campaigns;
using Countersign.Integration.Tests.Databases;
using Countersign.TestKit.Services;
using Npgsql;
using Xunit;

namespace Countersign.Integration.Tests.Batches;

/// <summary>Two nodes on one database, slow at batches so that they can be caught on the way; the first one always runs, the second while a test needs it.</summary>
public sealed class BatchNodes : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);
    private readonly TemporaryFolder _folder = new();
    private readonly DurablePostgres _postgres;
    private readonly List<(ServiceProcess Service, HttpClient Http)> _nodes = [];
    private readonly Dictionary<string, DemoPerson> _people = new(StringComparer.Ordinal);
    private string _database = "";

    public BatchNodes(DurablePostgres postgres) => _postgres = postgres;

    public async ValueTask InitializeAsync()
    {
        _database = await _postgres.Database("batches", TestContext.Current.CancellationToken);
        Add(null);
        // Both take the tokens of the first.
        Add(_nodes[0].Service.Address);
        await Start(0);
    }

    /// <summary>Starts a node, or starts it again after it was killed.</summary>
    public Task Start(int node) => _nodes[node].Service.StartAsync(_nodes[node].Http, Bound, TestContext.Current.CancellationToken);

    public Task Kill(int node) => _nodes[node].Service.KillAsync();

    public Task Stop(int node) => _nodes[node].Service.StopAsync(Bound);

    /// <summary>A typed client that acts as a demo person, at one of the nodes; the token is the first node's.</summary>
    internal async Task<CountersignClient> Act(string login, int node = 0)
    {
        if (!_people.TryGetValue(login, out var person))
            _people.Add(login, person = new DemoPerson(_nodes[0].Service.Address, login));
        await person.GetTokenAsync(renew: false, TestContext.Current.CancellationToken);
        return new CountersignClient(new HttpClient { BaseAddress = _nodes[node].Service.Address }, person);
    }

    /// <summary>Which node holds a batch now, and how many turns were begun; null when none holds it.</summary>
    internal async Task<(int? Node, int Attempt)> Holder(Guid batch)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("select node, attempt from cs.batch_work where batch_id = $1 and task = 'run' and until > now()", connection);
        command.Parameters.Add(new() { Value = batch });
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        if (!await row.ReadAsync(TestContext.Current.CancellationToken) || row.IsDBNull(0))
            return (null, 0);
        var process = int.Parse(row.GetString(0).Split('/')[^1], NumberStyles.None, CultureInfo.InvariantCulture);
        return (_nodes.FindIndex(n => n.Service.ProcessId == process), row.GetInt32(1));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (service, http) in _nodes)
        {
            http.Dispose();
            await service.DisposeAsync();
        }

        _folder.Dispose();
    }

    private void Add(Uri? issuer)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__Countersign"] = _database,
            ["Countersign__DataFolder"] = _folder.Path,
            ["Countersign__Database__Nodes"] = "2",
            ["Countersign__Batches__PerSecond"] = "25",
            ["Countersign__Batches__LeaseSeconds"] = "3",
        };
        if (issuer is not null)
            environment["Identity__Local__Issuer"] = issuer.AbsoluteUri;
        var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), environment);
        _nodes.Add((service, new HttpClient { BaseAddress = service.Address }));
    }
}
