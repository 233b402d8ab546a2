using Countersign.Billing;
using Countersign.Billing.Usage;
using Countersign.Domain.Instances;
using Countersign.Domain.Plans;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Processes;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Projections.Tenants;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Countersign.Workers.Plans;
using Countersign.Workers.Streams;
using Countersign.Workers.Trail;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace Countersign.Integration.Tests.Billing;

/// <summary>A node with the runner, the trail and billing over a fake Stripe; to be abandoned as a crash would and started again.</summary>
internal sealed class BillingHost : IAsyncDisposable
{
    public const string Tenant = "acmefinance";
    public const string Price = "price_case";
    public const string Secret = "whsec_test";

    private readonly IHost _host;

    private BillingHost(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public static Task<TestDatabase> Database(PostgresFixture postgres) =>
        postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure), new TrailTables(), new UsageTables()]);

    public static async Task<BillingHost> Start(TestDatabase database, FakeStripe? stripe, string folder, TimeProvider? clock = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        if (clock is not null)
            builder.Services.AddSingleton(clock);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Countersign:Stripe:ApiKey"] = stripe is null ? null : FakeStripe.Key,
            ["Countersign:Stripe:ApiBase"] = stripe?.Address.AbsoluteUri,
            ["Countersign:Stripe:WebhookSecret"] = Secret,
            ["Countersign:Billing:StripePrices:business"] = stripe is null ? null : Price,
        });
        builder.AddCountersignStore(database.Connections, KeyRing.Open(folder), null, TenantParts.Configure);
        builder.Services.AddTrail(TrailSetup.Options(builder.Configuration, folder), sequence: true);
        builder.Services.AddPlanFacts();
        builder.AddBilling(database.Connections, work: true);
        // Passes are made by the tests; the service's own would only blur which pass was killed.
        foreach (var own in builder.Services.Where(s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory?.Method.ReturnType == typeof(BillingService)).ToList())
            builder.Services.Remove(own);
        var host = builder.Build();
        await host.StartAsync();
        return new BillingHost(host);
    }

    public Task Pass(CancellationToken cancel = default) => Services.GetRequiredService<BillingService>().Pass(cancel);

    public async Task Choose(string plan)
    {
        var door = new StreamDoor(Services.GetRequiredService<IDocumentStore>(), TimeProvider.System);
        var result = await door.Execute(PlanStreams.Change(Tenant, Actor.System, s => PlanDecider.Decide(s, new ChoosePlan(plan, "test", Actor.System), ["free", "business"], TimeProvider.System.GetUtcNow())),
            null, null, CancellationToken.None);
        result.Refusal.ShouldBeNull();
    }

    public async Task Publish(string bpmn)
    {
        var sources = ProcessSources.OfBpmn(bpmn);
        var graph = ProcessCompiler.Compile(sources).Graph!;
        await using var session = Services.GetRequiredService<IDocumentStore>().LightweightSession(Tenant);
        session.Store(new ProcessVersion(ProcessVersion.IdOf(graph.Key, 1), graph.Key, 1, graph.Name, sources.Hash(), null,
            [new ProcessFile("bpmn", "process.bpmn", System.Text.Encoding.UTF8.GetBytes(bpmn))], "ana", DateTimeOffset.UnixEpoch));
        session.Store(new TenantRecord(TenantRecord.Only, Tenant, "Acme Finance", "UTC", DateTimeOffset.UnixEpoch));
        await session.SaveChangesAsync();
    }

    /// <summary>Starts so many instances of a process that ends by itself.</summary>
    public Task Run(string process, int cases) => Parallel.ForEachAsync(Enumerable.Range(0, cases), new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (_, stop) =>
        (await Services.GetRequiredService<InstanceRunner>().Execute(new StartInstance(Tenant, Guid.CreateVersion7(), RunnerHost.Ana, process + ":1", RunnerHost.Vars()), null, stop)).Refusal.ShouldBeNull());

    public void Abandon() => _host.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
