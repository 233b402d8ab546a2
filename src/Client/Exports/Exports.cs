namespace Countersign.Client.Exports;

/// <summary>Asks for an export of everything that was recorded in a period.</summary>
/// <param name="From">From this time on (UTC).</param>
/// <param name="Before">Before this time (UTC).</param>
/// <param name="Process">One process only, or null for all.</param>
/// <param name="Instance">One instance only, or null for all.</param>
/// <param name="Purpose">Why it is made, 1 to 500 characters; printed in the export and kept in the trail.</param>
public sealed record CreateExportRequest(DateTimeOffset From, DateTimeOffset Before, string Purpose, string? Process = null, Guid? Instance = null);

/// <summary>Where an export stands.</summary>
public enum ExportStatus
{
    /// <summary>Waits for its turn.</summary>
    Queued,

    /// <summary>Being written.</summary>
    Running,

    /// <summary>Ready to be fetched.</summary>
    Ready,

    /// <summary>Failed; the sentence says why.</summary>
    Failed,

    /// <summary>Was ready; the file was removed when its time was over.</summary>
    Expired,
}

/// <summary>An export.</summary>
/// <param name="Progress">0 to 1.</param>
/// <param name="Sentence">What it is doing, or why it failed.</param>
/// <param name="Size">Bytes when ready; null before.</param>
/// <param name="Sha256">SHA-256 of the file when ready, lower-case hex; null before.</param>
/// <param name="KeptUntil">When the file is or was removed (UTC); null before it is ready.</param>
public sealed record ExportView(Guid Id, ExportStatus Status, double Progress, string Sentence, DateTimeOffset From, DateTimeOffset Before, string Purpose,
    string RequestedBy, DateTimeOffset RequestedAt, long? Size, string? Sha256, DateTimeOffset? KeptUntil = null);
