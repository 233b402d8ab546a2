using System.Text.Json;

namespace Countersign.Client.Instances;

/// <summary>Where an instance stands.</summary>
public enum InstanceStatus
{
    /// <summary>Something is still open.</summary>
    Running,

    /// <summary>Ended by itself.</summary>
    Completed,

    /// <summary>Cancelled from outside.</summary>
    Cancelled,

    /// <summary>Stopped by an operator until it is let go on.</summary>
    Suspended,

    /// <summary>It goes on in a successor, which took over everything that was open.</summary>
    Continued,
}

/// <summary>Starts an instance.</summary>
/// <param name="Process">Process key.</param>
/// <param name="Variables">Initial variables; for the invoice pack <c>document</c> with the id of an uploaded document.</param>
/// <param name="BusinessKey">The caller's own key, 1 to 255 characters, or null.</param>
/// <param name="Version">Version to run; the newest when null.</param>
public sealed record StartInstanceRequest(string Process, IReadOnlyDictionary<string, JsonElement>? Variables = null, string? BusinessKey = null, int? Version = null);

/// <summary>Cancels an instance with everything open in it.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record CancelInstanceRequest(string Reason);

/// <summary>What an instance waits for.</summary>
public enum WaitKind
{
    /// <summary>A person.</summary>
    Task,

    /// <summary>A worker, a model or another system.</summary>
    Job,

    /// <summary>A point in time.</summary>
    Timer,

    /// <summary>A message.</summary>
    Message,

    /// <summary>An operator: something went wrong.</summary>
    Incident,
}

/// <summary>Why an instance waits at a place.</summary>
/// <param name="Kind">For what.</param>
/// <param name="ElementId">Where, in the diagram.</param>
/// <param name="ReferenceId">Id of the task, job, timer, subscription or incident.</param>
/// <param name="Sentence">The reason in words.</param>
/// <param name="Since">Since when (UTC), or null when unknown.</param>
/// <param name="DueAt">When it ends by itself or is due, or null.</param>
/// <param name="Who">Member id of the person who has the task, as it stands in the sentence; null when nobody has it.</param>
public sealed record WaitReason(WaitKind Kind, string ElementId, string ReferenceId, string Sentence, DateTimeOffset? Since, DateTimeOffset? DueAt, string? Who = null);

/// <summary>An instance.</summary>
/// <param name="Version">Number of its events; the <c>ETag</c> is made of it.</param>
/// <param name="WaitingFor">What it waits for; empty when it has ended.</param>
/// <param name="Variables">Variables of the process scope, as far as the caller may see them.</param>
/// <param name="DecisionIds">Decisions recorded in it, in order.</param>
/// <param name="Tokens">Where it stands, token by token: what can be moved.</param>
/// <param name="PredecessorId">The instance that goes on in this one, or null.</param>
/// <param name="SuccessorId">The instance in which this one goes on, or null.</param>
/// <param name="ParentId">The instance that called it, or whose multi-instance it works through a part of; null for all others.</param>
/// <param name="Called">Instances that run for it: called processes and parts of large multi-instances; the oldest 200.</param>
/// <param name="Growth">How long it has become; null while it is far from its limit and nobody has raised it.</param>
/// <param name="StartedInRollout">How its first version was chosen while another was rolled out; null when none was, or the starter named the version.</param>
public sealed record InstanceView(Guid Id, string ProcessKey, int ProcessVersion, string ProcessHash, InstanceStatus Status, string? BusinessKey,
    DateTimeOffset StartedAt, string StartedBy, DateTimeOffset? EndedAt, long Version, IReadOnlyList<WaitReason> WaitingFor,
    IReadOnlyDictionary<string, JsonElement> Variables, IReadOnlyList<string> ActiveElementIds, IReadOnlyList<string> DecisionIds,
    IReadOnlyList<InstanceToken> Tokens, InstanceGrowth? Growth = null, StartedInRollout? StartedInRollout = null,
    Guid? PredecessorId = null, Guid? SuccessorId = null, Guid? ParentId = null, IReadOnlyList<CalledInstance>? Called = null);

