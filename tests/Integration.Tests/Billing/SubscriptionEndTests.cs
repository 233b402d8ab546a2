using Countersign.Billing.Plans;
using Countersign.TestKit.Databases;
using Countersign.TestKit.Services;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Billing;

/// <summary>Subscriptions that Stripe ends, and payments that are overdue.</summary>
public sealed class SubscriptionEndTests(PostgresFixture postgres) : StripeTest(postgres)
{
    [Fact]
    public async Task A_subscription_ended_in_Stripe_is_not_made_again_until_a_plan_is_chosen_again()
    {
        var old = Fake.Subscriptions.Values.ShouldHaveSingleItem();
        EndInStripe(old);
        await Take("evt_end", "customer.subscription.deleted", old);
        await Take("evt_end", "customer.subscription.deleted", old);
        for (var pass = 0; pass < 3; pass++)
            await Handle();
        Fake.Subscriptions.Count.ShouldBe(1);
        (await Facts("plan.ended")).ShouldBe(1);
        var standing = await Standing();
        standing.Plan.Key.ShouldBe("free");
        standing.Limit.ShouldBe(100);
        standing.Trouble!.Standing.ShouldBe(PaymentStanding.Ended);
        standing.Trouble.Remedy.ShouldContain("choose a plan");

        await Node.Choose("business");
        // The old events come once more, and in every order of theirs.
        var order = 0;
        foreach (var types in Permutations(["customer.subscription.deleted", "customer.subscription.updated", "invoice.payment_failed"]))
        {
            foreach (var type in types)
                await Take($"evt_late_{order}_{type}", type, old);
            await Handle();
            order++;
        }

        Fake.Subscriptions.Values.Select(s => s.Status).Order().ShouldBe(["active", "canceled"]);
        (await Facts("plan.ended")).ShouldBe(1);
        (await Standing()).Trouble.ShouldBeNull();
        (await Standing()).Limit.ShouldBeNull();
        Fake.Faults.ShouldBeEmpty();

        // The newer choice's own subscription can end as well.
        EndInStripe(Fake.Subscriptions.Values.Single(s => s.Status == "active"));
        await Later(TimeSpan.FromHours(2));
        (await Facts("plan.ended")).ShouldBe(2);
        Fake.Subscriptions.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_choice_that_is_newer_than_the_end_gets_its_own_subscription_although_the_end_is_learned_later()
    {
        var old = Fake.Subscriptions.Values.Single();
        Fake.Subscriptions[old.Id] = old with { Status = "canceled", EndedAt = Clock.GetUtcNow().AddMinutes(-10).ToUnixTimeSeconds() };
        await Node.Choose("free");
        await Node.Choose("business");
        await Take("evt_end", "customer.subscription.deleted", old);
        await Handle();
        await Handle();
        Fake.Subscriptions.Values.Count(s => s.Status == "active").ShouldBe(1);
        (await Facts("plan.ended")).ShouldBe(0);
        (await Standing()).Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task An_end_no_event_told_of_is_learned_within_the_hour_and_one_Stripe_forgot_is_an_end()
    {
        var old = Fake.Subscriptions.Values.Single();
        Fake.Subscriptions.Remove(old.Id);
        await Later(TimeSpan.FromMinutes(50));
        (await Facts("plan.ended")).ShouldBe(0);
        await Later(TimeSpan.FromMinutes(20));
        (await Facts("plan.ended")).ShouldBe(1);
        await Handle();
        Fake.Subscriptions.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_this_service_ended_itself_is_not_taken_for_an_end_by_Stripe_when_the_answer_was_lost()
    {
        await Node.Choose("free");
        Fake.Trouble = _ => StripeTrouble.ActsAndDies;
        await Handle();
        Fake.Subscriptions.Values.Single().Status.ShouldBe("canceled");
        (await Status()).ShouldBe("active", "The answer did not arrive.");
        Fake.Trouble = _ => StripeTrouble.None;
        await Node.Choose("business");
        await Later(TimeSpan.FromHours(2));
        Fake.Subscriptions.Values.Count(s => s.Status == "active").ShouldBe(1);
        (await Facts("plan.ended")).ShouldBe(0);
        Fake.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_overdue_payment_limits_new_cases_after_the_time_of_grace_and_paying_lifts_it()
    {
        var subscription = Fake.Subscriptions.Values.Single();
        Fake.Subscriptions[subscription.Id] = subscription with { Status = "past_due" };
        await Take("evt_due", "invoice.payment_failed", subscription);
        await Take("evt_due_again", "customer.subscription.updated", subscription);
        await Handle();
        await Handle();
        (await Facts("plan.payment_changed")).ShouldBe(1);
        var standing = await Standing();
        (standing.Trouble!.Standing, standing.Limit).ShouldBe((PaymentStanding.Overdue, null));
        (standing.Trouble.LimitedFrom - standing.Trouble.Since).ShouldBe(TimeSpan.FromDays(14));

        await Later(TimeSpan.FromDays(13.9));
        (await Standing()).Trouble!.Standing.ShouldBe(PaymentStanding.Overdue);
        // Stripe gives the invoice up and keeps the subscription: no new time of grace.
        Fake.Subscriptions[subscription.Id] = subscription with { Status = "unpaid" };
        await Later(TimeSpan.FromDays(0.2));
        standing = await Standing();
        (standing.Trouble!.Standing, standing.Limit, standing.Plan.Key, standing.MayStart).ShouldBe((PaymentStanding.Limited, 100, "business", true));
        var full = standing with { Open = 100 };
        full.MayStart.ShouldBeFalse();
        full.Code.ShouldBe("plan.payment_overdue");
        full.Sentence.ShouldContain("Pay the open invoice");

        Fake.Subscriptions[subscription.Id] = subscription;
        await Take("evt_paid", "invoice.paid", subscription);
        await Handle();
        (await Standing()).Trouble.ShouldBeNull();
        (await Standing()).Limit.ShouldBeNull();
        (await Facts("plan.payment_changed")).ShouldBe(2);
        Fake.Subscriptions.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_debt_outlives_the_choice_of_a_free_plan_and_the_end_of_its_subscription_and_only_paying_settles_it()
    {
        var owing = Fake.Subscriptions.Values.Single();
        Fake.Subscriptions[owing.Id] = owing with { Status = "past_due" };
        Fake.Unpaid["in_1"] = owing.Customer;
        await Take("evt_due", "invoice.payment_failed", owing);
        await Handle();
        var since = (await Standing()).Trouble!.Since;

        await Node.Choose("free");
        await Handle();
        await Handle();
        (await Standing()).Trouble.ShouldBeNull("a plan without a price is not limited by what is owed for another");
        Fake.Subscriptions[owing.Id].Status.ShouldBe("canceled");
        await Node.Choose("business");
        await Handle();
        await Handle();
        var newer = Fake.Subscriptions.Values.Single(s => s.Status == "active");
        ((await Standing()).Trouble!.Standing, (await Standing()).Trouble!.Since).ShouldBe((PaymentStanding.Overdue, since), "a new subscription is active before anything is paid");
        await Later(TimeSpan.FromDays(15));
        (await Standing()).Trouble!.Standing.ShouldBe(PaymentStanding.Limited);

        // Stripe ends the newer one, and it is chosen again: still owed.
        EndInStripe(newer);
        await Later(TimeSpan.FromHours(2));
        (await Standing()).Trouble!.Standing.ShouldBe(PaymentStanding.Ended);
        await Node.Choose("business");
        await Handle();
        await Handle();
        (await Standing()).Trouble!.Standing.ShouldBe(PaymentStanding.Limited);

        Fake.Unpaid.Clear();
        await Take("evt_paid", "invoice.paid", owing);
        await Handle();
        (await Standing()).Trouble.ShouldBeNull();
        (await Facts("plan.payment_changed")).ShouldBe(2);
        Fake.Faults.ShouldBeEmpty();
    }

    private void EndInStripe(FakeSubscription subscription)
    {
        // Stripe's clock counts seconds; the end is after the choice.
        Clock.Advance(TimeSpan.FromSeconds(2));
        Fake.Subscriptions[subscription.Id] = subscription with { Status = "canceled", EndedAt = Clock.GetUtcNow().ToUnixTimeSeconds() };
    }

    private async Task Later(TimeSpan by)
    {
        Clock.Advance(by);
        await Node.Pass(TestContext.Current.CancellationToken);
    }

    private Task<Standing> Standing() => Node.Services.GetRequiredService<Entitlements>().Of(BillingHost.Tenant, TestContext.Current.CancellationToken);

    private Task<long> Facts(string type) => Scalar<long>($"select count(*) from cs.mt_events where type = '{type}'");
}
