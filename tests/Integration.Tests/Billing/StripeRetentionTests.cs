using Countersign.Billing.Payments;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Billing;

/// <summary>How long Stripe's events are kept.</summary>
public sealed class StripeRetentionTests(PostgresFixture postgres) : StripeTest(postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Handled_events_go_after_their_days_and_one_that_waits_stays()
    {
        var subscription = Fake.Subscriptions.Values.ShouldHaveSingleItem();
        var keep = Node.Services.GetRequiredService<StripeOptions>().Keep;
        keep.ShouldBe(TimeSpan.FromDays(90));
        var sweeper = Node.Services.GetRequiredService<StripeSweeper>();
        await Take("evt_handled", "customer.subscription.updated", subscription);
        await Handle();
        Fake.Trouble = _ => StripeTrouble.Fails;
        await Take("evt_waits", "customer.subscription.updated", subscription);
        await Handle();
        // The clock of this host runs on by itself: some minutes are left for it.
        Clock.Advance(keep - TimeSpan.FromMinutes(10));
        (await sweeper.Sweep(Cancel)).ShouldBe(0, "nothing goes before its days are over");
        (await Take("evt_handled", "customer.subscription.updated", subscription)).ShouldBe(Intake.Known, "a copy is known as long as the event is kept");
        Clock.Advance(TimeSpan.FromMinutes(20));
        (await sweeper.Sweep(Cancel)).ShouldBe(1);
        Clock.Advance(TimeSpan.FromDays(3650));
        (await sweeper.Sweep(Cancel)).ShouldBe(0);
        (await Scalar<string>("select string_agg(id, ',') from cs.stripe_events")).ShouldBe("evt_waits");
        Fake.Trouble = _ => StripeTrouble.None;
        await Handle();
        (await Scalar<long>("select count(*) from cs.stripe_events where handled_at is null")).ShouldBe(0, "what waited for years is handled all the same");
    }

    [Fact]
    public async Task More_than_a_step_goes_in_one_sweep_and_two_nodes_share_the_work()
    {
        await using (var many = Store.Connections.Writer.CreateCommand(
            "insert into cs.stripe_events (id, type, body, received_at, handled_at, next_attempt_at) select 'evt_' || n, 't', '{}', now(), now(), now() from generate_series(1, 2500) n"))
            await many.ExecuteNonQueryAsync(Cancel);
        var sweeper = Node.Services.GetRequiredService<StripeSweeper>();
        Clock.Advance(TimeSpan.FromDays(91));
        var removed = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => sweeper.Sweep(Cancel)));
        (removed.Sum() + await sweeper.Sweep(Cancel)).ShouldBe(2_500);
    }
}

/// <summary>Which numbers of days are taken.</summary>
public sealed class StripeRetentionSettingTests
{
    [Theory]
    [InlineData("30")]
    [InlineData("3651")]
    [InlineData("a year")]
    public void Days_that_are_fewer_than_Stripe_sends_again_stop_the_start(string days) =>
        Should.Throw<InvalidDataException>(() => StripeOptions.From(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Countersign:Stripe:KeepDays"] = days }).Build()))
            .Message.ShouldBe($"Countersign:Stripe:KeepDays is '{days}': use a whole number from 31 to 3650.");
}
