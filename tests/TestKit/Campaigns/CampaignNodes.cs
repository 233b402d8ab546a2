using System.Diagnostics;
using System.Globalization;
using Countersign.TestKit.Services;

namespace Countersign.TestKit.Campaigns;

/// <summary>One kill.</summary>
/// <param name="Node">Which node, from 0.</param>
/// <param name="When">When.</param>
/// <param name="ReadyAfter">From the kill until the node started in its place was ready.</param>
public sealed record Kill(int Node, DateTimeOffset When, TimeSpan ReadyAfter);

/// <summary>The real service as one or more processes on one database and one data folder, killed with SIGKILL and started again at once.</summary>
public sealed class CampaignNodes : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly List<(ServiceProcess Service, HttpClient Http)> _nodes = [];

    /// <summary>Prepares nodes; none runs yet.</summary>
    public CampaignNodes(int count, string connectionString, string dataFolder)
    {
        string? issuer = null;
        for (var i = 0; i < count; i++)
        {
            var environment = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["ConnectionStrings__Countersign"] = connectionString,
                ["Countersign__DataFolder"] = dataFolder,
                ["Countersign__Database__Nodes"] = count.ToString(CultureInfo.InvariantCulture),
            };
            if (issuer is not null)
                environment["Identity__Local__Issuer"] = issuer;
            var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), environment);
            // All nodes take the tokens of the first.
            issuer ??= service.Address.AbsoluteUri;
            _nodes.Add((service, new HttpClient { BaseAddress = service.Address, Timeout = TimeSpan.FromSeconds(5) }));
        }
    }

    /// <summary>Addresses of all nodes.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _nodes.Select(n => n.Service.Address)];

    /// <summary>Kills so far.</summary>
    public List<Kill> Kills { get; } = [];

    /// <summary>The last lines that the nodes printed.</summary>
    public string Output => string.Join(Environment.NewLine, _nodes.Select((n, i) => $"-- node {i}{Environment.NewLine}{n.Service.Output}"));

    /// <summary>Starts all, one after the other: the first makes what all need.</summary>
    public async Task Start(CancellationToken cancellation)
    {
        foreach (var (service, http) in _nodes)
            await service.StartAsync(http, Patience, cancellation);
    }

    /// <summary>Kills a node as <c>kill -9</c> does and starts it again at once.</summary>
    public async Task KillAndStart(int node, CancellationToken cancellation)
    {
        var (service, http) = _nodes[node];
        var when = TimeProvider.System.GetUtcNow();
        var clock = Stopwatch.StartNew();
        await service.KillAsync();
        await service.StartAsync(http, Patience, cancellation);
        Kills.Add(new Kill(node, when, clock.Elapsed));
    }

    /// <summary>Asks all to end in order.</summary>
    public async Task Stop()
    {
        foreach (var (service, _) in _nodes)
            await service.StopAsync(Patience);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (service, http) in _nodes)
        {
            http.Dispose();
            await service.DisposeAsync();
        }
    }
}
