using Countersign.Domain;
using Countersign.Domain.Plans;
using Countersign.Domain.Tenants;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Plans;

public sealed class PlanDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Offered = ["free", "business"];

    [Fact]
    public void The_end_of_a_subscription_is_a_fact_once_and_the_plan_can_be_chosen_again()
    {
        var state = After(null, Choose(null, "business", Noon));
        var ended = Ended("sub_1", Noon.AddDays(3), Noon);
        state = After(state, PlanDecider.Decide(state, ended, Noon.AddDays(4)));
        state!.EndedAt.ShouldBe(Noon.AddDays(4));
        PlanDecider.Decide(state, ended, Noon.AddDays(5)).ShouldBe(Outcome.Nothing);
        state = After(state, Choose(state, "business", Noon.AddDays(6)));
        state!.EndedAt.ShouldBeNull();
        // Told again late, the old end does not end the newer choice.
        PlanDecider.Decide(state, ended, Noon.AddDays(7)).ShouldBe(Outcome.Nothing);
        // The end of the newer choice's own subscription does.
        state = After(state, PlanDecider.Decide(state, Ended("sub_2", Noon.AddDays(8), Noon.AddDays(6)), Noon.AddDays(8)));
        state!.EndedAt.ShouldBe(Noon.AddDays(8));
    }

    [Fact]
    public void An_end_from_before_the_choice_ends_only_what_was_made_for_that_choice()
    {
        var state = After(null, Choose(null, "business", Noon));
        PlanDecider.Decide(state, Ended("sub_0", Noon.AddMinutes(-1), Noon.AddDays(-9)), Noon).ShouldBe(Outcome.Nothing);
        // Clocks differ: what was made for this choice ended after it, whatever Stripe's clock says.
        PlanDecider.Decide(state, Ended("sub_1", Noon.AddSeconds(-1), Noon), Noon).ShouldNotBe(Outcome.Nothing);
        // A choice that was served by the subscription of an earlier one ends with it.
        PlanDecider.Decide(state, Ended("sub_0", Noon.AddMinutes(1), Noon.AddDays(-9)), Noon).ShouldNotBe(Outcome.Nothing);
    }

    [Fact]
    public void Choosing_again_does_not_settle_a_debt_and_paying_does()
    {
        var state = After(null, Choose(null, "business", Noon));
        state = After(state, PlanDecider.Decide(state, Reading("past_due", overdue: true), Noon.AddDays(1)));
        PlanDecider.Decide(state, Reading("unpaid", overdue: true), Noon.AddDays(2)).ShouldBe(Outcome.Nothing);
        state = After(state, Choose(state, "free", Noon.AddDays(2)));
        state = After(state, Choose(state, "business", Noon.AddDays(2)));
        state!.OverdueSince.ShouldBe(Noon.AddDays(1));
        state = After(state, PlanDecider.Decide(state, Reading("active", overdue: false), Noon.AddDays(3)));
        state!.OverdueSince.ShouldBeNull();
    }

    [Fact]
    public void The_end_of_a_subscription_does_not_settle_what_it_owes()
    {
        var state = After(null, Choose(null, "business", Noon));
        state = After(state, PlanDecider.Decide(state, Reading("unpaid", overdue: true), Noon.AddDays(1)));
        state = After(state, PlanDecider.Decide(state, Ended("sub_1", Noon.AddDays(2), Noon) with { Overdue = true }, Noon.AddDays(2)));
        state = After(state, Choose(state, "business", Noon.AddDays(3)));
        (state!.OverdueSince, state.OverdueSubscription, state.EndedAt).ShouldBe((Noon.AddDays(1), "sub_1", null));
        // Paid meanwhile: the end and the payment are two facts of one reading.
        ((Outcome.Facts)PlanDecider.Decide(state, Ended("sub_2", Noon.AddDays(4), Noon.AddDays(3)), Noon.AddDays(4))).Events.Length.ShouldBe(2);
    }

    [Fact]
    public void Any_reading_twice_adds_nothing_the_second_time() =>
        Gen.Select(Gen.Int[1, 2], Gen.Bool, Gen.Bool, Gen.Int[-5, 5]).Array[1, 30].Sample(steps =>
        {
            PlanState? state = null;
            var now = Noon;
            foreach (var (subscription, overdue, ended, minutes) in steps)
            {
                now = now.AddMinutes(1);
                if (minutes == 0)
                    state = After(state, Choose(state, "business", now));
                var reading = new SeeSubscription("business", $"sub_{subscription}", "any", overdue && !ended, ended ? now.AddMinutes(minutes) : null, null);
                state = After(state, PlanDecider.Decide(state, reading, now));
                if (PlanDecider.Decide(state, reading, now) != Outcome.Nothing)
                    return false;
            }

            return true;
        });

    private static Outcome Choose(PlanState? state, string plan, DateTimeOffset at) => PlanDecider.Decide(state, new ChoosePlan(plan, "test", Actor.System), Offered, at);

    private static SeeSubscription Ended(string id, DateTimeOffset at, DateTimeOffset madeFor) => new("business", id, "canceled", false, at, madeFor);

    private static SeeSubscription Reading(string status, bool overdue) => new("business", "sub_1", status, overdue, null, Noon);

    private static PlanState? After(PlanState? state, Outcome outcome) => outcome is Outcome.Facts facts ? facts.Events.Cast<IPlanEvent>().Aggregate(state, PlanState.Evolve) : state;
}
