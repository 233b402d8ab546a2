namespace Countersign.Client.Processes;

/// <summary>Publishes a version of a process.</summary>
/// <param name="Bpmn">BPMN 2.0 XML with exactly one executable process, at most 5 MB. The process id is the process key.</param>
/// <param name="Resources">DMN tables and form-js forms that the process names; none when null.</param>
/// <param name="Rollout">Whom it is for at first, beside the version in force; null = all, in its place.</param>
public sealed record PublishProcessRequest(string Bpmn, IReadOnlyList<ProcessResource>? Resources = null, RolloutRequest? Rollout = null);

/// <summary>A file that belongs to a process version.</summary>
/// <param name="Name">File name with its ending: <c>.dmn</c> or <c>.form</c> (form-js JSON); unique in the version.</param>
/// <param name="Content">The text of the file; kept byte for byte (UTF-8).</param>
public sealed record ProcessResource(string Name, string Content);

/// <summary>A published version of a process.</summary>
/// <param name="Id"><c>key:number</c>.</param>
/// <param name="Key">Process key: the id of the BPMN process.</param>
/// <param name="Version">Number of the version, from 1.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Hash">SHA-256 over the sources, lower-case hex.</param>
/// <param name="PublishedAt">When (UTC).</param>
/// <param name="PublishedBy">Member or key id.</param>
/// <param name="Findings">Warnings of the compiler; errors prevent publishing.</param>
/// <param name="TimerStarts">Timers by which this version starts by itself; none when it is not in force.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Rollout">Whom it is for, when it is a candidate; null otherwise.</param>
public sealed record ProcessVersionView(string Id, string Key, int Version, string Name, string Hash, DateTimeOffset PublishedAt, string PublishedBy,
    IReadOnlyList<ProcessFinding> Findings, IReadOnlyList<TimerStartView> TimerStarts, ProcessVersionState State, RolloutView? Rollout = null);

/// <summary>A timer that starts a process.</summary>
/// <param name="ElementId">The start event in the diagram.</param>
/// <param name="Name">Its name, or its id.</param>
/// <param name="Timer">Date, duration, cycle or cron expression (UTC).</param>
/// <param name="NextStartAt">When it starts the process next (UTC); null when it does not any more.</param>
/// <param name="StartsLeft">Starts that are left; null = without end.</param>
/// <param name="LastStartAt">When it last started an instance (UTC), or null.</param>
/// <param name="LastInstanceId">That instance, or null.</param>
/// <param name="Problem">Why the start that is due could not be made; it is tried again every minute. Null = nothing is wrong.</param>
public sealed record TimerStartView(string ElementId, string Name, string Timer, DateTimeOffset? NextStartAt, int? StartsLeft, DateTimeOffset? LastStartAt, Guid? LastInstanceId, string? Problem);

/// <summary>A process with its newest version.</summary>
/// <param name="Key">Process key.</param>
/// <param name="Name">Name of the newest version.</param>
/// <param name="LatestVersion">Number of the newest version.</param>
/// <param name="LatestHash">Hash of the newest version.</param>
/// <param name="PublishedAt">When the newest version was published (UTC).</param>
/// <param name="VersionInForce">Number of the version that starts without a version run; another than the newest while that is rolled out, or was withdrawn.</param>
/// <param name="Candidate">Number of the version that is rolled out; null when none is.</param>
public sealed record ProcessListItem(string Key, string Name, int LatestVersion, string LatestHash, DateTimeOffset PublishedAt, int VersionInForce, int? Candidate = null);

/// <summary>How bad a finding is.</summary>
public enum FindingSeverity
{
    /// <summary>The version is published all the same.</summary>
    Warning,

    /// <summary>The version cannot be published.</summary>
    Error,
}

/// <summary>Something the compiler noticed.</summary>
/// <param name="Rule">Stable rule id.</param>
/// <param name="Severity">Warning or error.</param>
/// <param name="ElementId">Element of the diagram, or null when it concerns the file.</param>
/// <param name="Sentence">What is wrong.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Line">Line of the BPMN file, from 1; null when it concerns no one place.</param>
public sealed record ProcessFinding(string Rule, FindingSeverity Severity, string? ElementId, string Sentence, string Remedy, int? Line = null);

/// <summary>The sources of a version as they were published.</summary>
/// <param name="Hash">SHA-256 over the sources, lower-case hex.</param>
/// <param name="Bpmn">BPMN XML.</param>
/// <param name="Resources">DMN tables and forms.</param>
public sealed record ProcessSourcesView(string Hash, string Bpmn, IReadOnlyList<ProcessResource> Resources);

/// <summary>Asks how a BPMN file of another tool would run here. Nothing is stored.</summary>
/// <param name="Bpmn">BPMN 2.0 XML, at most 5 MB.</param>
/// <param name="Resources">DMN tables and form-js forms that the process names; none when null.</param>
/// <param name="ProcessId">Which process of the file to run; when null its only one, its only executable one, or the largest, which is then an edit.</param>
public sealed record ImportProcessRequest(string Bpmn, IReadOnlyList<ProcessResource>? Resources = null, string? ProcessId = null);

/// <summary>What an import came to.</summary>
/// <param name="Bpmn">The file to publish: as it was given when there is no edit; null when it is refused.</param>
/// <param name="ProcessKey">The process that it runs; null when it is refused.</param>
/// <param name="Edits">What was changed, in the order of the file; also for a refused file.</param>
/// <param name="Findings">What the compiler says of the file as changed. Errors say why it is refused.</param>
public sealed record ProcessImportView(string? Bpmn, string? ProcessKey, IReadOnlyList<ProcessImportEdit> Edits, IReadOnlyList<ProcessFinding> Findings);

/// <summary>One change of an import.</summary>
/// <param name="Rule">Stable id of the kind of change, e.g. <c>import.expression</c>.</param>
/// <param name="ElementId">Element of the diagram, or null when it concerns the file.</param>
/// <param name="NeedsAttention">Whether a person must look: something outside of the file is needed, or a guess was made.</param>
/// <param name="Sentence">What was changed, and why.</param>
/// <param name="Before">The text before; null = nothing.</param>
/// <param name="After">The text after; null = nothing.</param>
public sealed record ProcessImportEdit(string Rule, string? ElementId, bool NeedsAttention, string Sentence, string? Before, string? After);
