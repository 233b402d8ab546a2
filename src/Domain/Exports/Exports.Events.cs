namespace Countersign.Domain.Exports;

/// <summary>A fact in the stream of one export (<c>export/&lt;id&gt;</c>).</summary>
public interface IExportEvent;

/// <summary>Somebody asked for an export of what was recorded in a period.</summary>
/// <param name="ExportId">Id of the export.</param>
/// <param name="From">From this time on (UTC).</param>
/// <param name="Before">Before this time (UTC).</param>
/// <param name="Purpose">Why, as typed.</param>
/// <param name="Process">One process only, or null.</param>
/// <param name="InstanceId">One instance only, or null.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ExportRequested(Guid ExportId, DateTimeOffset From, DateTimeOffset Before, string Purpose, string? Process, Guid? InstanceId, string By,
    DateTimeOffset At) : IExportEvent;

/// <summary>A node took the export and writes it. A higher attempt ends the ones before it.</summary>
/// <param name="Attempt">From 1; more than 1 after a node stopped or died while it wrote.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ExportBegun(int Attempt, DateTimeOffset At) : IExportEvent;

/// <summary>The file is written and can be fetched.</summary>
/// <param name="Attempt">The attempt that wrote it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hex.</param>
/// <param name="Contents">Events whose contents are in it.</param>
/// <param name="KeptUntil">When the file is removed (UTC).</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ExportCompleted(int Attempt, long Size, string Sha256, long Contents, DateTimeOffset KeptUntil, DateTimeOffset At) : IExportEvent;

/// <summary>The export was given up.</summary>
/// <param name="Attempt">The last attempt.</param>
/// <param name="Reason">Why, for people; no internals.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ExportFailed(int Attempt, string Reason, DateTimeOffset At) : IExportEvent;

/// <summary>Somebody fetched the file. Repeats by the same caller within ten minutes (a download that is resumed) are one fact.</summary>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ExportDownloaded(string By, DateTimeOffset At) : IExportEvent;

/// <summary>The file was removed because its time was over; the key that it was sealed with is destroyed.</summary>
/// <param name="At">The command's time (UTC).</param>
public sealed record ExportExpired(DateTimeOffset At) : IExportEvent;
