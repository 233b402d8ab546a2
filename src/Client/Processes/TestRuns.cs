using System.Text.Json;
using Countersign.Client.Decisions;
using Countersign.Client.Instances;

namespace Countersign.Client.Processes;

/// <summary>
/// Runs a process on a simulated clock with scripted answers. Nothing is written: no instance comes into being, nobody is asked, nothing is sent. Answers to the same task, job, policy or called
/// process are given one after the other; the last one stays.
/// </summary>
/// <param name="Bpmn">BPMN 2.0 XML to run as if it were published; null when <paramref name="Process"/> names a published one.</param>
/// <param name="Resources">DMN tables and forms that <paramref name="Bpmn"/> names; none when null.</param>
/// <param name="Process">Key of a published process; null when <paramref name="Bpmn"/> is given.</param>
/// <param name="Version">Its version; the newest when null.</param>
/// <param name="Variables">Initial variables, at most 2 MB with the whole of the script; none when null.</param>
/// <param name="BusinessKey">The caller's own key, or null.</param>
/// <param name="StartElementId">Start event; null where the process begins by itself.</param>
/// <param name="StartedBy">Who starts it, for separated duties; <c>starter</c> when null.</param>
/// <param name="StartAt">Where the clock stands at the start (UTC); Monday, 5 January 2026, 09:00 when null.</param>
/// <param name="ForSeconds">How much simulated time may pass: 0 to 31,622,400 (366 days); 366 days when null. The clock goes from one due time to the next.</param>
/// <param name="Tasks">What people answer.</param>
/// <param name="Jobs">What workers and models answer.</param>
/// <param name="Decisions">What policies decide instead of the published ones.</param>
/// <param name="Messages">Messages that are sent.</param>
/// <param name="Signals">Signals that are broadcast.</param>
/// <param name="Calls">What called processes answer; they are never run.</param>
public sealed record TestRunRequest(string? Bpmn = null, IReadOnlyList<ProcessResource>? Resources = null, string? Process = null, int? Version = null,
    IReadOnlyDictionary<string, JsonElement>? Variables = null, string? BusinessKey = null, string? StartElementId = null, string? StartedBy = null, DateTimeOffset? StartAt = null, int? ForSeconds = null,
    IReadOnlyList<TestRunTask>? Tasks = null, IReadOnlyList<TestRunJob>? Jobs = null, IReadOnlyList<TestRunDecision>? Decisions = null, IReadOnlyList<TestRunMessage>? Messages = null,
    IReadOnlyList<TestRunSignal>? Signals = null, IReadOnlyList<TestRunCall>? Calls = null);

/// <summary>A person answers a task. Whether that person may is decided as in the service.</summary>
/// <param name="ElementId">The user task.</param>
/// <param name="Person">Any id; several answers of one person are that person's.</param>
/// <param name="Groups">Groups that the person is in; none when null.</param>
/// <param name="Verdict">One of the task's verdicts; <c>complete</c>, or the only one that the task has, when null.</param>
/// <param name="Variables">Values entered; none when null.</param>
/// <param name="Reason">Why, in the person's words.</param>
/// <param name="ReasonCode">Reason code, where the task asks for one.</param>
/// <param name="AfterSeconds">How long after the task came.</param>
public sealed record TestRunTask(string ElementId, string Person, IReadOnlyList<string>? Groups = null, string? Verdict = null, IReadOnlyDictionary<string, JsonElement>? Variables = null,
    string? Reason = null, string? ReasonCode = null, int AfterSeconds = 0);

/// <summary>How a scripted job or call ends.</summary>
public enum TestRunOutcome
{
    /// <summary>Well.</summary>
    Completed,

    /// <summary>The attempt fails; for a call: an incident.</summary>
    Failed,

    /// <summary>With a BPMN error.</summary>
    Error,
}

/// <summary>A worker or model answers a job.</summary>
/// <param name="Type">The job type; null when <paramref name="ElementId"/> is given.</param>
/// <param name="ElementId">The step alone; goes before the type.</param>
/// <param name="Outcome">How the attempt ends.</param>
/// <param name="Variables">Results, or what the error carries; none when null.</param>
/// <param name="Code">The BPMN error code; needed for an error.</param>
/// <param name="Message">What failed, one sentence.</param>
/// <param name="Retryable">False ends the retries of a failed job at once.</param>
/// <param name="Model">What a policy judges the proposal by; null for a worker that is no model. Needs the type.</param>
public sealed record TestRunJob(string? Type = null, string? ElementId = null, TestRunOutcome Outcome = TestRunOutcome.Completed, IReadOnlyDictionary<string, JsonElement>? Variables = null,
    string? Code = null, string? Message = null, bool Retryable = true, TestRunModel? Model = null);

