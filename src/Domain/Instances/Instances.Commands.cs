using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Instances;

/// <summary>
/// A command to one process instance. Commands are messages: plain records with a stable name in the message table, read for ever.
/// </summary>
/// <param name="TenantId">The tenant, from the verified credential or from the row that led here.</param>
/// <param name="InstanceId">The instance (its stream).</param>
/// <param name="By">Who acts, resolved at the edge.</param>
public abstract record InstanceCommand(string TenantId, Guid InstanceId, Actor By);

/// <summary>Starts an instance of a process version. The id of an idempotent start is derived, so a repeat is the same stream.</summary>
/// <param name="ProcessVersionId">Version to run, <c>key:number</c>, resolved before the command is made.</param>
/// <param name="Variables">Initial variables of the process scope.</param>
/// <param name="BusinessKey">The caller's own key, 1 to 255 characters, or null.</param>
/// <param name="StartElementId">The start event (or instantiating task) that was triggered; null = where the process begins by itself.</param>
/// <param name="Parent">The call that starts it, or null.</param>
/// <param name="ScheduledFor">When the timer that starts it was due (UTC); null when no timer does.</param>
/// <param name="Rollout">How the version was chosen while another was rolled out; null when none was, or the caller named the version.</param>
/// <param name="Slice">The slice of a multi-instance that it is to work through for its parent; null otherwise.</param>
/// <param name="Pinned">Policies as its parent has pinned them, with a slice; null otherwise.</param>
/// <param name="Chain">The chain of starts by messages and signals that it belongs to; null when it is started from outside.</param>
public sealed record StartInstance(string TenantId, Guid InstanceId, Actor By, string ProcessVersionId,
    ImmutableDictionary<string, JsonElement> Variables, string? BusinessKey = null, string? StartElementId = null, CallLink? Parent = null,
    DateTimeOffset? ScheduledFor = null, StartRollout? Rollout = null, SliceStart? Slice = null,
    ImmutableDictionary<string, string>? Pinned = null, StartChain? Chain = null) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Cancels a running instance with everything open in it.</summary>
/// <param name="Reason">Why, for the trail; required.</param>
public sealed record CancelInstance(string TenantId, Guid InstanceId, Actor By, string Reason) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Sets variables of the process scope from outside, with a reason.</summary>
public sealed record SetVariables(string TenantId, Guid InstanceId, Actor By, ImmutableDictionary<string, JsonElement> Variables, string Reason)
    : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Takes a task out of its groups' pool for the actor.</summary>
public sealed record ClaimTask(string TenantId, Guid InstanceId, Actor By, string TaskId) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Puts a claimed task back into its groups' pool.</summary>
public sealed record ReleaseTask(string TenantId, Guid InstanceId, Actor By, string TaskId) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Gives a task to another member (operator or current assignee); duties are checked against the new one.</summary>
/// <param name="To">The other member, resolved with roles and groups.</param>
public sealed record ReassignTask(string TenantId, Guid InstanceId, Actor By, string TaskId, Actor To, string Reason)
    : InstanceCommand(TenantId, InstanceId, By);

/// <summary>A person's answer to a task.</summary>
/// <param name="TaskId">The task, <c>instance-sequence</c>.</param>
/// <param name="Verdict">What the person did, one of the task's verbs: <c>approve</c>, <c>correct</c>, <c>reject</c>, <c>complete</c>.</param>
/// <param name="Reason">Reason in the person's words; required to reject or override.</param>
/// <param name="ReasonCode">Reason code from the form's list; required for an override.</param>
/// <param name="Variables">Corrected or entered values, by the form's fields.</param>
/// <param name="Shown">What the person was shown and for how long; null when the caller did not bind it.</param>
public sealed record CompleteTask(string TenantId, Guid InstanceId, Actor By, string TaskId, string Verdict, string? Reason, string? ReasonCode,
    ImmutableDictionary<string, JsonElement> Variables, ShownEvidence? Shown = null) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>What a person saw when deciding.</summary>
/// <param name="Digest">Lower-case hex SHA-256 of the canonical view that was shown; a stale digest is refused.</param>
/// <param name="Dwell">Time between showing and answering; never negative.</param>
/// <param name="Opened">Evidence opened (document ids, field names).</param>
public sealed record ShownEvidence(string Digest, TimeSpan Dwell, ImmutableArray<string> Opened);

