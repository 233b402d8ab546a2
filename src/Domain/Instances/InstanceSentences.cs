using System.Globalization;
using Countersign.Domain.Decisions;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <summary>Each fact as one sentence for people, with the names of the drawing where the graph is at hand. Values of variables are never named.</summary>
public static class InstanceSentences
{
    /// <summary>The sentence; null for a fact of a kind this version does not know.</summary>
    /// <param name="e">The fact.</param>
    /// <param name="graph">The version's graph; null gives ids instead of names.</param>
    public static string? Of(IInstanceEvent e, ProcessGraph? graph = null)
    {
        string Name(string id) => $"'{graph?.NameOf(id) ?? id}'";
        return e switch
        {
            InstanceStarted { ScheduledFor: { } due } x => string.Create(CultureInfo.InvariantCulture,
                $"The timer {Name(x.StartElementId ?? x.ProcessKey)}, due at {due.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, started version {x.Version} of {Quote(graph?.Name ?? x.ProcessKey)}.{Rollout(x)}"),
            InstanceStarted x => string.Create(CultureInfo.InvariantCulture, $"{x.By} started version {x.Version} of {Quote(graph?.Name ?? x.ProcessKey)}{(x.BusinessKey is null ? "" : $" with the business key '{x.BusinessKey}'")}.{Rollout(x)}"),
            InstanceCompleted x => $"The instance ended at {Name(x.EndElementId)}.",
            InstanceCancelled x => $"{x.By} cancelled the instance: {x.Reason}",
            ElementPassed x => $"The process went through {Name(x.ElementId)}.",
            ElementEntered x => $"The process reached {Name(x.ElementId)}.",
            ElementLeft x => $"{Name(x.ElementId)} was finished.",
            ElementTerminated x => $"{Name(x.ElementId)} was ended early by {Cause(x.Cause, graph)}.",
            StepsTaken x => Way(x, Name),
            VariablesSet x => Variables(x, graph),
            JobCreated x => $"{Name(x.ElementId)} waits for a worker of the type '{x.Type}'.",
            JobRetried x => string.Create(CultureInfo.InvariantCulture, $"Attempt {x.Attempt} of a job is due at {x.DueAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: {x.Message}"),
            JobCompleted x => Model(x),
            JobFailed x => string.Create(CultureInfo.InvariantCulture, $"A job failed in attempt {x.Attempt} and is not tried again: {x.Message}"),
            JobCancelled x => $"A job was no longer wanted because of {Cause(x.Cause, graph)}.",
            TaskCreated x => $"A person is asked to do '{x.Name}'{(x.Why is null ? "." : ": " + x.Why)}",
            TaskClaimed x => $"{x.By} took the task.",
            TaskReleased x => $"{x.By} put the task back.",
            TaskReassigned x => $"{x.By} gave the task to {x.To}: {x.Reason}",
            TaskCompleted x => $"{x.By} answered '{x.Verdict}'{(string.IsNullOrWhiteSpace(x.Reason) ? "." : ": " + x.Reason)}",
            TaskCancelled x => $"The task was no longer wanted because of {Cause(x.Cause, graph)}.",
            DecisionRecorded x => string.Create(CultureInfo.InvariantCulture,
                $"The policy '{x.Decision.Policy.Key}', version {x.Decision.Policy.Version}, decided '{VerdictWords.Of(x.Decision.Verdict)}' at {Name(x.Decision.ElementId)}{Because(x.Decision)}"),
            DecisionReviewed x => $"{x.Review.By} {Reviewed(x.Review.Outcome)} the decision.",
            TimerSet x => string.Create(CultureInfo.InvariantCulture, $"The timer {Name(x.ElementId)} is set to {x.DueAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC."),
            TimerFired => "The timer fired.",
            TimerCancelled => "The timer was no longer needed.",
            SubscriptionOpened { Kind: SubscriptionKind.Condition } x => $"{Name(x.ElementId)} waits until its condition holds.",
            SubscriptionOpened x => $"{Name(x.ElementId)} waits for the {(x.Kind == SubscriptionKind.Signal ? "signal" : "message")} '{x.MessageName}'.",
            MessageCorrelated x => x.Kind switch { SubscriptionKind.Signal => "The signal came.", SubscriptionKind.Condition => "The condition holds.", _ => "The message came." },
            SubscriptionClosed => "It is no longer waited for.",
            IncidentRaised x => $"{Name(x.ElementId)} needs an operator: {x.Message}",
            IncidentResolved x => $"{x.By} resolved the incident: {x.Resolution}",
            _ => Element(e, Name),
        };
    }

