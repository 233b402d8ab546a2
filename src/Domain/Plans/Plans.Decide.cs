using Countersign.Domain.Tenants;

namespace Countersign.Domain.Plans;

/// <summary>Chooses a plan.</summary>
/// <param name="Plan">Key of the plan.</param>
/// <param name="Reason">Why; kept in the trail.</param>
/// <param name="By">Who chooses.</param>
public sealed record ChoosePlan(string Plan, string Reason, Actor By);

/// <summary>State of a tenant's plan.</summary>
/// <param name="Plan">Key of the plan.</param>
/// <param name="Since">Since when (UTC).</param>
public sealed record PlanState(string Plan, DateTimeOffset Since)
{
    /// <summary>Folds one event; never throws.</summary>
    public static PlanState? Evolve(PlanState? state, IPlanEvent @event) => @event is PlanChosen e ? new PlanState(e.Plan, e.At) : state;
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
        return state?.Plan == command.Plan ? Outcome.Nothing : Outcome.Of(new PlanChosen(command.Plan, command.By.Id, command.Reason, now));
    }
}
