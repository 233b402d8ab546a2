using Countersign.Client.Batches;
using Countersign.Console.Texts;

namespace Countersign.Console.Batches;

/// <summary>How batches are named and coloured.</summary>
internal static class BatchLook
{
    /// <summary>Kinds that need no more than a selection (and a version): the others are asked for over the API.</summary>
    public static IReadOnlyList<BatchKind> Plain { get; } = [BatchKind.Migrate, BatchKind.Retry, BatchKind.Skip, BatchKind.Suspend, BatchKind.Resume, BatchKind.Cancel];

    public static string Title(Text T, BatchView batch) => batch.DryRun ? T["{0}: verdict", Kind(T, batch.Kind)] : Kind(T, batch.Kind);

    public static string Kind(Text T, BatchKind kind) => kind switch
    {
        BatchKind.Cancel => T["Cancel instances"],
        BatchKind.Suspend => T["Suspend instances"],
        BatchKind.Resume => T["Let instances go on"],
        BatchKind.Modify => T["Move instances"],
        BatchKind.SetVariables => T["Set variables"],
        BatchKind.Migrate => T["Migrate instances"],
        BatchKind.Retry => T["Try incidents again"],
        _ => T["Skip incidents"],
    };

    public static string State(Text T, BatchStatus status) => status switch
    {
        BatchStatus.Queued => T["Waits"],
        BatchStatus.Running => T["Running"],
        BatchStatus.Cancelling => T["Ends"],
        BatchStatus.Completed => T["Completed"],
        _ => T["Ended early"],
    };

    public static string? Tone(BatchView batch) => batch.Status switch
    {
        BatchStatus.Completed => batch.Refused + batch.Failed == 0 ? "good" : "warn",
        BatchStatus.Running or BatchStatus.Queued => "brand",
        _ => null,
    };
}
