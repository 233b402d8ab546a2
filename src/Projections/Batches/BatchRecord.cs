using Countersign.Domain.Batches;
using Countersign.Domain.Tenants;

namespace Countersign.Projections.Batches;

/// <summary>A batch as requests read it; how far an open one is stands in <see cref="BatchTables.Items"/>.</summary>
public sealed record BatchRecord(Guid Id, BatchPhase Phase, BatchOrder Order, bool DryRun, string Selection, int Total, string Reason, string By, ActorKind ByKind, DateTimeOffset At,
    BatchCounts? Counts, DateTimeOffset? EndedAt)
{
    /// <summary>The row of a batch.</summary>
    public static BatchRecord Of(BatchState s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return new BatchRecord(s.Id, s.Phase, s.Order, s.DryRun, s.Selection, s.Total, s.Reason, s.By, s.ByKind, s.At, s.Counts, s.EndedAt);
    }
}
