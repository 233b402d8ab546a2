using Countersign.Domain.Exports;

namespace Countersign.Projections.Exports;

/// <summary>An export as requests read it; how far a running one is stands in <see cref="ExportTables.Work"/>.</summary>
public sealed record ExportRecord(Guid Id, ExportPhase Phase, DateTimeOffset From, DateTimeOffset Before, string Purpose, string? Process, Guid? Instance,
    string RequestedBy, DateTimeOffset RequestedAt, string? Reason, long? Size, string? Sha256, DateTimeOffset? KeptUntil)
{
    /// <summary>The row of an export.</summary>
    public static ExportRecord Of(ExportState s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return new ExportRecord(s.Id, s.Phase, s.From, s.Before, s.Purpose, s.Process, s.InstanceId, s.RequestedBy, s.RequestedAt, s.Reason, s.Size, s.Sha256, s.KeptUntil);
    }
}
