using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <summary>Whether an instance still runs.</summary>
public enum InstanceStatus
{
    /// <summary>Nothing has been recorded.</summary>
    None,

    /// <summary>It runs or waits.</summary>
    Running,

    /// <summary>All its tokens are gone.</summary>
    Completed,

    /// <summary>Cancelled from outside.</summary>
    Cancelled,

    /// <summary>It goes on in a successor; here it has ended.</summary>
    Continued,
}

/// <summary>
/// A process instance as its facts say. Immutable; made only by <see cref="Evolve"/>; can be stored as JSON (see <see cref="Fingerprint"/>).
/// What it holds is bounded by what is open, not by how much has happened.
/// </summary>
public sealed partial record InstanceState
{
    /// <summary>The process scope.</summary>
    public const string RootScope = "0";

    /// <summary>An instance of which nothing is known.</summary>
    public static InstanceState None { get; } = new();

    /// <summary>Digest of the shape of this record. A stored snapshot with another fingerprint is ignored and the stream is replayed.</summary>
    [JsonIgnore]
    public static string Fingerprint { get; } = StateFingerprint.Of(typeof(InstanceState));

    /// <summary>The instance (its stream).</summary>
    public Guid Id { get; init; }

    /// <summary>BPMN process id.</summary>
    public string ProcessKey { get; init; } = "";

    /// <summary>Version number, from 1.</summary>
    public int Version { get; init; }

    /// <summary>SHA-256 over the version's sources.</summary>
    public string Hash { get; init; } = "";

    /// <summary>The caller's own key, or null.</summary>
    public string? BusinessKey { get; init; }

    /// <summary>Whether no other running instance of the process may have its business key.</summary>
    public bool HoldsKey { get; init; }

    /// <summary>The start event (or instantiating task) that was triggered; null where the process began by itself.</summary>
    public string? StartElementId { get; init; }

    /// <summary>How its first version was chosen while another was rolled out; null when none was, or the starter named the version.</summary>
    public StartRollout? Rollout { get; init; }

    /// <summary>Whether it still runs.</summary>
    public InstanceStatus Status { get; init; }

    /// <summary>Who started it (actor id).</summary>
    public string StartedBy { get; init; } = "";

    /// <summary>When it started (UTC).</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended (UTC); null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Highest sequence number given to anything inside.</summary>
    public long Sequence { get; init; }

    /// <summary>Number of facts so far, as stored: a run of steps is one.</summary>
    public int Events { get; init; }

    /// <summary>The instance that goes on here: id, version and hash of its last fact; null where it began by itself.</summary>
    public InstanceLink? Predecessor { get; init; }

    /// <summary>All instances of the chain before this one, the first one first.</summary>
    public ImmutableArray<Guid> Earlier { get; init; } = [];

    /// <summary>The instance in which it goes on; null while it does not.</summary>
    public Guid? Successor { get; init; }

    /// <summary>Facts that it may have, where an operator has raised the limit; null = as many as the service allows.</summary>
    public int? EventLimit { get; init; }

    /// <summary>The limit that it has come near and about which it has warned; null before a warning, and after the limit was raised.</summary>
    public int? LimitNeared { get; init; }

