namespace Countersign.Domain.Plans;

/// <summary>A fact in the stream of a tenant's plan (one stream, <c>plan</c>).</summary>
public interface IPlanEvent;

/// <summary>A plan was chosen; it holds from then on.</summary>
/// <param name="Plan">Key of the plan.</param>
/// <param name="By">Actor id.</param>
/// <param name="Reason">Why; 1 to 2,000 characters.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record PlanChosen(string Plan, string By, string Reason, DateTimeOffset At) : IPlanEvent;

/// <summary>The subscription of the plan was ended by Stripe or in Stripe: the default plan holds until a plan is chosen again.</summary>
/// <param name="Plan">Key of the plan that ended.</param>
/// <param name="SubscriptionId">Stripe's id of the subscription.</param>
/// <param name="Status">Stripe's word for how it ended.</param>
/// <param name="At">When it was learned (UTC).</param>
public sealed record PlanEnded(string Plan, string SubscriptionId, string Status, DateTimeOffset At) : IPlanEvent;

/// <summary>The payment of the plan's subscription became overdue, or is overdue no more.</summary>
/// <param name="Plan">Key of the plan.</param>
/// <param name="SubscriptionId">Stripe's id of the subscription.</param>
/// <param name="Status">Stripe's word for its status.</param>
/// <param name="Overdue">Whether it is overdue from now on.</param>
/// <param name="At">When it was learned (UTC); the time of grace is counted from here.</param>
public sealed record PlanPaymentChanged(string Plan, string SubscriptionId, string Status, bool Overdue, DateTimeOffset At) : IPlanEvent;
