namespace Countersign.Client.Dashboards;

/// <summary>The first figures of a tenant over a period.</summary>
/// <param name="Instances">Started in the period.</param>
/// <param name="Decided">Instances of the period with a decision.</param>
/// <param name="StraightThrough">Share (0 to 1) of decided instances that passed without a person; null without decisions.</param>
/// <param name="Escalated">Share (0 to 1) of decided instances that went to a person; null without decisions.</param>
/// <param name="Verdicts">Decisions by verdict.</param>
/// <param name="Errors">Incidents raised in the period.</param>
/// <param name="OpenTasks">Open now.</param>
/// <param name="OpenIncidents">Open now.</param>
/// <param name="ReceiptToDecision">Time from start to decision; null without decisions.</param>
/// <param name="Days">The same counts by day of the tenant's calendar.</param>
public sealed record OverviewView(DateTimeOffset From, DateTimeOffset Before, int Instances, int Running, int Completed, int Cancelled, int Decided,
    double? StraightThrough, double? Escalated, IReadOnlyDictionary<string, int> Verdicts, int Errors, int OpenTasks, int OpenIncidents,
    Percentiles? ReceiptToDecision, IReadOnlyList<DayCount> Days);

/// <summary>Percentiles of a duration.</summary>
/// <param name="P50">Median, milliseconds.</param>
/// <param name="P95">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
public sealed record Percentiles(double P50, double P95, double P99);

/// <summary>Counts of one day.</summary>
public sealed record DayCount(DateOnly Day, int Started, int Accepted, int ToPeople);
