using Countersign.Client.Exports;
using Countersign.Projections.Exports;

namespace Countersign.Api.Exports;

internal static class ExportViews
{
    public static ExportView Of(ExportRecord r) => new(r.Id, r.Status switch
    {
        "running" => ExportStatus.Running,
        "ready" => ExportStatus.Ready,
        "failed" => ExportStatus.Failed,
        _ => ExportStatus.Queued,
    }, r.Progress, r.Sentence, r.From, r.Before, r.Purpose, r.RequestedBy, r.RequestedAt, r.Size, r.Sha256);
}
