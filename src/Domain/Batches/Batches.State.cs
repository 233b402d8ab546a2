using Countersign.Domain.Tenants;

namespace Countersign.Domain.Batches;

/// <summary>Where a batch stands.</summary>
public enum BatchPhase
{
    /// <summary>Waits for a node, or is carried out.</summary>
    Open,

    /// <summary>What is under way is finished, the rest is left.</summary>
    Cancelling,

    /// <summary>Every part was reached.</summary>
    Completed,

    /// <summary>Ended early.</summary>
    Cancelled,
}

/// <summary>State of a batch, folded from its events. How far it is stands in the rows of its parts.</summary>
public sealed record BatchState(Guid Id, BatchPhase Phase, BatchOrder Order, bool DryRun, string Selection, int Total, string Reason, string By, ActorKind ByKind, DateTimeOffset At)
{
    /// <summary>How its parts went; null before it has ended.</summary>
    public BatchCounts? Counts { get; init; }

    /// <summary>When it ended (UTC), or null.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Folds one event; never throws.</summary>
    public static BatchState? Evolve(BatchState? state, IBatchEvent @event) => (state, @event) switch
    {
        (_, BatchRequested e) => new BatchState(e.BatchId, BatchPhase.Open, e.Order, e.DryRun, e.Selection, e.Total, e.Reason, e.By, e.ByKind, e.At),
        ({ } s, BatchCancelAsked) => s with { Phase = BatchPhase.Cancelling },
        ({ } s, BatchCompleted e) => s with { Phase = BatchPhase.Completed, Counts = e.Counts, EndedAt = e.At },
        ({ } s, BatchCancelled e) => s with { Phase = BatchPhase.Cancelled, Counts = e.Counts, EndedAt = e.At },
        _ => state,
    };
}
