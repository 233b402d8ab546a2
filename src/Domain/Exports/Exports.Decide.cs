using Countersign.Domain.Tenants;

namespace Countersign.Domain.Exports;

/// <summary>Asks for an export.</summary>
/// <param name="Open">Exports of the tenant that wait or are being written.</param>
public sealed record RequestExport(Guid ExportId, DateTimeOffset From, DateTimeOffset Before, string Purpose, string? Process, Guid? InstanceId, int Open, Actor By);

/// <summary>A node begins an attempt.</summary>
public sealed record BeginExport(int Attempt);

/// <summary>A node has written the file.</summary>
public sealed record CompleteExport(int Attempt, long Size, string Sha256, long Contents, TimeSpan Kept);

/// <summary>A node gives the export up.</summary>
public sealed record FailExport(int Attempt, string Reason);

/// <summary>Somebody fetches the file.</summary>
public sealed record DownloadExport(Actor By);

/// <summary>The file's time may be over.</summary>
public sealed record ExpireExport;

/// <summary>Pure decisions about exports.</summary>
public static class ExportDecider
{
    /// <summary>Exports of one tenant that may wait or be written at a time: 20.</summary>
    public const int MostOpen = 20;

    /// <summary>Repeats of a download within this time are the same download: 10 minutes.</summary>
    public static readonly TimeSpan SameDownload = TimeSpan.FromMinutes(10);

    /// <summary>Asks for an export; twice adds nothing.</summary>
    public static Outcome Decide(ExportState? state, RequestExport command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is not null)
            return Outcome.Nothing;
        if (command.From >= command.Before)
            return Outcome.Refuse(RefusalKind.Invalid, "export.period_invalid", "The period ends before it begins. Give a later end.");
        if (string.IsNullOrWhiteSpace(command.Purpose) || command.Purpose.Length > 500)
            return Outcome.Refuse(RefusalKind.Invalid, "export.purpose_missing", "Say in 1 to 500 characters why the export is made; it is printed in it and kept in the trail.");
        return command.Open >= MostOpen
            ? Outcome.Refuse(RefusalKind.Limit, "export.too_many", $"{MostOpen} exports of this tenant wait or are being written. Ask again when one is ready.")
            : Outcome.Of(new ExportRequested(command.ExportId, command.From, command.Before, command.Purpose, command.Process, command.InstanceId, command.By.Id, now));
    }

    /// <summary>Begins an attempt. One that is not the newest adds nothing: another node has gone on.</summary>
    public static Outcome Decide(ExportState? state, BeginExport command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return state is { Phase: ExportPhase.Queued or ExportPhase.Running } && command.Attempt > state.Attempt
            ? Outcome.Of(new ExportBegun(command.Attempt, now))
            : Outcome.Nothing;
    }

    /// <summary>Completes an attempt. What an attempt brings after a newer one has begun adds nothing.</summary>
    public static Outcome Decide(ExportState? state, CompleteExport command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return IsNewest(state, command.Attempt)
            ? Outcome.Of(new ExportCompleted(command.Attempt, command.Size, command.Sha256, command.Contents, now + command.Kept, now))
            : Outcome.Nothing;
    }

    /// <summary>Gives the export up. Only the newest attempt may.</summary>
    public static Outcome Decide(ExportState? state, FailExport command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return IsNewest(state, command.Attempt) ? Outcome.Of(new ExportFailed(command.Attempt, command.Reason, now)) : Outcome.Nothing;
    }

    /// <summary>Records that the file is fetched; refused while there is none.</summary>
    public static Outcome Decide(ExportState? state, DownloadExport command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            return Outcome.Refuse(RefusalKind.NotFound, "export.not_found", "There is no such export.");
        if (state.Phase == ExportPhase.Expired || (state.Phase == ExportPhase.Ready && now >= state.KeptUntil))
            return Outcome.Refuse(RefusalKind.Conflict, "export.expired", "The file was removed when its time was over. Ask for the export again.");
        if (state.Phase != ExportPhase.Ready)
            return Outcome.Refuse(RefusalKind.Conflict, "export.not_ready", state.Reason is { } reason ? $"The export was given up: {reason}" : "The export is not written yet. Ask for it until its status is ready.");
        return state.Downloads.TryGetValue(command.By.Id, out var last) && now - last < SameDownload
            ? Outcome.Nothing
            : Outcome.Of(new ExportDownloaded(command.By.Id, now));
    }

    /// <summary>Removes the file when its time is over; before that and twice it adds nothing.</summary>
    public static Outcome Decide(ExportState? state, ExpireExport command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return state is { Phase: ExportPhase.Ready } && now >= state.KeptUntil ? Outcome.Of(new ExportExpired(now)) : Outcome.Nothing;
    }

    private static bool IsNewest(ExportState? state, int attempt) => state is { Phase: ExportPhase.Running } && state.Attempt == attempt;
}
