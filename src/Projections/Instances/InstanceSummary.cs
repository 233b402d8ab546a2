using System.Collections.Immutable;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Projections.Store;
using JasperFx.Events;
using Marten.Events.Aggregation;

namespace Countersign.Projections.Instances;

/// <summary>An instance as lists and figures read it; about a second behind.</summary>
/// <param name="Id">Its stream.</param>
/// <param name="Status"><c>running</c>, <c>suspended</c>, <c>completed</c>, <c>cancelled</c> or <c>continued</c> (in a successor, which is the case from then on).</param>
/// <param name="Incidents">Open incidents.</param>
/// <param name="IncidentsEver">Incidents raised so far.</param>
/// <param name="FirstVerdict">What the first decision said, or null before it.</param>
/// <param name="DecidedAt">When the first decision was recorded (UTC).</param>
/// <param name="People">Whether a person was ever asked.</param>
/// <param name="NearLimit">Whether it runs and has come near its limit of facts.</param>
public sealed record InstanceSummary(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string Status, string? BusinessKey, DateTimeOffset StartedAt,
    string StartedBy, DateTimeOffset? EndedAt, int Incidents, int IncidentsEver, Verdict? FirstVerdict, DateTimeOffset? DecidedAt, bool People,
    bool NearLimit = false);

/// <summary>Keeps <see cref="InstanceSummary"/>.</summary>
public sealed partial class InstanceSummaryProjection : SingleStreamProjection<InstanceSummary, string>
{
    /// <summary>By this name its progress is kept.</summary>
    internal const string ProjectionName = "instance_summary";

    /// <summary>The kinds of facts that change a summary; others are not even read. A test compares.</summary>
    internal static readonly ImmutableArray<Type> Kinds = [typeof(InstanceStarted), typeof(InstanceCompleted), typeof(InstanceCancelled), typeof(InstanceSuspended),
        typeof(InstanceResumed), typeof(InstanceMigrated), typeof(IncidentRaised), typeof(IncidentResolved), typeof(DecisionRecorded), typeof(TaskCreated),
        typeof(InstanceLimitNeared), typeof(InstanceLimitRaised), typeof(InstanceContinued), typeof(InstanceTakenOver)];

    /// <summary>Only streams of instances.</summary>
    public InstanceSummaryProjection()
    {
        Name = ProjectionName;
        foreach (var kind in Kinds)
            IncludeType(kind);
    }

    /// <inheritdoc/>
    public override InstanceSummary? Evolve(InstanceSummary? snapshot, string id, IEvent e) => Fold(snapshot, id, e.Data);

    internal static InstanceSummary? Fold(InstanceSummary? s, string stream, object fact) => (s, fact) switch
    {
        (null, InstanceStarted e) when StreamsOf.InstanceOf(stream) is { } id =>
            new(stream, id, e.ProcessKey, e.Version, "running", e.BusinessKey, e.At, e.By, null, 0, 0, null, null, false),
        (null, InstanceTakenOver { State: { } state } e) when StreamsOf.InstanceOf(stream) is { } id => TakenOver(stream, id, e, state),
        ({ }, InstanceContinued e) => s with { Status = "continued", EndedAt = e.At, Incidents = 0, NearLimit = false },
        ({ }, InstanceCompleted e) => s with { Status = "completed", EndedAt = e.At, Incidents = 0, NearLimit = false },
        ({ }, InstanceCancelled e) => s with { Status = "cancelled", EndedAt = e.At, Incidents = 0, NearLimit = false },
        ({ }, InstanceSuspended) => s with { Status = "suspended" },
        ({ }, InstanceResumed) => s with { Status = "running" },
        ({ }, InstanceMigrated e) => s with { ProcessVersion = e.Version },
        ({ }, IncidentRaised) => s with { Incidents = s.Incidents + 1, IncidentsEver = s.IncidentsEver + 1 },
        ({ }, IncidentResolved) => s with { Incidents = Math.Max(0, s.Incidents - 1) },
        ({ FirstVerdict: null }, DecisionRecorded e) => s with { FirstVerdict = e.Decision.Verdict, DecidedAt = e.Decision.At },
        ({ }, InstanceLimitNeared) => s with { NearLimit = true },
        ({ }, InstanceLimitRaised) => s with { NearLimit = false },
        ({ People: false }, TaskCreated) => s with { People = true },
        _ => s,
    };

    /// <summary>A successor is the case from here on: it began when the first of its chain began, and what was decided and who was asked before counts with it.</summary>
    private static InstanceSummary TakenOver(string stream, Guid id, InstanceTakenOver e, InstanceState state)
    {
        var first = state.Decisions.Values.Where(d => d.At is not null).OrderBy(d => d.At).FirstOrDefault();
        var people = !state.Tasks.IsEmpty || !state.ClosedTasks.IsEmpty || !state.Completers.IsEmpty;
        return new InstanceSummary(stream, id, e.ProcessKey, e.Version, state.SuspendedAt is null ? "running" : "suspended", e.BusinessKey, state.StartedAt, state.StartedBy, null, state.Incidents.Count,
            state.Incidents.Count, first is null ? null : VerdictWords.Read(first.Verdict), first?.At, people);
    }
}
