using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Integration.Tests.Instances;
using Countersign.Projections.Databases;
using Countersign.Projections.Webhooks;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Countersign.Workers.Webhooks;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Webhooks;

/// <summary>How long deliveries are kept. The clock is the test's.</summary>
public sealed class RetentionTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Keep = new WebhookOptions().Keep;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_delivery_is_kept_for_its_days_after_its_end_and_a_pending_one_for_ever()
    {
        await using var receiver = await EffectReceiver.StartAsync(Cancel);
        await using var host = await SenderHost.Start(postgres);
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        receiver.Answer = d => d.EffectId == "gone" ? HttpStatusCode.Gone : HttpStatusCode.OK;
        var delivered = await host.Deliver(endpoint, "delivered");
        var again = await host.Deliver(endpoint, "again");
        (await host.Send()).ShouldBe(2);
        var failed = await host.Deliver(endpoint, "gone");
        (await host.Send()).ShouldBe(1);
        (await host.Delivery(failed)).Status.ShouldBe("failed");
        var pending = await host.Deliver(endpoint, "pending");
        var sweeper = host.Sweeper;

        host.Clock.Advance(Keep);
        (await sweeper.Sweep(Cancel)).ShouldBe(0, "nothing goes before its days are over");
        // Sent again on its last day: it ends anew, and counts from there, though it was made long ago.
        await Change(host, again, d => d with { DeliveredAt = host.Clock.GetUtcNow() });
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await sweeper.Sweep(Cancel)).ShouldBe(2);
        (await host.Delivery(delivered)).ShouldBeNull();
        (await host.Delivery(failed)).ShouldBeNull();
        host.Clock.Advance(Keep - TimeSpan.FromMilliseconds(1));
        (await sweeper.Sweep(Cancel)).ShouldBe(0);
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await sweeper.Sweep(Cancel)).ShouldBe(1);
        (await host.Delivery(again)).ShouldBeNull();
        host.Clock.Advance(TimeSpan.FromDays(3650));
        (await sweeper.Sweep(Cancel)).ShouldBe(0);
        (await host.Delivery(pending)).Status.ShouldBe("pending");
    }

    [Fact]
    public async Task What_a_job_knows_of_its_endpoints_stays_while_the_job_is_there()
    {
        await using var receiver = await EffectReceiver.StartAsync(Cancel);
        await using var host = await SenderHost.Start(postgres);
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        var taken = await host.Deliver(endpoint);
        (await host.Send()).ShouldBe(1);
        await Change(host, taken, d => d with { JobId = "job-1", Attempt = 1 });
        await using (var session = host.Store.LightweightSession(host.Tenant))
        {
            session.Insert(new JobRow("job-1", Guid.CreateVersion7(), "p", 1, "send", "countersign:send-event", 1, 0, host.Clock.GetUtcNow(),
                ImmutableDictionary<string, string>.Empty, ImmutableDictionary<string, JsonElement>.Empty, Failed: true));
            await session.SaveChangesAsync(Cancel);
        }

        host.Clock.Advance(Keep * 2);
        (await host.Sweeper.Sweep(Cancel)).ShouldBe(0, "a retry of the job would send to this endpoint again");
        await using (var session = host.Store.LightweightSession(host.Tenant))
        {
            session.Delete<JobRow>("job-1");
            await session.SaveChangesAsync(Cancel);
        }

        (await host.Sweeper.Sweep(Cancel)).ShouldBe(1);
    }

    [Fact]
    public async Task More_than_a_step_goes_in_one_sweep_and_two_nodes_share_the_work()
    {
        await using var receiver = await EffectReceiver.StartAsync(Cancel);
        await using var host = await SenderHost.Start(postgres);
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        await host.Deliver(endpoint);
        (await host.Send()).ShouldBe(1);
        await using (var many = host.Writer.CreateCommand(
            "insert into cs.mt_doc_webhookdelivery select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).* from cs.mt_doc_webhookdelivery r, generate_series(1, 2500)"))
            await many.ExecuteNonQueryAsync(Cancel);
        var pending = await host.Deliver(endpoint, "effect-2");
        host.Clock.Advance(Keep + TimeSpan.FromMinutes(1));
        var removed = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => host.Sweeper.Sweep(Cancel)));
        (removed.Sum() + await host.Sweeper.Sweep(Cancel)).ShouldBe(2_501);
        (await host.Delivery(pending)).Status.ShouldBe("pending");
    }

    [Fact]
    public async Task A_node_that_works_sweeps_by_itself_a_minute_after_its_start_and_every_hour()
    {
        await using var receiver = await EffectReceiver.StartAsync(Cancel);
        await using var host = await SenderHost.Start(postgres);
        var (endpoint, _) = await host.Endpoint(receiver.Address, "*");
        var old = await host.Deliver(endpoint, "old");
        (await host.Send()).ShouldBe(1);
        host.Clock.Advance(TimeSpan.FromDays(30));
        var newer = await host.Deliver(endpoint, "newer");
        (await host.Send()).ShouldBe(1);
        host.Clock.Advance(Keep - TimeSpan.FromDays(30));
        using var sweeper = host.Sweeper;
        await sweeper.StartAsync(Cancel);
        await Eventually.Holds(async () =>
        {
            // The minute begins when the service has begun to wait, which a start does not wait for.
            host.Clock.Advance(TimeSpan.FromMinutes(1));
            return await host.Delivery(old) is null;
        }, "the old one goes after the start");
        (await host.Delivery(newer)).ShouldNotBeNull();
        host.Clock.Advance(TimeSpan.FromDays(30));
        await Eventually.Holds(async () =>
        {
            host.Clock.Advance(TimeSpan.FromHours(1));
            return await host.Delivery(newer) is null;
        }, "the newer one goes later, without another start");
        await sweeper.StopAsync(Cancel);
    }

    [Theory]
    [InlineData("6")]
    [InlineData("3651")]
    [InlineData("-7")]
    [InlineData("soon")]
    public void Days_out_of_range_stop_the_start_with_a_sentence(string days) =>
        Should.Throw<StartUpException>(() => Options(days)).Message.ShouldBe($"The setting Countersign:Webhooks:KeepDays is '{days}': use a whole number from 7 to 3650.");

    [Fact]
    public void Days_in_range_are_taken()
    {
        Options("7").Keep.ShouldBe(TimeSpan.FromDays(7));
        Options("3650").Keep.ShouldBe(TimeSpan.FromDays(3650));
        Options(null).Keep.ShouldBe(TimeSpan.FromDays(90));
    }

    private static WebhookOptions Options(string? days) => WebhookOptions.From(
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Countersign:Webhooks:KeepDays"] = days }).Build(), development: false);

    private static async Task Change(SenderHost host, Guid id, Func<WebhookDelivery, WebhookDelivery> change)
    {
        await using var session = host.Store.LightweightSession(host.Tenant);
        session.Store(change(await host.Delivery(id)));
        await session.SaveChangesAsync(Cancel);
    }
}
