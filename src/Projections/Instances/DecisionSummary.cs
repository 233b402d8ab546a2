using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Projections.Store;
using JasperFx.Events;
using Marten.Events.Projections;

namespace Countersign.Projections.Instances;

/// <summary>A decision as lists read it; about a second behind. The record itself is read from the instance.</summary>
/// <param name="Id">Decision id.</param>
public sealed record DecisionSummary(string Id, Guid InstanceId, string ProcessKey, string ElementId, string PolicyKey, int PolicyVersion, Verdict Verdict, decimal Confidence,
    decimal Impact, bool Reviewed, string? Reason, DateTimeOffset At);

/// <summary>Keeps <see cref="DecisionSummary"/>.</summary>
public sealed partial class DecisionSummaryProjection : MultiStreamProjection<DecisionSummary, string>
{
    /// <summary>A decision is found by its own id, its review by the decision's.</summary>
    public DecisionSummaryProjection()
    {
        Name = "decision_summary";
        Identity<DecisionRecorded>(e => e.Decision.DecisionId);
        Identity<DecisionReviewed>(e => e.DecisionId);
    }

    /// <inheritdoc/>
    public override DecisionSummary? Evolve(DecisionSummary? snapshot, string id, IEvent e) => (snapshot, e.Data) switch
    {
        (null, DecisionRecorded r) => Of(r.Decision, StreamsOf.InstanceOf(e.StreamKey ?? "") ?? Guid.Empty),
        ({ }, DecisionReviewed) => snapshot with { Reviewed = true },
        _ => snapshot,
    };

    private static DecisionSummary Of(DecisionRecord d, Guid instance) => new(d.DecisionId, instance, d.Process?.Key ?? "", d.ElementId, d.Policy.Key, d.Policy.Version, d.Verdict, d.Confidence, d.Impact,
        false, d.Reasons.IsDefaultOrEmpty ? null : d.Reasons[0], d.At);
}
