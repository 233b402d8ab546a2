using System.Text.Json;
using Countersign.Client.Decisions;
using Countersign.Client.Documents;

namespace Countersign.Client.Tasks;

/// <summary>Which open tasks to list; a null member does not filter.</summary>
/// <param name="Mine">True: assigned to the caller. False: unassigned. Null: every task the caller may see.</param>
/// <param name="Group">Candidate group.</param>
/// <param name="Process">Process key.</param>
/// <param name="Instance">Instance.</param>
public sealed record TaskFilter(bool? Mine = null, string? Group = null, string? Process = null, Guid? Instance = null);

/// <summary>A task in the inbox.</summary>
/// <param name="Why">Why it came to a person, one sentence, or null.</param>
/// <param name="Priority">Higher comes first; 50 when the process does not say.</param>
/// <param name="Assignee">Who has it, or null.</param>
/// <param name="Barred">Why the caller may not complete it (segregation of duties), or null when they may.</param>
/// <param name="Subject">The most important values of the case by field name, e.g. seller, number, gross total.</param>
public sealed record TaskListItem(string Id, Guid InstanceId, string ProcessKey, string ElementId, string Name, string? Why, int Priority, DateTimeOffset? DueAt,
    DateTimeOffset CreatedAt, string? Assignee, IReadOnlyList<string> Groups, string? BusinessKey, string? DecisionId, string? Barred,
    IReadOnlyDictionary<string, JsonElement> Subject);

/// <summary>Everything a person needs to answer a task.</summary>
/// <param name="Form">form-js schema, or null when the task has none.</param>
/// <param name="Fields">Fields of the case with values, confidence and places in the document.</param>
/// <param name="Document">The document, or null.</param>
/// <param name="Decision">The decision that is countersigned, or null.</param>
/// <param name="Checks">Checks run, failed ones first.</param>
/// <param name="Duties">Segregation rules of this task.</param>
/// <param name="Verbs">What may be answered: <c>approve</c>, <c>correct</c>, <c>reject</c>, <c>complete</c>.</param>
/// <param name="ShownDigest">SHA-256 (hex) of the canonical form of this view; sent back it binds the answer to exactly what was shown.</param>
public sealed record TaskView(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string Name, string? Why, int Priority,
    DateTimeOffset? DueAt, DateTimeOffset CreatedAt, string? Assignee, IReadOnlyList<string> Groups, string? BusinessKey, JsonElement? Form,
    IReadOnlyList<TaskField> Fields, DocumentView? Document, DecisionView? Decision, IReadOnlyList<CheckView> Checks, IReadOnlyList<DutyView> Duties,
    IReadOnlyList<string> Verbs, string ShownDigest);

/// <summary>One field of the case.</summary>
/// <param name="Name">Field name, a variable path such as <c>invoice.grossTotal</c>.</param>
/// <param name="Label">Label for people.</param>
/// <param name="Value">Current value; null when missing.</param>
/// <param name="Confidence">Calibrated confidence 0 to 1, or null when no model read it.</param>
/// <param name="Editable">Whether the caller may correct it.</param>
/// <param name="Evidence">Where it stands in the document.</param>
/// <param name="FailedCheck">Sentence of the check that failed on it, or null.</param>
public sealed record TaskField(string Name, string Label, JsonElement? Value, decimal? Confidence, bool Editable, IReadOnlyList<EvidenceView> Evidence,
    string? FailedCheck);

/// <summary>A segregation-of-duties rule of a task.</summary>
/// <param name="MemberId">Who is barred.</param>
/// <param name="Duty">By which earlier act: <c>initiator</c> or an element id.</param>
/// <param name="AppliesToCaller">Whether it bars the caller.</param>
/// <param name="Sentence">The rule in words.</param>
public sealed record DutyView(string MemberId, string Duty, bool AppliesToCaller, string Sentence);

/// <summary>Gives a task to another member.</summary>
/// <param name="To">Member id.</param>
/// <param name="Reason">Why, 1 to 2,000 characters.</param>
public sealed record ReassignTaskRequest(string To, string Reason);

/// <summary>Answers a task.</summary>
/// <param name="Verdict">One of the task's verbs.</param>
/// <param name="Reason">In the person's words, at most 2,000 characters; required to reject or override.</param>
/// <param name="ReasonCode">Code from the form's list; required for an override.</param>
/// <param name="Variables">Corrected or entered values by field name.</param>
/// <param name="ShownDigest">Digest of the view that was shown; a stale one is refused with 409. Null does not bind.</param>
/// <param name="DwellMilliseconds">Time between showing and answering.</param>
/// <param name="Opened">Evidence opened: document ids and field names.</param>
public sealed record CompleteTaskRequest(string Verdict, string? Reason = null, string? ReasonCode = null,
    IReadOnlyDictionary<string, JsonElement>? Variables = null, string? ShownDigest = null, long? DwellMilliseconds = null, IReadOnlyList<string>? Opened = null);

/// <summary>What became of an act on a task.</summary>
/// <param name="Status">Where the task stands now.</param>
/// <param name="Assignee">Who has it now, or null.</param>
/// <param name="InstanceStatus">Where the instance stands now.</param>
public sealed record TaskResult(string Id, Guid InstanceId, TaskState Status, string? Assignee, Instances.InstanceStatus InstanceStatus);

/// <summary>Where a task stands.</summary>
public enum TaskState
{
    /// <summary>Waits in its groups' pool.</summary>
    Open,

    /// <summary>A person has it.</summary>
    Claimed,

    /// <summary>Answered.</summary>
    Completed,

    /// <summary>No longer wanted.</summary>
    Cancelled,
}
