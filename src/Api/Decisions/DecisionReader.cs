using Countersign.Api.Instances;
using Countersign.Client.Decisions;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;

namespace Countersign.Api.Decisions;

/// <summary>Reads a decision record with its reviews out of its instance.</summary>
internal sealed class DecisionReader(InstanceReader instances)
{
    public async Task<DecisionView?> Find(string tenantId, InstanceReading instance, string decisionId, CancellationToken cancellation)
    {
        // A task of a successor may countersign what was decided in a predecessor.
        if (InstanceOf(decisionId) is { } decidedIn && decidedIn != instance.State.Id && instance.State.Earlier.Contains(decidedIn))
        {
            if (await instances.Find(tenantId, decidedIn, cancellation) is not { } earlier)
                return null;
            instance = earlier;
        }

        var record = instance.Events.Select(e => e.Data).OfType<DecisionRecorded>().FirstOrDefault(e => e.Decision.DecisionId == decisionId)?.Decision;
        if (record is null)
            return null;
        var id = instance.State.Id;
        record = await instances.Open(record, tenantId, id, cancellation);
        var reviews = new List<DecisionReview>();
        // The record stays where the decision was made; who reviews it may do so in an instance in which that one goes on.
        for (var at = instance; at is not null; at = at.State.Successor is { } next ? await instances.Find(tenantId, next, cancellation) : null)
        {
            foreach (var reviewed in at.Events.Select(e => e.Data).OfType<DecisionReviewed>().Where(e => e.DecisionId == decisionId))
                reviews.Add(await instances.Open(reviewed.Review, tenantId, at.State.Id, cancellation));
        }

        return DecisionViews.Of(record, id, instance.State, reviews);
    }

    /// <summary>The instance whose decision, task or job this id names: everything inside an instance is <c>instance-sequence</c>.</summary>
    public static Guid? InstanceOf(string insideId)
    {
        var cut = insideId.LastIndexOf('-');
        return cut > 0 && insideId.Length < 80 && Guid.TryParse(insideId.AsSpan(0, cut), out var id) ? id : null;
    }
}
