using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Decisions;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <summary>A fact in the stream of one process instance. Aliases and sentences stand in one table each; see docs/how-to.</summary>
public interface IInstanceEvent;

/// <summary>The instance exists. Names version and hash once; policies and decisions are pinned here.</summary>
/// <param name="InstanceId">The instance (its stream).</param>
/// <param name="ProcessKey">BPMN process id.</param>
/// <param name="Version">Version number, from 1.</param>
/// <param name="Hash">SHA-256 over the version's sources.</param>
/// <param name="Pinned">Policy id to pinned version id (<c>key:number</c>).</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
/// <param name="Parent">The call that started it, or null.</param>
/// <param name="StartElementId">The start event (or instantiating task) that was triggered; null where the process began by itself.</param>
/// <param name="ScheduledFor">When its timer was due (UTC); null when no timer started it.</param>
/// <param name="HoldsKey">Whether no other running instance of the process may have its business key.</param>
/// <param name="Rollout">How the version was chosen while another was rolled out; null when none was, or the caller named the version.</param>
/// <param name="Slice">The slice of a multi-instance that it works through for its parent; null for every other instance.</param>
/// <param name="Chain">The chain of starts by messages and signals that it belongs to; null when it was started from outside.</param>
public sealed record InstanceStarted(Guid InstanceId, string ProcessKey, int Version, string Hash, string? BusinessKey, ImmutableDictionary<string, string> Pinned, string By,
    DateTimeOffset At, CallLink? Parent = null, string? StartElementId = null, DateTimeOffset? ScheduledFor = null, bool HoldsKey = false,
    StartRollout? Rollout = null, SliceStart? Slice = null, StartChain? Chain = null) : IInstanceEvent;

/// <summary>All tokens are gone.</summary>
public sealed record InstanceCompleted(string EndElementId, DateTimeOffset At) : IInstanceEvent;

/// <summary>Cancelled from outside.</summary>
public sealed record InstanceCancelled(string By, string Reason, DateTimeOffset At) : IInstanceEvent;

/// <summary>A token entered a flow node and rests there: the node works, waits, or has an incident.</summary>
/// <param name="TokenId">Sequence-based id inside the instance; it names this stay of a token at this node.</param>
/// <param name="ScopeId">Scope the token lives in: <c>0</c> for the process, else the token of the sub-process around it.</param>
/// <param name="Flows">Sequence flows whose tokens were consumed: one, at a join one from each; none at a start or an event that came from outside.</param>
/// <param name="Iteration">Which repetition of a loop or multi-instance it is, from 1; null = the activity itself. The scope is then the activity's own token.</param>
/// <param name="Undoes">The finished stay that it undoes (compensation); null otherwise.</param>
public sealed record ElementEntered(string ElementId, string TokenId, string ScopeId, ImmutableArray<string> Flows, int? Iteration = null, string? Undoes = null) : IInstanceEvent;

/// <summary>A token left a flow node by these sequence flows; by none, it ended there.</summary>
/// <param name="Conditions">At gateways: condition's flow id and truth value (null = evaluation gave null), in evaluation order.</param>
public sealed record ElementLeft(string ElementId, string TokenId, ImmutableArray<string> Flows, ImmutableArray<ConditionResult> Conditions) : IInstanceEvent;

/// <summary>A token went through a flow node without resting: entered and left in one moment.</summary>
/// <param name="ScopeId">Scope the token lives in.</param>
/// <param name="From">Sequence flows whose tokens were consumed.</param>
/// <param name="To">Sequence flows taken; none where the token ended.</param>
/// <param name="Conditions">At gateways: condition's flow id and truth value, in evaluation order.</param>
public sealed record ElementPassed(string ElementId, string ScopeId, ImmutableArray<string> From, ImmutableArray<string> To, ImmutableArray<ConditionResult> Conditions)
    : IInstanceEvent;

/// <summary>The truth of one flow's condition.</summary>
public sealed record ConditionResult(string FlowId, bool? Value);

/// <summary>A token was ended without leaving normally (interrupted, cancelled, terminated).</summary>
public sealed record ElementTerminated(string ElementId, string TokenId, string Cause) : IInstanceEvent;

/// <summary>Variables of a scope were set. Personal ones are sealed by the runner when stored.</summary>
/// <param name="Source">What set them: <c>start</c>, an element id, or <c>operator</c>.</param>
public sealed record VariablesSet(string ScopeId, ImmutableDictionary<string, JsonElement> Variables, string Source, string? By, string? Reason) : IInstanceEvent;

/// <summary>A job waits for a worker.</summary>
/// <param name="Retries">Attempts allowed in all.</param>
/// <param name="Headers">Static task headers.</param>
/// <param name="Variables">Input variables after mapping; empty without a mapping, when the job sees every visible variable.</param>
public sealed record JobCreated(string JobId, string TokenId, string ElementId, string Type, int Retries, ImmutableDictionary<string, string> Headers,
    ImmutableDictionary<string, JsonElement> Variables, DateTimeOffset At) : IInstanceEvent;

/// <summary>An attempt failed and another is due later.</summary>
/// <param name="Attempt">The attempt that comes next.</param>
public sealed record JobRetried(string JobId, int Attempt, DateTimeOffset DueAt, string ErrorCode, string Message) : IInstanceEvent;

/// <summary>A job ended well. What the process keeps of its result stands in the <see cref="VariablesSet"/> that follows; the rest is not kept.</summary>
public sealed record JobCompleted(string JobId, int Attempt, InferenceResult? Inference, string By, DateTimeOffset At) : IInstanceEvent;

