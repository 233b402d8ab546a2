using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Tenants;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Projections.Webhooks;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Streams;
using Countersign.Workers.Webhooks;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Shouldly;

namespace Countersign.Integration.Tests.Webhooks;

/// <summary>The sender of webhooks on a clock that the test moves, with real connections and a real database; it sends when it is asked.</summary>
internal sealed class SenderHost : IAsyncDisposable
{
    public static readonly Actor Dora = new("dora", ActorKind.Person, [Role.Admin], []);
    private readonly TestDatabase _database;
    private readonly IHost _host;

    private SenderHost(TestDatabase database, IHost host, FakeTimeProvider clock, string tenant) => (_database, _host, Clock, Tenant) = (database, host, clock, tenant);

    public FakeTimeProvider Clock { get; }

    public string Tenant { get; }

    public IDocumentStore Store => _host.Services.GetRequiredService<IDocumentStore>();

    public WebhookSecrets Secrets => _host.Services.GetRequiredService<WebhookSecrets>();

    public SendEventWorker Worker => ActivatorUtilities.CreateInstance<SendEventWorker>(_host.Services);

    public DeliverySweeper Sweeper => ActivatorUtilities.CreateInstance<DeliverySweeper>(_host.Services, _database.Connections);

    public NpgsqlDataSource Writer => _database.Connections.Writer;

    public static async Task<SenderHost> Start(PostgresFixture postgres, WebhookOptions? options = null, ResolveName? resolve = null)
    {
        var database = await postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure)]);
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = Environments.Development });
        builder.Services.AddLogging();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddCountersignStore(database.Connections, KeyRing.Temporary(), configure: null, TenantParts.Configure);
        if (resolve is not null)
            builder.Services.AddSingleton(resolve);
        builder.AddWebhooks(database.Connections, workers: true);
        if (options is not null)
            builder.Services.AddSingleton(options);
        return new SenderHost(database, builder.Build(), clock, postgres.NewTenant());
    }

    public async Task<(Guid Id, string Secret)> Endpoint(Uri url, params string[] types)
    {
        var (id, secret) = (Guid.CreateVersion7(Clock.GetUtcNow()), WebhookSecrets.Draw());
        await Change(id, s => WebhookDecider.Decide(s, new CreateWebhookEndpoint(id, url.AbsoluteUri, [.. types], null, Secrets.Seal(secret, Tenant, id), Dora, AllowPlain: true), Clock.GetUtcNow()));
        return (id, secret);
    }

    public async Task Change(Guid endpoint, Func<WebhookEndpointState?, Outcome> decide) =>
        (await _host.Services.GetRequiredService<StreamDoor>().Execute(WebhookStreams.Change(Tenant, endpoint, Dora, decide), null, null, CancellationToken.None)).Refusal.ShouldBeNull();

    public async Task<Guid> Deliver(Guid endpoint, string effect = "effect-1", string type = "invoice.booked")
    {
        var delivery = _host.Services.GetRequiredService<WebhookDeliveries>()
            .Make(Tenant, endpoint, effect, type, Guid.CreateVersion7(), JsonSerializer.SerializeToElement(new { invoiceNumber = "R-1" }), null);
        await using var session = Store.LightweightSession(Tenant);
        session.Insert(delivery);
        await session.SaveChangesAsync();
        return delivery.Id;
    }

    /// <summary>Sends what is due at the clock's time; the number of attempts.</summary>
    public Task<int> Send() => _host.Services.GetRequiredService<WebhookSender>().SendDue(CancellationToken.None);

    /// <summary>Sends by itself from now on, as in the service.</summary>
    public Task Run() => _host.Services.GetRequiredService<WebhookSender>().StartAsync(CancellationToken.None);

    public async Task<WebhookDelivery> Delivery(Guid id)
    {
        await using var session = Store.QuerySession(Tenant);
        return (await session.LoadAsync<WebhookDelivery>(id))!;
    }

    public async Task<WebhookEndpointRecord> Row(Guid id)
    {
        await using var session = Store.QuerySession(Tenant);
        return (await session.LoadAsync<WebhookEndpointRecord>(id))!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
        await _database.DisposeAsync();
    }
}
