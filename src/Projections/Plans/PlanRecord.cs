namespace Countersign.Projections.Plans;

/// <summary>The plan a tenant has chosen, as requests and billing read it; no row while the default plan is in force.</summary>
/// <param name="Id">Always <see cref="Only"/>.</param>
/// <param name="Plan">Key of the plan.</param>
/// <param name="Since">Since when (UTC).</param>
/// <param name="EndedAt">When it was learned that its subscription was ended by others (UTC): the default plan is in force. Null: the plan is.</param>
/// <param name="OverdueSince">Since when its payment is overdue (UTC), or null.</param>
/// <param name="OverdueSubscription">The subscription whose payment is overdue, or null.</param>
public sealed record PlanRecord(string Id, string Plan, DateTimeOffset Since, DateTimeOffset? EndedAt = null, DateTimeOffset? OverdueSince = null, string? OverdueSubscription = null)
{
    /// <summary>Id of the one row.</summary>
    public const string Only = "plan";
}