/// <summary>The last attempt failed and an incident follows, or the worker raised a BPMN error that an event catches.</summary>
public sealed record JobFailed(string JobId, int Attempt, string ErrorCode, string Message, DateTimeOffset At) : IInstanceEvent;

/// <summary>A job is no longer wanted.</summary>
public sealed record JobCancelled(string JobId, string Cause) : IInstanceEvent;

/// <summary>A person is asked.</summary>
/// <param name="Name">Title shown.</param>
/// <param name="FormId">Form in the process version, or null.</param>
/// <param name="Groups">Candidate groups.</param>
/// <param name="Users">Candidate member ids.</param>
/// <param name="Assignee">Direct assignee, or null.</param>
/// <param name="SeparateFrom">Members who may not complete it, with the duty that says so.</param>
/// <param name="DecisionId">The decision this task countersigns, or null.</param>
/// <param name="Why">Why it came to a person, one sentence.</param>
/// <param name="Verdicts">Answers the task accepts.</param>
public sealed record TaskCreated(string TaskId, string TokenId, string ElementId, string Name, string? FormId, ImmutableArray<string> Groups,
    ImmutableArray<string> Users, string? Assignee, ImmutableArray<Separation> SeparateFrom, string? DecisionId, string? Why, int Priority, DateTimeOffset? DueAt, DateTimeOffset At,
    ImmutableArray<string> Verdicts = default) : IInstanceEvent;

/// <summary>A segregation-of-duties rule as it applied when the task was made.</summary>
/// <param name="MemberId">Who is barred.</param>
/// <param name="Duty">By which earlier act: <c>initiator</c> or an element id.</param>
public sealed record Separation(string MemberId, string Duty);

/// <summary>Taken from the pool.</summary>
public sealed record TaskClaimed(string TaskId, string By, DateTimeOffset At) : IInstanceEvent;

/// <summary>Put back into the pool.</summary>
public sealed record TaskReleased(string TaskId, string By, DateTimeOffset At) : IInstanceEvent;

/// <summary>Given to another member.</summary>
public sealed record TaskReassigned(string TaskId, string By, string To, string Reason, DateTimeOffset At) : IInstanceEvent;

/// <summary>A person answered.</summary>
/// <param name="DutyCheck">What segregation rule was checked and how it came out, in words.</param>
public sealed record TaskCompleted(string TaskId, string By, string Verdict, string? Reason, string? ReasonCode, ImmutableDictionary<string, JsonElement> Variables,
    ShownEvidence? Shown, string DutyCheck, DateTimeOffset At) : IInstanceEvent;

/// <summary>The task is no longer wanted.</summary>
public sealed record TaskCancelled(string TaskId, string Cause) : IInstanceEvent;

/// <summary>A policy decided. One event joins it all; see <see cref="DecisionRecord"/>.</summary>
public sealed record DecisionRecorded(string TokenId, DecisionRecord Decision) : IInstanceEvent;

/// <summary>A person reviewed a decision: confirmed, corrected or overridden.</summary>
public sealed record DecisionReviewed(string DecisionId, DecisionReview Review) : IInstanceEvent;

/// <summary>A timer was set.</summary>
/// <param name="TokenId">The token that waits, or whose activity the timer is attached to.</param>
/// <param name="Remaining">Firings left, this one included; null = fires once, -1 = without end.</param>
/// <param name="Interval">ISO 8601 duration between firings of a cycle, or its cron expression; null = fires once.</param>
public sealed record TimerSet(string TimerId, string TokenId, string ElementId, DateTimeOffset DueAt, int? Remaining, string? Interval = null) : IInstanceEvent;

/// <summary>A timer fired.</summary>
public sealed record TimerFired(string TimerId, DateTimeOffset At) : IInstanceEvent;

/// <summary>A timer is no longer wanted.</summary>
public sealed record TimerCancelled(string TimerId) : IInstanceEvent;

/// <summary>The instance waits for a message, a signal or a condition.</summary>
/// <param name="MessageName">Name of the message or signal; empty for a condition.</param>
/// <param name="CorrelationKey">Key of a message; empty otherwise.</param>
/// <param name="Kind">What is waited for.</param>
public sealed record SubscriptionOpened(string SubscriptionId, string TokenId, string ElementId, string MessageName, string CorrelationKey,
    SubscriptionKind Kind = SubscriptionKind.Message) : IInstanceEvent;

/// <summary>A message or signal came, or a condition became true. What the process keeps of it stands in the <see cref="VariablesSet"/> that follows.</summary>
/// <param name="MessageId">Id of the message or of the throw of the signal; empty for a condition.</param>
/// <param name="Kind">What came.</param>
public sealed record MessageCorrelated(string SubscriptionId, string MessageId, DateTimeOffset At, SubscriptionKind Kind = SubscriptionKind.Message) : IInstanceEvent;

/// <summary>The instance no longer waits for it.</summary>
public sealed record SubscriptionClosed(string SubscriptionId) : IInstanceEvent;

/// <summary>Something needs an operator.</summary>
/// <param name="TokenId">The token that cannot go on, or null when the whole run was stopped.</param>
/// <param name="Code">Stable code, e.g. <c>job.retries_exhausted</c>, <c>condition.no_flow</c>.</param>
public sealed record IncidentRaised(string IncidentId, string? TokenId, string ElementId, string Code, string Message, string? JobId, DateTimeOffset At) : IInstanceEvent;

/// <summary>An incident is over.</summary>
public sealed record IncidentResolved(string IncidentId, string By, string Resolution, DateTimeOffset At) : IInstanceEvent;