/// <summary>An instance that runs for another.</summary>
/// <param name="InstanceId">Its id; it may not have begun yet.</param>
/// <param name="ElementId">The activity it runs for.</param>
/// <param name="ProcessKey">Its process.</param>
/// <param name="Failed">Whether it cannot go on: its caller has an incident.</param>
/// <param name="From">First repetition that it does, from 1; null where another process is called.</param>
/// <param name="Count">How many it does; null where another process is called.</param>
public sealed record CalledInstance(Guid InstanceId, string ElementId, string ProcessKey, bool Failed, int? From, int? Count);

/// <summary>How long an instance has become, and how long it may get.</summary>
/// <param name="Facts">Facts so far, as stored: a run of steps is one.</param>
/// <param name="Limit">Facts at which it stops with an incident.</param>
/// <param name="Near">Whether it has come near the limit.</param>
/// <param name="Most">The highest limit that it can be given.</param>
/// <param name="Sentence">What that means and what to do, in words.</param>
public sealed record InstanceGrowth(int Facts, int Limit, bool Near, int Most, string Sentence);

/// <summary>How a start came to its version while another version was rolled out.</summary>
/// <param name="InForce">The version in force then.</param>
/// <param name="Candidate">The version that was rolled out.</param>
/// <param name="Taken">Whether the candidate was started.</param>
/// <param name="Share">The candidate's share of starts, 0 to 1; null when it was for groups.</param>
/// <param name="Group">The starter's group that the candidate was for; null when there was none.</param>
/// <param name="Sentence">The same in words.</param>
public sealed record StartedInRollout(int InForce, int Candidate, bool Taken, decimal? Share, string? Group, string Sentence);

/// <summary>A token at rest.</summary>
/// <param name="ScopeId">The token of the sub-process around it, or <c>0</c> at the level of the process.</param>
/// <param name="MayMove">False for one repetition of an activity, and for a step that undoes something: others wait for it.</param>
public sealed record InstanceToken(string Id, string ElementId, string ScopeId, bool MayMove);

/// <summary>An instance in a list.</summary>
/// <param name="Incidents">Open incidents.</param>
/// <param name="WaitingFor">The first reason it waits, one sentence, or null.</param>
public sealed record InstanceListItem(Guid Id, string ProcessKey, int ProcessVersion, InstanceStatus Status, string? BusinessKey, DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt, int Incidents, string? WaitingFor);

/// <summary>Which instances to list; a null member does not filter.</summary>
/// <param name="Process">Process key.</param>
/// <param name="Status">Status.</param>
/// <param name="BusinessKey">Exact business key.</param>
/// <param name="StartedFrom">Started at or after (UTC).</param>
/// <param name="StartedBefore">Started before (UTC).</param>
/// <param name="WithIncident">True for those with an open incident only.</param>
/// <param name="NearLimit">True for those only that have come near their limit of facts.</param>
public sealed record InstanceFilter(string? Process = null, InstanceStatus? Status = null, string? BusinessKey = null, DateTimeOffset? StartedFrom = null,
    DateTimeOffset? StartedBefore = null, bool? WithIncident = null, bool? NearLimit = null);

/// <summary>One fact of an instance's history.</summary>
/// <param name="Version">Position in the instance, from 1. Steps that were stored as one fact share it, in their order.</param>
/// <param name="At">When it was stored (UTC).</param>
/// <param name="Type">Alias of the event, e.g. <c>task.completed</c>.</param>
/// <param name="ElementId">Place in the diagram, or null.</param>
/// <param name="Sentence">What happened, in words.</param>
/// <param name="By">Member or key id, or null when the service did it.</param>
public sealed record HistoryEntry(long Version, DateTimeOffset At, string Type, string? ElementId, string Sentence, string? By);