/// <summary>The result of one attempt of a job. A late or second result adds nothing.</summary>
/// <param name="Attempt">The fence: 1 for the first attempt.</param>
/// <param name="Variables">Result variables.</param>
/// <param name="Inference">What a model did, when the job was an inference; null otherwise.</param>
public sealed record CompleteJob(string TenantId, Guid InstanceId, Actor By, string JobId, int Attempt,
    ImmutableDictionary<string, JsonElement> Variables, InferenceResult? Inference = null) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>A failed attempt of a job. The engine decides about the retry.</summary>
/// <param name="ErrorCode">Stable code of the failure.</param>
/// <param name="Message">One redacted sentence.</param>
/// <param name="Retryable">False ends the retries at once (incident).</param>
/// <param name="RetryAfter">What the other side asked for; null when it did not.</param>
public sealed record FailJob(string TenantId, Guid InstanceId, Actor By, string JobId, int Attempt, string ErrorCode, string Message,
    bool Retryable = true, TimeSpan? RetryAfter = null) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>A worker raises a BPMN error to be caught by a boundary event.</summary>
public sealed record ThrowJobError(string TenantId, Guid InstanceId, Actor By, string JobId, int Attempt, string ErrorCode, string Message,
    ImmutableDictionary<string, JsonElement> Variables) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>A timer row became due. A timer that is gone adds nothing.</summary>
public sealed record FireTimer(string TenantId, Guid InstanceId, Actor By, string TimerId) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>A message was correlated to an open subscription. A closed subscription adds nothing.</summary>
public sealed record CorrelateMessage(string TenantId, Guid InstanceId, Actor By, string SubscriptionId, string MessageId,
    ImmutableDictionary<string, JsonElement> Variables) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>How a called instance fared. A report about a call that is over, or one that came before, adds nothing.</summary>
/// <param name="CallId">The call in this instance.</param>
/// <param name="ReportId">Names the report.</param>
/// <param name="Code">Code of the error or escalation, or of the failure.</param>
/// <param name="Message">One sentence about a failure.</param>
/// <param name="Variables">Variables of the called instance; of a slice those that it changed.</param>
/// <param name="Completers">Who completed tasks in a slice, by element; null where another process was called.</param>
public sealed record ReportCall(string TenantId, Guid InstanceId, Actor By, string CallId, CallReport Report, string ReportId, string? Code, string? Message,
    ImmutableDictionary<string, JsonElement> Variables, ImmutableDictionary<string, ImmutableArray<string>>? Completers = null) : InstanceCommand(TenantId, InstanceId, By);

/// <summary>Tries again what raised an incident.</summary>
public sealed record RetryIncident(string TenantId, Guid InstanceId, Actor By, string IncidentId, string Reason)
    : InstanceCommand(TenantId, InstanceId, By);

/// <summary>What a model (or a reader that ships) did in one job: the part of a decision record that comes from outside the engine.</summary>
/// <param name="Provider">Who runs the model, e.g. <c>countersign</c> for the built-in reader.</param>
/// <param name="Model">Model name.</param>
/// <param name="Version">Exact version or digest.</param>
/// <param name="PromptHash">SHA-256 of the prompt template, or null where there is none.</param>
/// <param name="InputHash">SHA-256 (hex) of the input snapshot as stored.</param>
/// <param name="InputReference">Where the snapshot is: a document id or a blob address.</param>
/// <param name="OutputVariable">The result variable that holds the model's proposal.</param>
/// <param name="Score">Overall raw score 0 to 1, or null when the model gives none.</param>
/// <param name="FieldScores">Raw score per field, 0 to 1.</param>
/// <param name="Evidence">Where each field was found.</param>
/// <param name="Tokens">Tokens in and out; 0 for models without tokens.</param>
/// <param name="Cost">Cost of the call in the tenant's currency; 0 when free.</param>
/// <param name="Latency">Time of the attempt that succeeded.</param>
public sealed record InferenceResult(string Provider, string Model, string Version, string? PromptHash, string InputHash, string InputReference,
    string OutputVariable, decimal? Score, ImmutableDictionary<string, decimal> FieldScores, ImmutableArray<FieldEvidence> Evidence,
    long Tokens, decimal Cost, TimeSpan Latency);

/// <summary>Where a field's value stands.</summary>
/// <param name="Field">Field name.</param>
/// <param name="DocumentId">The document.</param>
/// <param name="Page">1-based page, or null for structured data.</param>
/// <param name="X">Left edge in points from the page's left; null without a page.</param>
/// <param name="Y">Top edge in points from the page's top.</param>
/// <param name="Width">Width in points.</param>
/// <param name="Height">Height in points.</param>
/// <param name="Path">Path in structured data, or null.</param>
public sealed record FieldEvidence(string Field, string DocumentId, int? Page, double? X, double? Y, double? Width, double? Height, string? Path);
