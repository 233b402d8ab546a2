using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Projections.Webhooks;
using Countersign.TestKit.Databases;
using Countersign.Workers.Hosting;
using Countersign.Workers.Jobs;
using Countersign.Workers.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Webhooks;

/// <summary>What another node makes of the deliveries of one that was killed.</summary>
public sealed class TakeoverTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_that_arrived_and_was_not_told_to_its_job_before_the_kill_is_told_by_the_next_node()
    {
        await using var database = await Database();
        await using var node = await RunnerHost.Start(database, KeyRing.Temporary(), acts: false, builder =>
        {
            builder.AddWebhooks(database.Connections, workers: true);
            // The job waits: nobody on this node carries it out.
            builder.Services.RemoveAll<IJobWorker>();
        }, TenantParts.Configure);
        var tenant = postgres.NewTenant();
        await node.Publish(tenant, TestProcesses.Job("job", "countersign:send-event"));
        var started = await node.StartInstance(tenant, "job");
        var job = started.State!.Jobs.Keys.ShouldHaveSingleItem();
        await Store(node, tenant, Delivery(node, tenant, started.State.Id, job) with { Status = "delivered", DueAt = null });
        var sender = node.Host.Services.GetRequiredService<WebhookSender>();

        (await sender.TellUntold(TimeSpan.FromHours(1), Cancel)).ShouldBe(0, "it may be told by its sender at this moment");
        (await sender.TellUntold(TimeSpan.Zero, Cancel)).ShouldBe(1);

        (await Sql.Ask<long>(database.Connections.Writer, "select count(*) from cs.mt_events where tenant_id = $1 and type = 'instance.completed'", tenant)).ShouldBe(1);
        (await sender.TellUntold(TimeSpan.Zero, Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task A_taken_delivery_stays_with_its_sender_while_that_lives_and_is_free_soon_after_its_death()
    {
        await using var database = await Database();
        var ring = KeyRing.Temporary();
        await using var node = await RunnerHost.Start(database, ring, acts: false, configure: null, TenantParts.Configure);
        var tenant = postgres.NewTenant();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var deliveries = new WebhookDeliveries(database.Connections.Writer, new WebhookSecrets(ring), clock);
        await Store(node, tenant, deliveries.Make(tenant, Guid.CreateVersion7(), "effect", "invoice.booked", null, JsonSerializer.SerializeToElement(new { }), null));
        var lease = TimeSpan.FromSeconds(12);

        var taken = await deliveries.TakeDue(10, 10, ImmutableDictionary<Guid, int>.Empty, lease, Cancel);
        taken.ShouldHaveSingleItem();
        for (var i = 0; i < 5; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(8));
            await deliveries.KeepTaken(taken, lease, Cancel);
            (await deliveries.TakeDue(10, 10, ImmutableDictionary<Guid, int>.Empty, lease, Cancel)).ShouldBeEmpty("its sender lives");
        }

        clock.Advance(TimeSpan.FromSeconds(13));
        (await deliveries.TakeDue(10, 10, ImmutableDictionary<Guid, int>.Empty, lease, Cancel)).ShouldHaveSingleItem().Delivery.MessageId.ShouldBe("effect");
    }

    [Fact]
    public async Task Keeping_what_was_put_off_in_the_meantime_takes_it_from_nobody()
    {
        await using var database = await Database();
        var ring = KeyRing.Temporary();
        await using var node = await RunnerHost.Start(database, ring, acts: false, configure: null, TenantParts.Configure);
        var tenant = postgres.NewTenant();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var deliveries = new WebhookDeliveries(database.Connections.Writer, new WebhookSecrets(ring), clock);
        await Store(node, tenant, deliveries.Make(tenant, Guid.CreateVersion7(), "effect", "invoice.booked", null, JsonSerializer.SerializeToElement(new { }), null));
        var taken = await deliveries.TakeDue(10, 10, ImmutableDictionary<Guid, int>.Empty, TimeSpan.FromSeconds(12), Cancel);
        // The attempt failed and is due again in five seconds, while the sender still keeps the rest of its batch.
        await Store(node, tenant, taken[0].Delivery with { LeasedUntil = null, DueAt = clock.GetUtcNow().AddSeconds(5) });

        await deliveries.KeepTaken(taken, TimeSpan.FromHours(1), Cancel);
        clock.Advance(TimeSpan.FromSeconds(6));

        (await deliveries.TakeDue(10, 10, ImmutableDictionary<Guid, int>.Empty, TimeSpan.FromSeconds(12), Cancel)).Count.ShouldBe(1);
    }

    private Task<TestDatabase> Database() => postgres.CreateDatabase([.. CountersignWorkers.DatabaseParts(TenantParts.Configure)]);

    private static WebhookDelivery Delivery(RunnerHost node, string tenant, Guid instance, string job) => node.Host.Services.GetRequiredService<WebhookDeliveries>()
        .Make(tenant, Guid.CreateVersion7(), EffectIds.Of(tenant, instance, job), "invoice.booked", instance, JsonSerializer.SerializeToElement(new { }), (job, 1));

    private static async Task Store(RunnerHost node, string tenant, WebhookDelivery delivery)
    {
        await using var session = node.Store.LightweightSession(tenant);
        session.Store(delivery);
        await session.SaveChangesAsync(Cancel);
    }
}
