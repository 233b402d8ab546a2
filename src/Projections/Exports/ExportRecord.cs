namespace Countersign.Projections.Exports;

/// <summary>An export as requests read it.</summary>
/// <param name="Status"><c>queued</c>, <c>running</c>, <c>ready</c>, <c>failed</c>.</param>
public sealed record ExportRecord(Guid Id, string Status, double Progress, string Sentence, DateTimeOffset From, DateTimeOffset Before, string Purpose, string? Process, Guid? Instance,
    string RequestedBy, DateTimeOffset RequestedAt, long? Size, string? Sha256);
