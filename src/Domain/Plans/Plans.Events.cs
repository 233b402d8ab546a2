namespace Countersign.Domain.Plans;

/// <summary>A fact in the stream of a tenant's plan (one stream, <c>plan</c>).</summary>
public interface IPlanEvent;

/// <summary>A plan was chosen; it holds from then on.</summary>
/// <param name="Plan">Key of the plan.</param>
/// <param name="By">Actor id.</param>
/// <param name="Reason">Why; 1 to 2,000 characters.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record PlanChosen(string Plan, string By, string Reason, DateTimeOffset At) : IPlanEvent;
