using System.Globalization;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Batches;

/// <summary>Asks for an act on many instances.</summary>
/// <param name="Open">Batches of the tenant that wait or are carried out.</param>
public sealed record RequestBatch(Guid BatchId, BatchOrder Order, bool DryRun, string Selection, int Total, int Open, string Reason, Actor By);

/// <summary>Asks for the end of a batch.</summary>
public sealed record CancelBatch(string Reason, Actor By);

/// <summary>A node has reached every part of a batch, or the end that was asked for.</summary>
public sealed record FinishBatch(BatchCounts Counts);

/// <summary>Pure decisions about batches.</summary>
public static class BatchDecider
{
    /// <summary>Instances or incidents of one batch at most: 10,000.</summary>
    public const int Most = 10_000;

    /// <summary>Batches of one tenant that may wait or be carried out at a time: 10.</summary>
    public const int MostOpen = 10;

    /// <summary>Asks for a batch; twice adds nothing.</summary>
    public static Outcome Decide(BatchState? state, RequestBatch command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is not null)
            return Outcome.Nothing;
        if (Unreasoned(command.Reason) is { } unreasoned)
            return unreasoned;
        if (command.Total < 1)
            return Outcome.Refuse(RefusalKind.Invalid, "batch.nothing_selected", "Nothing fits the selection. Lists are about a second behind: look at what they show, or name the instances by their ids.");
        if (command.Total > Most)
            return Outcome.Refuse(RefusalKind.Invalid, "batch.too_many_instances", string.Create(CultureInfo.InvariantCulture, $"More than {Most} fit the selection. Narrow it, for example by version or by start, and ask for one batch after the other."));
        return command.Open >= MostOpen
            ? Outcome.Refuse(RefusalKind.Limit, "batch.too_many", string.Create(CultureInfo.InvariantCulture, $"{MostOpen} batches of this tenant wait or are carried out. Ask again when one has ended."))
            : Outcome.Of(new BatchRequested(command.BatchId, command.Order, command.DryRun, command.Selection, command.Total, command.Reason, command.By.Id, command.By.Kind, now));
    }

    /// <summary>Asks for the end; twice adds nothing.</summary>
    public static Outcome Decide(BatchState? state, CancelBatch command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            return Outcome.Refuse(RefusalKind.NotFound, "batch.not_found", "There is no such batch.");
        return state.Phase switch
        {
            BatchPhase.Cancelling or BatchPhase.Cancelled => Outcome.Nothing,
            BatchPhase.Completed => Outcome.Refuse(RefusalKind.Conflict, "batch.ended", "The batch has ended already. What it did stays; undo it by another batch where that is possible."),
            _ => Unreasoned(command.Reason) ?? Outcome.Of(new BatchCancelAsked(command.By.Id, command.Reason, now)),
        };
    }

    /// <summary>Ends it; twice adds nothing. One that was to be cancelled and had nothing left is completed.</summary>
    public static Outcome Decide(BatchState? state, FinishBatch command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return state switch
        {
            { Phase: BatchPhase.Open or BatchPhase.Cancelling } when command.Counts.Open == 0 => Outcome.Of(new BatchCompleted(command.Counts, now)),
            { Phase: BatchPhase.Cancelling } => Outcome.Of(new BatchCancelled(command.Counts, now)),
            _ => Outcome.Nothing,
        };
    }

    private static Outcome? Unreasoned(string reason) => string.IsNullOrWhiteSpace(reason) || reason.Length > 2_000
        ? Outcome.Refuse(RefusalKind.Invalid, "batch.reason_required", "This needs a reason of 1 to 2,000 characters for the trail. Say why in a few words.")
        : null;
}
