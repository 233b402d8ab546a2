using System.Collections.Immutable;

namespace Countersign.Domain.Exports;

/// <summary>Where an export stands.</summary>
public enum ExportPhase
{
    /// <summary>Waits for a node.</summary>
    Queued,

    /// <summary>A node writes it.</summary>
    Running,

    /// <summary>The file can be fetched.</summary>
    Ready,

    /// <summary>Given up.</summary>
    Failed,

    /// <summary>The file was removed.</summary>
    Expired,
}

/// <summary>State of an export, folded from its events.</summary>
public sealed record ExportState(Guid Id, ExportPhase Phase, DateTimeOffset From, DateTimeOffset Before, string Purpose, string? Process, Guid? InstanceId, string RequestedBy,
    DateTimeOffset RequestedAt)
{
    /// <summary>The newest attempt; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>Why it was given up, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>Bytes of the file, or null before it is written.</summary>
    public long? Size { get; init; }

    /// <summary>SHA-256 of the file, or null before it is written.</summary>
    public string? Sha256 { get; init; }

    /// <summary>When the file is or was removed, or null before it is written.</summary>
    public DateTimeOffset? KeptUntil { get; init; }

    /// <summary>Last time each caller fetched the file.</summary>
    public ImmutableDictionary<string, DateTimeOffset> Downloads { get; init; } = ImmutableDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);

    /// <summary>Folds one event; never throws.</summary>
    public static ExportState? Evolve(ExportState? state, IExportEvent @event) => (state, @event) switch
    {
        (_, ExportRequested e) => new ExportState(e.ExportId, ExportPhase.Queued, e.From, e.Before, e.Purpose, e.Process, e.InstanceId, e.By, e.At),
        ({ } s, ExportBegun e) => s with { Phase = ExportPhase.Running, Attempt = e.Attempt },
        ({ } s, ExportCompleted e) => s with { Phase = ExportPhase.Ready, Size = e.Size, Sha256 = e.Sha256, KeptUntil = e.KeptUntil },
        ({ } s, ExportFailed e) => s with { Phase = ExportPhase.Failed, Reason = e.Reason },
        ({ } s, ExportDownloaded e) => s with { Downloads = s.Downloads.SetItem(e.By, e.At) },
        ({ } s, ExportExpired) => s with { Phase = ExportPhase.Expired },
        _ => state,
    };
}
