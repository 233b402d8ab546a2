using System.Collections.Immutable;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Plans;

/// <summary>Chooses a plan.</summary>
/// <param name="Plan">Key of the plan.</param>
/// <param name="Reason">Why; kept in the trail.</param>
/// <param name="By">Who chooses.</param>
public sealed record ChoosePlan(string Plan, string Reason, Actor By);

/// <summary>What was read of the subscription that serves a plan.</summary>
/// <param name="Plan">Key of the plan in force, chosen or default.</param>
/// <param name="SubscriptionId">Stripe's id.</param>
/// <param name="Status">Stripe's word.</param>
/// <param name="Overdue">Whether its payment is overdue, or one before it is still owed.</param>
/// <param name="EndedAt">When it was ended by others than this service (UTC); null: it was not.</param>
/// <param name="MadeFor">Time of the choice it was made for (UTC), or null where that is not known.</param>
public sealed record SeeSubscription(string Plan, string SubscriptionId, string Status, bool Overdue, DateTimeOffset? EndedAt, DateTimeOffset? MadeFor);

/// <summary>State of a tenant's plan.</summary>
/// <param name="Plan">Key of the plan.</param>
/// <param name="Since">Since when (UTC).</param>
public sealed record PlanState(string Plan, DateTimeOffset Since)
{
    /// <summary>When it was learned that its subscription was ended by others (UTC); null: the plan is in force.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The subscription whose end was recorded last, or null.</summary>
    public string? EndedSubscription { get; init; }

    /// <summary>Since when its payment is overdue (UTC), or null.</summary>
    public DateTimeOffset? OverdueSince { get; init; }

    /// <summary>The subscription whose payment is overdue, or null.</summary>
    public string? OverdueSubscription { get; init; }

    /// <summary>Folds one event; never throws.</summary>
    public static PlanState? Evolve(PlanState? state, IPlanEvent @event) => @event switch
    {
        // A debt is settled neither by choosing again nor by the end of its subscription.
        PlanChosen e => (state ?? new PlanState(e.Plan, e.At)) with { Plan = e.Plan, Since = e.At, EndedAt = null },
        PlanEnded e => (state ?? OfDefault(e.Plan)) with { EndedAt = e.At, EndedSubscription = e.SubscriptionId },
        PlanPaymentChanged e => (state ?? OfDefault(e.Plan)) with { OverdueSince = e.Overdue ? e.At : null, OverdueSubscription = e.Overdue ? e.SubscriptionId : null },
        _ => state,
    };

    private static PlanState OfDefault(string plan) => new(plan, DateTimeOffset.UnixEpoch);
}

/// <summary>Pure decisions about plans.</summary>
public static class PlanDecider
{
    /// <summary>Chooses a plan; the one in force again adds nothing.</summary>
    /// <param name="state">State, or null while the default plan is in force.</param>
    /// <param name="command">The command.</param>
    /// <param name="offered">Keys of the plans that are offered.</param>
    /// <param name="now">The command's time (UTC).</param>
    public static Outcome Decide(PlanState? state, ChoosePlan command, IReadOnlyCollection<string> offered, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(offered);
        if (!offered.Contains(command.Plan, StringComparer.Ordinal))
            return Outcome.Refuse(RefusalKind.Invalid, "plan.unknown", $"There is no plan of this name. Choose one of: {string.Join(", ", offered)}.");
        if (string.IsNullOrWhiteSpace(command.Reason) || command.Reason.Length > 2000)
            return Outcome.Refuse(RefusalKind.Invalid, "plan.reason_missing", "Give a reason of 1 to 2,000 characters; it is kept in the trail.");
        // A plan that has ended is not in force: it can be chosen again.
        return state is { EndedAt: null } && state.Plan == command.Plan ? Outcome.Nothing : Outcome.Of(new PlanChosen(command.Plan, command.By.Id, command.Reason, now));
    }

    /// <summary>Takes what was read of a subscription; the same again adds nothing.</summary>
    /// <param name="state">State, or null while no plan was chosen.</param>
    /// <param name="command">The reading.</param>
    /// <param name="now">When it is learned (UTC).</param>
    public static Outcome Decide(PlanState? state, SeeSubscription command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        var facts = ImmutableArray.CreateBuilder<object>();
        if (command.EndedAt is { } ended)
        {
            // An end from before the choice, of a subscription made for an earlier choice, ends that earlier choice only: the newer one gets a subscription of its own.
            var earlier = state is not null && command.MadeFor != state.Since && ended < state.Since;
            if (!earlier && state?.EndedSubscription != command.SubscriptionId)
                facts.Add(new PlanEnded(command.Plan, command.SubscriptionId, command.Status, now));
        }

        if (command.Overdue != state?.OverdueSince is not null)
            facts.Add(new PlanPaymentChanged(command.Plan, command.SubscriptionId, command.Status, command.Overdue, now));
        return Outcome.OfAll(facts.DrainToImmutable());
    }
}
