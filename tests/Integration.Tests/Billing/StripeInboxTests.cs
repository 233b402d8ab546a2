using System.Globalization;
using Countersign.Billing.Payments;
using Countersign.Integration.Tests.Instances;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Stripe;
using Xunit;

namespace Countersign.Integration.Tests.Billing;

public sealed class StripeInboxTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("countersign-billing-");
    private readonly SteppingClock _clock = new();
    private TestDatabase _database = null!;
    private FakeStripe _stripe = null!;
    private BillingHost _node = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await BillingHost.Database(postgres);
        _stripe = await FakeStripe.StartAsync();
        _node = await BillingHost.Start(_database, _stripe, _folder.FullName, _clock);
        await _node.Publish(TestProcesses.Straight);
        await _node.Choose("business");
        await _node.Run("straight", 1);
        await Eventually.Holds(async () =>
        {
            await _node.Pass(TestContext.Current.CancellationToken);
            return _stripe.Meter.Count == 1;
        }, "the tenant has an account");
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _stripe.DisposeAsync();
        await _database.DisposeAsync();
        foreach (var file in _folder.EnumerateFiles("*", SearchOption.AllDirectories))
            file.Attributes = FileAttributes.Normal;
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_order_of_five_events_ends_in_what_Stripe_says_now()
    {
        var subscription = _stripe.Subscriptions.Values.ShouldHaveSingleItem();
        string[] types = ["customer.subscription.created", "customer.subscription.updated", "invoice.payment_failed", "invoice.paid", "customer.subscription.deleted"];
        var order = 0;
        foreach (var permutation in Permutations(types))
        {
            // What the events themselves say is old: each is about a time when it was active.
            foreach (var type in permutation)
                (await Take(string.Create(CultureInfo.InvariantCulture, $"evt_{order}_{type}"), type, subscription)).ShouldBe(Intake.Stored);
            var status = (order % 3) switch { 0 => "past_due", 1 => "active", _ => "unpaid" };
            _stripe.Subscriptions[subscription.Id] = subscription with { Status = status };
            await Handle();
            (await Status()).ShouldBe(status, string.Join(", ", permutation));
            order++;
        }

        order.ShouldBe(120);
        (await Scalar<long>("select count(*) from cs.stripe_events where handled_at is null")).ShouldBe(0);
        _stripe.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_thousand_copies_at_once_are_one_event_handled_once()
    {
        var subscription = _stripe.Subscriptions.Values.ShouldHaveSingleItem();
        var taken = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Take("evt_same", "customer.subscription.updated", subscription)));
        taken.Count(t => t == Intake.Stored).ShouldBe(1);
        taken.Count(t => t == Intake.Known).ShouldBe(999);
        var before = _stripe.Calls;
        await Handle();
        await Handle();
        (_stripe.Calls - before).ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_old_or_missing_signature_stores_nothing()
    {
        var body = Body("evt_bad", "customer.subscription.updated", _stripe.Subscriptions.Values.Single());
        var inbox = _node.Services.GetRequiredService<StripeInbox>();
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        string?[] signatures =
        [
            null, "", "t=1", "v1=abc", "nonsense", EventUtility.GenerateSignatureHeader(body, "whsec_other", now), EventUtility.GenerateSignatureHeader(body, BillingHost.Secret, now - 301),
            EventUtility.GenerateSignatureHeader(body + " ", BillingHost.Secret, now), EventUtility.GenerateSignatureHeader(body, BillingHost.Secret, now).Replace("v1=", "v0=", StringComparison.Ordinal),
        ];
        foreach (var signature in signatures)
            (await inbox.Take(body, signature, CancellationToken.None)).ShouldBe(Intake.Refused, signature);
        foreach (var odd in new[] { "", "null", "[]", "{}", "{\"id\":5}", "{\"object\":\"event\"}", "\"evt\"" })
            (await inbox.Take(odd, EventUtility.GenerateSignatureHeader(odd, BillingHost.Secret, now), CancellationToken.None)).ShouldBe(Intake.Refused, odd);
        (await Scalar<long>("select count(*) from cs.stripe_events")).ShouldBe(0);
        (await inbox.Take(body, EventUtility.GenerateSignatureHeader(body, BillingHost.Secret, now - 299), CancellationToken.None)).ShouldBe(Intake.Stored);
    }

    [Fact]
    public async Task While_Stripe_is_down_events_wait_and_are_handled_after()
    {
        var subscription = _stripe.Subscriptions.Values.Single();
        await Take("evt_wait", "customer.subscription.updated", subscription);
        _stripe.Subscriptions[subscription.Id] = subscription with { Status = "past_due" };
        _stripe.Trouble = _ => StripeTrouble.Fails;
        await _node.Pass(TestContext.Current.CancellationToken);
        (await Status()).ShouldBe("active");
        _stripe.Trouble = _ => StripeTrouble.None;
        await Handle();
        (await Status()).ShouldBe("past_due");
    }

    [Fact]
    public async Task Another_plan_ends_the_subscription_and_the_first_again_makes_a_new_one()
    {
        await _node.Choose("free");
        await Handle();
        _stripe.Subscriptions.Values.Single().Status.ShouldBe("canceled");
        await _node.Choose("business");
        await Handle();
        _stripe.Subscriptions.Values.Select(s => s.Status).Order().ShouldBe(["active", "canceled"]);
        _stripe.Customers.Count.ShouldBe(1);
        await Handle();
        _stripe.Subscriptions.Count.ShouldBe(2);
    }

    private async Task Handle()
    {
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _node.Pass(TestContext.Current.CancellationToken);
    }

    private Task<Intake> Take(string id, string type, FakeSubscription subscription)
    {
        var body = Body(id, type, subscription);
        return _node.Services.GetRequiredService<StripeInbox>().Take(body, EventUtility.GenerateSignatureHeader(body, BillingHost.Secret, _clock.GetUtcNow().ToUnixTimeSeconds()), CancellationToken.None);
    }

    private static string Body(string id, string type, FakeSubscription subscription)
    {
        var thing = type.StartsWith("invoice.", StringComparison.Ordinal) ? $$"""{"id":"in_1","object":"invoice","customer":"{{subscription.Customer}}"}""" : (subscription with { Status = "active" }).Json;
        return $$$"""{"id":"{{{id}}}","object":"event","api_version":"2025-01-01.acacia","created":1,"livemode":false,"type":"{{{type}}}","data":{"object":{{{thing}}}},"pending_webhooks":1,"request":{"id":null,"idempotency_key":null}}""";
    }

    private Task<string> Status() => Scalar<string>("select status from cs.billing_accounts");

    private async Task<T> Scalar<T>(string sql)
    {
        await using var command = _database.Connections.Writer.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static IEnumerable<string[]> Permutations(string[] items) => items.Length <= 1 ? [items]
        : items.SelectMany((first, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (string[])[first, .. rest]));
}
