using System.Globalization;
using Countersign.Client.Batches;
using Countersign.Domain.Batches;
using Countersign.Projections.Batches;
using BatchKind = Countersign.Client.Batches.BatchKind;

namespace Countersign.Api.Batches;

/// <summary>From rows to views.</summary>
internal static class BatchViews
{
    public static BatchView Of(BatchRecord r, IReadOnlyDictionary<Guid, (BatchCounts Counts, bool Begun)> open)
    {
        // Between its last part and its end it is in neither.
        var (counts, begun) = r.Counts is { } ended ? (ended, true) : open.TryGetValue(r.Id, out var now) ? now : (new BatchCounts(0, 0, 0, 0, r.Total), false);
        var reached = r.Total - counts.Open;
        var status = r.Phase switch
        {
            BatchPhase.Completed => BatchStatus.Completed,
            BatchPhase.Cancelled => BatchStatus.Cancelled,
            BatchPhase.Cancelling => BatchStatus.Cancelling,
            _ => begun ? BatchStatus.Running : BatchStatus.Queued,
        };
        return new BatchView(r.Id, KindOf(r.Order.Kind), r.DryRun, status, status is BatchStatus.Completed or BatchStatus.Cancelled ? 1 : (double)reached / r.Total, Sentence(status, reached, r, counts),
            r.Selection, r.Reason, r.By, r.At, r.EndedAt, r.Total, counts.Done, counts.Unchanged, counts.Refused, counts.Failed);
    }

    public static BatchItem Of(BatchItemRow r) => new(r.Number, r.InstanceId, r.IncidentId, Enum.Parse<BatchOutcome>(r.Outcome, ignoreCase: true), r.Code, r.Sentence, r.At?.ToUniversalTime());

    public static Domain.Batches.BatchKind KindOf(BatchKind kind) => Enum.Parse<Domain.Batches.BatchKind>(kind.ToString());

    private static BatchKind KindOf(Domain.Batches.BatchKind kind) => Enum.Parse<BatchKind>(kind.ToString());

    private static string Sentence(BatchStatus status, int reached, BatchRecord r, BatchCounts c) => string.Create(CultureInfo.InvariantCulture, $"{status switch
    {
        BatchStatus.Queued => "Waits for its turn.",
        BatchStatus.Running => $"{reached} of {r.Total} reached.",
        BatchStatus.Cancelling => "Ends as soon as what is under way is finished.",
        BatchStatus.Cancelled => $"Ended early: {c.Open} were left as they are.",
        _ => r.DryRun ? $"Judged: {c.Done} of {r.Total} can be done, {c.Refused} would be refused." : $"Carried out: {c.Done} of {r.Total} done, {c.Refused} refused.",
    }}");
}