/// <summary>A model as a policy knows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Provider">Who runs it; <c>countersign</c> when null.</param>
/// <param name="Version">Its version; <c>test</c> when null.</param>
/// <param name="Score">Overall raw score, 0 to 1.</param>
/// <param name="FieldScores">Raw scores of fields, 0 to 1; none when null.</param>
public sealed record TestRunModel(string Name, string? Provider = null, string? Version = null, decimal? Score = null, IReadOnlyDictionary<string, decimal>? FieldScores = null);

/// <summary>A policy decides as told, in place of the published one.</summary>
/// <param name="Policy">Key by which the process asks it.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">Why; a sentence that names the test when null.</param>
public sealed record TestRunDecision(string Policy, Verdict Verdict, string? Reason = null);

/// <summary>A message is sent.</summary>
/// <param name="Name">Its name.</param>
/// <param name="CorrelationKey">Its correlation key; none when null.</param>
/// <param name="Variables">What it carries; nothing when null.</param>
/// <param name="AfterSeconds">How long after the start.</param>
public sealed record TestRunMessage(string Name, string? CorrelationKey = null, IReadOnlyDictionary<string, JsonElement>? Variables = null, int AfterSeconds = 0);

/// <summary>A signal is broadcast.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Variables">What it carries; nothing when null.</param>
/// <param name="AfterSeconds">How long after the start.</param>
public sealed record TestRunSignal(string Name, IReadOnlyDictionary<string, JsonElement>? Variables = null, int AfterSeconds = 0);

/// <summary>A called process answers.</summary>
/// <param name="Process">Its key.</param>
/// <param name="Outcome">How it ends.</param>
/// <param name="Variables">Its variables at the end, or what the error carries; none when null.</param>
/// <param name="Code">The BPMN error code; needed for an error.</param>
public sealed record TestRunCall(string Process, TestRunOutcome Outcome = TestRunOutcome.Completed, IReadOnlyDictionary<string, JsonElement>? Variables = null, string? Code = null);

/// <summary>What a test run came to.</summary>
/// <param name="ProcessKey">The process.</param>
/// <param name="Sentence">How it ended, for a person.</param>
/// <param name="Limit">The limit that stopped it: <c>steps</c>, <c>size</c> or <c>time</c>; null when none did. Then the trace is what happened until there.</param>
/// <param name="EndedAt">Where the clock stands (UTC).</param>
/// <param name="Steps">What happened, in order.</param>
/// <param name="Instances">The instance, and others that signals or messages started.</param>
/// <param name="Findings">What the compiler warns of.</param>
public sealed record TestRunView(string ProcessKey, string Sentence, string? Limit, DateTimeOffset EndedAt, IReadOnlyList<TestRunStep> Steps, IReadOnlyList<TestRunInstance> Instances, IReadOnlyList<ProcessFinding> Findings);

/// <summary>One thing that came from outside, and all that followed.</summary>
/// <param name="Number">From 1.</param>
/// <param name="At">Simulated time (UTC).</param>
/// <param name="Kind"><c>start</c>, <c>person</c>, <c>worker</c>, <c>timer</c>, <c>message</c> or <c>call</c>.</param>
/// <param name="Instance">Number of the instance in <see cref="TestRunView.Instances"/>, from 1; null when none was concerned.</param>
/// <param name="ElementId">Where in the diagram, or null.</param>
/// <param name="Sentence">What happened.</param>
/// <param name="Details">What followed, one sentence each.</param>
/// <param name="Refusal">Why the engine refused it; null when it did not.</param>
public sealed record TestRunStep(int Number, DateTimeOffset At, string Kind, int? Instance, string? ElementId, string Sentence, IReadOnlyList<string> Details, TestRunRefusal? Refusal);

/// <summary>A refusal of the engine.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Sentence">Why, and what to do.</param>
public sealed record TestRunRefusal(string Code, string Sentence);

/// <summary>One instance at the end of a test run.</summary>
/// <param name="ProcessKey">Its process.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="EndElementId">The end event at which it completed, or null.</param>
/// <param name="Path">Elements in the order in which they were reached.</param>
/// <param name="Flows">Sequence flows in the order in which they were taken.</param>
/// <param name="Variables">Variables of the process scope.</param>
/// <param name="WaitingFor">Why each token waits, and what to add to the script.</param>
public sealed record TestRunInstance(string ProcessKey, InstanceStatus Status, string? EndElementId, IReadOnlyList<string> Path, IReadOnlyList<string> Flows,
    IReadOnlyDictionary<string, JsonElement> Variables, IReadOnlyList<TestRunWait> WaitingFor);

/// <summary>A token that waits.</summary>
/// <param name="ElementId">Where.</param>
/// <param name="Sentence">Why.</param>
/// <param name="Remedy">What to add to the script or to correct; null when there is nothing in particular.</param>
public sealed record TestRunWait(string ElementId, string Sentence, string? Remedy);
