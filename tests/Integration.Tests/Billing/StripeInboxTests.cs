using System.Globalization;
using Countersign.Billing.Payments;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Stripe;
using Xunit;

namespace Countersign.Integration.Tests.Billing;

public sealed class StripeInboxTests(PostgresFixture postgres) : StripeTest(postgres)
{
    [Fact]
    public async Task Every_order_of_five_events_ends_in_what_Stripe_says_now()
    {
        var subscription = Fake.Subscriptions.Values.ShouldHaveSingleItem();
        string[] types = ["customer.subscription.created", "customer.subscription.updated", "invoice.payment_failed", "invoice.paid", "customer.subscription.deleted"];
        var order = 0;
        foreach (var permutation in Permutations(types))
        {
            // What the events themselves say is old: each is about a time when it was active.
            foreach (var type in permutation)
                (await Take(string.Create(CultureInfo.InvariantCulture, $"evt_{order}_{type}"), type, subscription)).ShouldBe(Intake.Stored);
            var status = (order % 3) switch { 0 => "past_due", 1 => "active", _ => "unpaid" };
            Fake.Subscriptions[subscription.Id] = subscription with { Status = status };
            await Handle();
            (await Status()).ShouldBe(status, string.Join(", ", permutation));
            order++;
        }

        order.ShouldBe(120);
        (await Scalar<long>("select count(*) from cs.stripe_events where handled_at is null")).ShouldBe(0);
        Fake.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_thousand_copies_at_once_are_one_event_handled_once()
    {
        var subscription = Fake.Subscriptions.Values.ShouldHaveSingleItem();
        var taken = await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Take("evt_same", "customer.subscription.updated", subscription)));
        taken.Count(t => t == Intake.Stored).ShouldBe(1);
        taken.Count(t => t == Intake.Known).ShouldBe(999);
        var before = Fake.Calls;
        await Handle();
        await Handle();
        (Fake.Calls - before).ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_old_or_missing_signature_stores_nothing()
    {
        var body = Body("evt_bad", "customer.subscription.updated", Fake.Subscriptions.Values.Single());
        var inbox = Node.Services.GetRequiredService<StripeInbox>();
        var now = Clock.GetUtcNow().ToUnixTimeSeconds();
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
        var subscription = Fake.Subscriptions.Values.Single();
        await Take("evt_wait", "customer.subscription.updated", subscription);
        Fake.Subscriptions[subscription.Id] = subscription with { Status = "past_due" };
        Fake.Trouble = _ => StripeTrouble.Fails;
        await Node.Pass(TestContext.Current.CancellationToken);
        (await Status()).ShouldBe("active");
        Fake.Trouble = _ => StripeTrouble.None;
        await Handle();
        (await Status()).ShouldBe("past_due");
    }

    [Fact]
    public async Task Another_plan_ends_the_subscription_and_the_first_again_makes_a_new_one()
    {
        await Node.Choose("free");
        await Handle();
        Fake.Subscriptions.Values.Single().Status.ShouldBe("canceled");
        await Node.Choose("business");
        await Handle();
        Fake.Subscriptions.Values.Select(s => s.Status).Order().ShouldBe(["active", "canceled"]);
        Fake.Customers.Count.ShouldBe(1);
        await Handle();
        Fake.Subscriptions.Count.ShouldBe(2);
    }
}
