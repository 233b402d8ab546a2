using Countersign.Client;
using Countersign.Client.Instances;
using Countersign.Client.Processes;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Services;
using Npgsql;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Campaigns;

/// <summary>The connection between a client and the service is cut before, in and after the commit (G4).</summary>
public sealed class CutAnswerTests(DurablePostgres postgres) : IDisposable
{
    private const int Calls = 100;
    private const string Started = "select count(*) from cs.mt_events where tenant_id = 'acmefinance' and type = 'instance.started'";
    private static readonly Cut[] Places = [Cut.InTheRequest, Cut.AfterTheRequest, Cut.BeforeTheAnswer];
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_client_whose_calls_are_cut_repeats_them_and_each_has_happened_once_G4()
    {
        var database = await postgres.Database("cuts", Cancel);
        await using var service = new ServiceProcess(Path.Combine(AppContext.BaseDirectory, "Countersign.Api.dll"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__Countersign"] = database,
            ["Countersign__DataFolder"] = _folder.Path,
        });
        using var direct = new HttpClient { BaseAddress = service.Address };
        await service.StartAsync(direct, TimeSpan.FromSeconds(120), Cancel);
        await new DemoPerson(service.Address, "dora").Act().Processes.PublishAsync(new PublishProcessRequest(TestProcesses.Approval), cancellationToken: Cancel);
        await using var proxy = new CuttingProxy(service.Port);
        using var http = new HttpClient { BaseAddress = proxy.Address };
        http.DefaultRequestHeaders.ConnectionClose = true;
        var token = await new DemoPerson(service.Address, "ana").GetTokenAsync(renew: false, Cancel);
        var client = new CountersignClient(http, new FixedToken(token!), new CountersignClientOptions { Retries = 0 });

        var instances = new List<Guid>();
        for (var i = 0; i < Calls; i++)
            instances.Add(await CutThenRepeat(database, client, proxy, i));

        proxy.Cuts.ShouldBe(Calls);
        instances.Distinct().Count().ShouldBe(Calls);
        (await Count(database, Started)).ShouldBe(Calls, "no instance that nobody was told of");
        (await Count(database, "select count(distinct data ->> 'instanceId') from cs.mt_events where tenant_id = 'acmefinance' and type = 'instance.started'")).ShouldBe(Calls);
    }

    private static async Task<Guid> CutThenRepeat(string database, CountersignClient client, CuttingProxy proxy, int i)
    {
        var before = await Count(database, Started);
        var place = Places[i % Places.Length];
        proxy.CutNext(place);
        await Should.ThrowAsync<HttpRequestException>(() => Start(client, i));
        // That the cut was where it is said to be: without this the test could pass with a proxy that cuts nothing.
        if (place != Cut.AfterTheRequest)
            (await Count(database, Started)).ShouldBe(before + (place == Cut.BeforeTheAnswer ? 1 : 0), $"call {i}, cut {place}");
        var told = await Repeated(client, i);
        (await Start(client, i)).Id.ShouldBe(told);
        return told;
    }

    // The first call may still be under way where it was cut in the middle of it; the service says so, and a client asks again.
    private static async Task<Guid> Repeated(CountersignClient client, int i)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return (await Start(client, i)).Id;
            }
            catch (CountersignProblemException e) when (e.Code == "idempotency.in_flight" && attempt < 50)
            {
                await Task.Delay(20, Cancel);
            }
        }
    }

    private static Task<InstanceView> Start(CountersignClient client, int i) =>
        client.Instances.StartAsync(new StartInstanceRequest("approval", BusinessKey: $"cut-{i}"), null, new CallOptions($"cut-{i}"), Cancel);

    private static async Task<long> Count(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