    private static string? Element(IInstanceEvent e, Func<string, string> name) => e switch
    {
        EventThrown x => x.Kind switch
        {
            ThrownKind.Message => $"{name(x.ElementId)} sent the message '{x.Name}'.",
            ThrownKind.Signal => $"{name(x.ElementId)} sent the signal '{x.Name}' to all who wait for it.",
            _ => $"{name(x.ElementId)} raised the {(x.Kind == ThrownKind.Error ? "error" : "escalation")} '{x.Name ?? "(without a code)"}' to the process that called this one.",
        },
        CallStarted { Slice: { } slice } x => string.Create(CultureInfo.InvariantCulture, $"Repetitions {slice.From} to {slice.From + slice.Count - 1} of {name(x.ElementId)} were handed to an instance of their own."),
        CallStarted x => $"{name(x.ElementId)} called the process '{x.ProcessKey}'.",
        CallReported x => x.Report switch
        {
            CallReport.Completed => "The called process completed.",
            CallReport.Escalation => $"The called process raised the escalation '{x.Code ?? "(without a code)"}'.",
            CallReport.Error => $"The called process ended with the error '{x.Code ?? "(without a code)"}'.",
            _ => $"The called process did not complete: {x.Message}",
        },
        CallCancelled x => $"The called process is no longer wanted because of {x.Cause}.",
        RepetitionStarted x => x.Count is { } count ? string.Create(CultureInfo.InvariantCulture, $"{name(x.ElementId)} is to be done {count} times.") : $"{name(x.ElementId)} is repeated until its condition says.",
        RepetitionAdvanced x => string.Create(CultureInfo.InvariantCulture, $"Repetition {x.Iteration} was finished."),
        RepetitionSliceFinished x => string.Create(CultureInfo.InvariantCulture, $"Repetitions {x.From} to {x.From + x.Count - 1} were finished."),
        CompensationArmed x => $"{name(x.ElementId)} can be undone from now on.",
        CompensationStarted x => string.Create(CultureInfo.InvariantCulture, $"{name(x.ElementId)} asked to undo what was done: {x.Items.Length} in all, the latest first."),
        CompensationHandled x => $"{name(x.ElementId)} was undone.",
        InstanceSuspended x => $"{x.By} suspended the instance: {x.Reason}",
        InstanceResumed x => $"{x.By} let the instance go on: {x.Reason}",
        InstanceModified x => $"{x.By} moved tokens{(x.Begun.IsDefaultOrEmpty ? "" : " to " + string.Join(", ", x.Begun.Select(name)))}: {x.Reason}",
        InstanceMigrated x => string.Create(CultureInfo.InvariantCulture, $"{x.By} moved the instance from version {x.FromVersion} to version {x.Version}: {x.Reason}"),
        InstanceContinued x => $"{x.By} let the instance go on as {x.SuccessorId:D}, which took over everything that was open: {x.Reason}",
        InstanceTakenOver x => string.Create(CultureInfo.InvariantCulture, $"{x.By} let the instance {x.Predecessor.InstanceId:D} go on here, from its fact {x.Predecessor.Version}: {x.Reason}"),
        InstanceLimitNeared x => string.Create(CultureInfo.InvariantCulture, $"The instance has become very long: {x.Facts} facts, and it stops at {x.Limit}. An operator can raise its limit or continue it in a successor."),
        InstanceLimitRaised x => string.Create(CultureInfo.InvariantCulture, $"{x.By} raised the instance's limit from {x.From} to {x.To} facts: {x.Reason}"),
        CompensationFinished => "What was to be undone is undone.",
        _ => null,
    };

    private static string Way(StepsTaken e, Func<string, string> name) => string.Join(' ', Steps.Unpack(e).Where(f => f is not VariablesSet).Select(f => f switch
    {
        ElementPassed x => $"{name(x.ElementId)} was gone through.",
        ElementEntered x => $"{name(x.ElementId)} was reached.",
        ElementLeft x => $"{name(x.ElementId)} was finished.",
        _ => "",
    }).DefaultIfEmpty("Nothing was gone through."));

    private static string Rollout(InstanceStarted e) => e.Rollout is { } rollout ? " " + rollout.Sentence : "";

    private static string Quote(string text) => $"'{text}'";

    private static string Cause(string cause, ProcessGraph? graph) => graph?.Node(cause) is { } node ? Quote(node.Title) : Quote(cause);

    private static string Variables(VariablesSet e, ProcessGraph? graph)
    {
        var names = string.Join(", ", e.Variables.Keys.Order(StringComparer.Ordinal));
        return e switch
        {
            { By: { } by, Reason: { } reason } => $"{by} set {names}: {reason}",
            { By: { } by } => $"{by} gave {names}.",
            _ => $"'{graph?.NameOf(e.Source) ?? e.Source}' set {names}.",
        };
    }

    private static string Model(JobCompleted e) => e.Inference is { } inference
        ? $"{e.By} finished a job; the model '{inference.Model}' ({inference.Version}) of {inference.Provider} proposed."
        : $"{e.By} finished a job.";

    private static string Because(DecisionRecord decision) => decision.Reasons.IsDefaultOrEmpty ? "." : ": " + decision.Reasons[0];

    private static string Reviewed(ReviewOutcome outcome) => outcome switch
    {
        ReviewOutcome.Confirmed => "confirmed",
        ReviewOutcome.Corrected => "corrected",
        _ => "overrode",
    };
}
