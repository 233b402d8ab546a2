namespace Countersign.Client.Usage;

/// <summary>A plan that is offered.</summary>
/// <param name="Key">Stable key.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Summary">One or two sentences for people.</param>
/// <param name="CasesPerMonth">Cases that may be completed or open in a calendar month (UTC); null: no limit.</param>
/// <param name="PricePerCase">Price of a completed case.</param>
/// <param name="Current">Whether it is the tenant's.</param>
public sealed record PlanView(string Key, string Name, string Summary, int? CasesPerMonth, Money PricePerCase, bool Current);

/// <summary>Chooses a plan.</summary>
/// <param name="Plan">Key of the plan.</param>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record ChoosePlanRequest(string Plan, string Reason);

/// <summary>What a tenant used of a month, and what it costs.</summary>
/// <param name="Month">First day of the month (UTC).</param>
/// <param name="Plan">The plan in force now.</param>
/// <param name="Completed">Completed cases: lines of the ledger.</param>
/// <param name="Open">Cases that run now.</param>
/// <param name="MayStart">Whether another case may be started now.</param>
/// <param name="Sentence">What to do when it may not; null otherwise.</param>
/// <param name="Amount">Price of the completed cases by the plan in force now.</param>
/// <param name="Billed">False: nothing is billed through Stripe, so the amount is what would be.</param>
/// <param name="Reports">Lines by what became of telling them to Stripe: <c>sent</c>, <c>waiting</c>, <c>rejected</c>; empty when nothing is told.</param>
/// <param name="Days">Completed cases by day (UTC) and process.</param>
/// <param name="Payment">What is wrong with the payment of the plan that was chosen; null: nothing.</param>
public sealed record UsageView(DateOnly Month, PlanView Plan, long Completed, long Open, bool MayStart, string? Sentence, Money Amount, bool Billed,
    IReadOnlyDictionary<string, long> Reports, IReadOnlyList<UsageDay> Days, PaymentTroubleView? Payment = null);

/// <summary>What is wrong with the payment of the plan that was chosen. Open cases, reading and exports never depend on it.</summary>
/// <param name="Status"><c>overdue</c>: nothing is limited yet; <c>limited</c>: the time of grace is over, new starts have the default plan's limit; <c>ended</c>: the subscription
/// was ended, and the default plan is in force until a plan is chosen again.</param>
/// <param name="Plan">Key of the plan that was chosen.</param>
/// <param name="Since">When it was learned (UTC).</param>
/// <param name="LimitedFrom">From when new starts have the default plan's limit (UTC).</param>
/// <param name="Remedy">What to do, in one or two sentences.</param>
public sealed record PaymentTroubleView(string Status, string Plan, DateTimeOffset Since, DateTimeOffset LimitedFrom, string Remedy);

/// <summary>Completed cases of a day and a process.</summary>
public sealed record UsageDay(DateOnly Day, string Process, long Completed);

/// <summary>One line of the ledger: one completed case, and the event that says so.</summary>
/// <param name="EventId">Id of the event in the trail.</param>
/// <param name="InstanceId">The case.</param>
/// <param name="Process">Its process.</param>
/// <param name="Leaf">Index of the event's leaf in the tenant's log: an inclusion proof can be asked for it.</param>
/// <param name="At">When it was completed (UTC).</param>
public sealed record UsageLineView(Guid EventId, Guid InstanceId, string Process, long Leaf, DateTimeOffset At);