    /// <summary>Policy id to pinned version id.</summary>
    public ImmutableDictionary<string, string> Pinned { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Tokens that rest at a node, by token id.</summary>
    public ImmutableDictionary<string, TokenState> Tokens { get; init; } = ImmutableDictionary<string, TokenState>.Empty;

    /// <summary>Tokens on a sequence flow: before a join that waits for others, or where a run was stopped.</summary>
    public ImmutableArray<PendingFlow> Pending { get; init; } = [];

    /// <summary>Variables by scope id.</summary>
    public ImmutableDictionary<string, ImmutableDictionary<string, JsonElement>> Variables { get; init; } =
        ImmutableDictionary<string, ImmutableDictionary<string, JsonElement>>.Empty;

    /// <summary>Open jobs.</summary>
    public ImmutableDictionary<string, JobState> Jobs { get; init; } = ImmutableDictionary<string, JobState>.Empty;

    /// <summary>Open human tasks.</summary>
    public ImmutableDictionary<string, TaskState> Tasks { get; init; } = ImmutableDictionary<string, TaskState>.Empty;

    /// <summary>Timers that are set.</summary>
    public ImmutableDictionary<string, TimerState> Timers { get; init; } = ImmutableDictionary<string, TimerState>.Empty;

    /// <summary>Message subscriptions that are open.</summary>
    public ImmutableDictionary<string, SubscriptionState> Subscriptions { get; init; } = ImmutableDictionary<string, SubscriptionState>.Empty;

    /// <summary>Called instances that run.</summary>
    public ImmutableDictionary<string, CallState> Calls { get; init; } = ImmutableDictionary<string, CallState>.Empty;

    /// <summary>Loops and multi-instances that run, by the token of their activity.</summary>
    public ImmutableDictionary<string, RepetitionState> Repetitions { get; init; } = ImmutableDictionary<string, RepetitionState>.Empty;

    /// <summary>Finished activities that can be undone, oldest first.</summary>
    public ImmutableArray<ArmedActivity> Armed { get; init; } = [];

    /// <summary>Compensations that run.</summary>
    public ImmutableDictionary<string, CompensationState> Compensations { get; init; } = ImmutableDictionary<string, CompensationState>.Empty;

    /// <summary>Since when it is suspended (UTC); null while it runs.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    /// <summary>The call that started it, or null.</summary>
    public CallLink? Parent { get; init; }

    /// <summary>The chain of starts by messages and signals that it belongs to; null when it was started from outside.</summary>
    public StartChain? Chain { get; init; }

    /// <summary>The slice of a multi-instance that it works through for its parent; null for every other instance.</summary>
    public SliceState? Slice { get; init; }

    /// <summary>Open incidents.</summary>
    public ImmutableDictionary<string, IncidentState> Incidents { get; init; } = ImmutableDictionary<string, IncidentState>.Empty;

    /// <summary>Who has completed tasks of an element, by element id: what segregation of duties looks at.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Completers { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The latest decision of each element.</summary>
    public ImmutableDictionary<string, DecisionState> Decisions { get; init; } = ImmutableDictionary<string, DecisionState>.Empty;

    /// <summary>The latest proposal of a model, by the element whose job asked it.</summary>
    public ImmutableDictionary<string, ProposalState> Proposals { get; init; } = ImmutableDictionary<string, ProposalState>.Empty;

    /// <summary>The tasks closed last, so that a repeated answer is told from a late one.</summary>
    public ImmutableArray<ClosedTask> ClosedTasks { get; init; } = [];

    /// <summary>Version id, <c>key:number</c>.</summary>
    [JsonIgnore]
    public string ProcessVersionId => ProcessKey + ":" + Version.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether it has ended.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is InstanceStatus.Completed or InstanceStatus.Cancelled or InstanceStatus.Continued;

    /// <summary>The first instance of its chain; itself where it began by itself. What must be the same before and after a continuation names this one.</summary>
    [JsonIgnore]
    public Guid FirstId => Earlier is [var first, ..] ? first : Id;
}

/// <summary>A token at rest.</summary>
/// <param name="ElementId">Where.</param>
/// <param name="ScopeId">In which scope.</param>
/// <param name="WorkDone">Its job or task is done; only what follows (mapping, flows) is left.</param>
/// <param name="Iteration">Which repetition of its activity it is, from 1; null = the activity itself.</param>
/// <param name="Undoes">The finished stay that it undoes; null otherwise.</param>
public sealed record TokenState(string ElementId, string ScopeId, bool WorkDone = false, int? Iteration = null, string? Undoes = null);

/// <summary>A token on a sequence flow.</summary>
public sealed record PendingFlow(string ScopeId, string FlowId);

/// <summary>An open job.</summary>
/// <param name="Attempt">The attempt that is due (the fence).</param>
/// <param name="Mapped">Whether <paramref name="Variables"/> are all it sees; otherwise it sees every visible variable.</param>
/// <param name="Failed">No attempt is due: an incident is open.</param>
/// <param name="FirstId">Its id in the instance that created it, where that has gone on in a successor since: the outside effect is known by it. Null = its own.</param>
public sealed record JobState(string TokenId, string ElementId, string Type, int Attempt, int Retries, DateTimeOffset DueAt,
    ImmutableDictionary<string, string> Headers, ImmutableDictionary<string, JsonElement> Variables, bool Mapped, bool Failed, string? FirstId = null);

/// <summary>An open human task.</summary>
/// <param name="TakenAt">When its assignee took it or was given it; null when nobody has it, or had it from the beginning.</param>
public sealed record TaskState(string TokenId, string ElementId, string Name, string? FormId, ImmutableArray<string> Groups, ImmutableArray<string> Users,
    string? Assignee, ImmutableArray<Separation> SeparateFrom, string? DecisionId, string? Why, int Priority, DateTimeOffset? DueAt, DateTimeOffset CreatedAt,
    ImmutableArray<string> Verdicts, DateTimeOffset? TakenAt = null);

/// <summary>A timer that is set.</summary>
public sealed record TimerState(string TokenId, string ElementId, DateTimeOffset DueAt, int? Remaining, string? Interval);

/// <summary>An open subscription to a message, signal or condition.</summary>
/// <param name="Seen">Messages it has taken last, newest last; only where it stays open.</param>
public sealed record SubscriptionState(string TokenId, string ElementId, string MessageName, string CorrelationKey, ImmutableArray<string> Seen,
    SubscriptionKind Kind = SubscriptionKind.Message);

/// <summary>A called instance.</summary>
/// <param name="Failed">It cannot go on: an incident is open.</param>
/// <param name="Seen">Reports taken last, newest last.</param>
/// <param name="Slice">The repetitions it is for, where it works through a part of a multi-instance; null otherwise.</param>
public sealed record CallState(string TokenId, string ElementId, string ProcessKey, Countersign.Domain.Processes.CallBinding Binding, string? Version, Guid ChildId,
    ImmutableDictionary<string, JsonElement> Variables, bool AllVariables, bool Failed, ImmutableArray<string> Seen, RepetitionSlice? Slice = null);

/// <summary>A loop or multi-instance that runs.</summary>
/// <param name="Count">Number of repetitions; null = until a condition says.</param>
/// <param name="Done">Repetitions finished.</param>
/// <param name="Results">What each gave for the output collection, by repetition; of a slice the list of what its repetitions gave, by the first of them.</param>
/// <param name="Collection">Name of the output collection; null before the first result.</param>
/// <param name="SliceSize">Repetitions handed to each instance of their own; null where they run in this one.</param>
/// <param name="Open">Slices that are handed out and not done: first repetition to how many; null or empty without any.</param>
public sealed record RepetitionState(int? Count, int Done, ImmutableDictionary<int, JsonElement> Results, string? Collection = null, int? SliceSize = null, ImmutableDictionary<int, int>? Open = null);

/// <summary>The slice of a multi-instance that an instance works through.</summary>
/// <param name="ElementId">The multi-instance.</param>
/// <param name="From">First repetition, from 1.</param>
/// <param name="Count">How many.</param>
/// <param name="Called">Whether the instance it works for was itself called.</param>
/// <param name="Changed">Variables of the process scope that were set since the start: what goes back.</param>
public sealed record SliceState(string ElementId, int From, int Count, bool Called, ImmutableHashSet<string> Changed);

/// <summary>A finished activity that can be undone.</summary>
/// <param name="TokenId">Its finished stay; the scope of what was done inside it.</param>
/// <param name="Variables">Its local variables when it finished.</param>
public sealed record ArmedActivity(string TokenId, string ElementId, string ScopeId, ImmutableDictionary<string, JsonElement> Variables);

/// <summary>A compensation that runs.</summary>
/// <param name="TokenId">The token that waits for it, or null.</param>
/// <param name="Remaining">What is still to be undone; the first is at work.</param>
public sealed record CompensationState(string? TokenId, string ElementId, string ScopeId, ImmutableArray<ArmedActivity> Remaining);

/// <summary>An open incident.</summary>
public sealed record IncidentState(string? TokenId, string ElementId, string Code, string Message, string? JobId, DateTimeOffset RaisedAt);

/// <summary>What later steps need of a decision.</summary>
/// <param name="At">When it was made (UTC).</param>
public sealed record DecisionState(string DecisionId, string Verdict, ImmutableArray<string> Reasons, string InputHash, DateTimeOffset? At = null);

/// <summary>What a model proposed, and in which attempt of its job.</summary>
public sealed record ProposalState(InferenceResult Inference, int Attempts);

/// <summary>A task that is closed.</summary>
/// <param name="By">Who completed it; null when it was no longer wanted.</param>
/// <param name="Verdict">The answer; null when it was no longer wanted.</param>
public sealed record ClosedTask(string TaskId, string? By, string? Verdict);
