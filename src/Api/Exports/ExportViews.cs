using Countersign.Client.Exports;
using Countersign.Domain.Exports;
using Countersign.Projections.Exports;

namespace Countersign.Api.Exports;

internal static class ExportViews
{
    public static ExportView Of(ExportRecord r, ExportStep? step) => new(r.Id, r.Phase switch
    {
        ExportPhase.Running => ExportStatus.Running,
        ExportPhase.Ready => ExportStatus.Ready,
        ExportPhase.Failed => ExportStatus.Failed,
        ExportPhase.Expired => ExportStatus.Expired,
        _ => ExportStatus.Queued,
    }, r.Size is not null ? 1 : step?.Fraction ?? 0, Sentence(r, step), r.From, r.Before, r.Purpose, r.RequestedBy, r.RequestedAt, r.Size, r.Sha256, r.KeptUntil);

    private static string Sentence(ExportRecord r, ExportStep? step) => r.Phase switch
    {
        ExportPhase.Ready => "Ready to be fetched.",
        ExportPhase.Failed => r.Reason ?? "",
        ExportPhase.Expired => "The file was removed when its time was over. Ask for the export again.",
        _ => step is { Step.Length: > 0 } ? step.Step + "." : "Waits for its turn.",
    };
}
