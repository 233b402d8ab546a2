using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances.Elements;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Instances;

/// <content>Human tasks. Whoever may not act is refused here and nowhere recorded in the instance; the caller records the attempt.</content>
public static partial class Engine
{
    private static Outcome Claim(Execution x, ClaimTask c)
    {
        if (Open(x, c.TaskId, out var task) is { } refused)
            return refused;
        if (task.Assignee == c.By.Id)
            return Outcome.Nothing;
        if (MayNotAct(x, task, c.By) is { } denied)
            return denied;
        return task.Assignee is null
            ? Outcome.Of(new TaskClaimed(c.TaskId, c.By.Id, x.Now))
            : Outcome.Refuse(RefusalKind.Conflict, "task.already_claimed", "Someone else has taken this task. Ask them to release it, or take another one.");
    }

    private static Outcome Release(Execution x, ReleaseTask c)
    {
        if (Open(x, c.TaskId, out var task) is { } refused)
            return refused;
        if (task.Assignee is null)
            return Outcome.Nothing;
        return task.Assignee == c.By.Id || Operates(c.By)
            ? Outcome.Of(new TaskReleased(c.TaskId, c.By.Id, x.Now))
            : Outcome.Refuse(RefusalKind.Denied, "task.not_assignee", "Only the person who has the task, or an operator, may put it back.");
    }

    private static Outcome Reassign(Execution x, ReassignTask c)
    {
        if (Open(x, c.TaskId, out var task) is { } refused)
            return refused;
        if (task.Assignee != c.By.Id && !Operates(c.By))
            return Outcome.Refuse(RefusalKind.Denied, "task.not_assignee", "Only the person who has the task, or an operator, may give it to another member.");
        if (task.Assignee == c.To.Id)
            return Outcome.Nothing;
        if (Blank(c.Reason))
            return Outcome.Refuse(RefusalKind.Invalid, "task.reason_required", "Giving a task to another member needs a reason. Say why in a few words.");
        if (MayNotAct(x, task, c.To) is { } denied)
            return denied;
        return Outcome.Of(new TaskReassigned(c.TaskId, c.By.Id, c.To.Id, c.Reason, x.Now));
    }

    private static Outcome Complete(Execution x, CompleteTask c)
    {
        if (x.State.ClosedTasks.FirstOrDefault(t => t.TaskId == c.TaskId) is { } closed && closed.By == c.By.Id && closed.Verdict == c.Verdict)
            return Outcome.Nothing;
        if (Open(x, c.TaskId, out var task) is { } refused)
            return refused;
        if (MayNotAct(x, task, c.By) is { } denied)
            return denied;
        if (task.Assignee is { } assignee && assignee != c.By.Id)
            return Outcome.Refuse(RefusalKind.Conflict, "task.already_claimed", "Someone else has taken this task. Ask them to release it, or take another one.");
        if (WrongAnswer(x, task, c) is { } wrong)
            return wrong;

        var node = x.Graph.Node(task.ElementId)!;
        var duties = ((UserTaskDetail)node.Detail!).SeparateFrom;
        var dutyCheck = Duties.InWords(Duties.Of(x.State, task, duties), duties);
        x.Emit(new TaskCompleted(c.TaskId, c.By.Id, c.Verdict, c.Reason, c.ReasonCode, c.Variables, c.Shown, dutyCheck, x.Now));
        if (task.DecisionId is { } decision)
            x.Emit(new DecisionReviewed(decision, Review(x, c, dutyCheck)));
        Completion.Finish(x, node, task.TokenId, Results(node, c), ImmutableDictionary<string, JsonElement>.Empty);
        x.Run();
        return x.Outcome;
    }

    /// <summary>The open task, or why there is none.</summary>
    private static Outcome? Open(Execution x, string taskId, out TaskState task)
    {
        if (x.State.Tasks.TryGetValue(taskId, out task!))
            return null;
        if (x.State.ClosedTasks.FirstOrDefault(t => t.TaskId == taskId) is { By: null })
            return Outcome.Refuse(RefusalKind.Conflict, "task.cancelled", "The task is no longer wanted: the process went on without it. Look at the instance.");
        return IsKnown(x.State, taskId)
            ? Outcome.Refuse(RefusalKind.Conflict, "task.already_completed", "The task has been completed already. Look at the instance to see by whom.")
            : Outcome.Refuse(RefusalKind.NotFound, "task.not_found", "There is no such task. Check the id.");
    }

    /// <summary>Why someone may not act on a task, or null.</summary>
    private static Outcome? MayNotAct(Execution x, TaskState task, Actor who)
    {
        if (who.Kind != ActorKind.Person)
            return Outcome.Refuse(RefusalKind.Denied, "task.person_required", "Only a signed-in person may act on a human task. Sign in as a member.");
        if (task.Assignee != who.Id && !IsCandidate(task, who))
            return Outcome.Refuse(RefusalKind.Denied, "task.not_candidate", "The task is for other people or groups. Ask an operator to reassign it.");
        var duties = x.Graph.Node(task.ElementId)?.Detail is UserTaskDetail detail ? detail.SeparateFrom : [];
        var barred = Duties.Of(x.State, task, duties).FirstOrDefault(s => s.MemberId == who.Id);
        if (barred is null)
            return null;
        var act = barred.Duty == Duties.Initiator ? "started this instance" : $"completed '{x.Graph.NameOf(barred.Duty)}'";
        return Outcome.Refuse(RefusalKind.Denied, "task.separation_of_duties", $"Separation of duties: the person who {act} may not do '{task.Name}'. Another member must.");
    }

    private static bool IsCandidate(TaskState task, Actor who) =>
        (task.Groups.IsEmpty && task.Users.IsEmpty) || task.Users.Contains(who.Id, StringComparer.Ordinal) || task.Groups.Any(who.IsIn);

    private static bool Operates(Actor who) => who.Kind == ActorKind.Person && (who.Holds("operator") || who.Holds("admin"));

    private static Outcome? WrongAnswer(Execution x, TaskState task, CompleteTask c)
    {
        if (!task.Verdicts.Contains(c.Verdict, StringComparer.Ordinal))
            return Outcome.Refuse(RefusalKind.Invalid, "task.unknown_verdict", $"'{Short(c.Verdict)}' is no answer to this task. Answer with one of: {string.Join(", ", task.Verdicts)}.");
        if (c.Verdict is "reject" or "override" && Blank(c.Reason))
            return Outcome.Refuse(RefusalKind.Invalid, "task.reason_required", $"To {c.Verdict} needs a reason. Say why in a few words.");
        if (c.Verdict == "override" && Blank(c.ReasonCode))
            return Outcome.Refuse(RefusalKind.Invalid, "task.reason_code_required", "To override needs a reason code. Choose one of the form's list.");
        if (c.Verdict == "correct" && c.Variables.IsEmpty)
            return Outcome.Refuse(RefusalKind.Invalid, "task.correction_required", "To correct needs at least one changed value. Change a field, or approve as it is.");
        if (c.Shown is { } shown && shown.Dwell < TimeSpan.Zero)
            return Outcome.Refuse(RefusalKind.Invalid, "task.negative_dwell", "The time between showing and answering cannot be negative. Send a duration of zero or more.");
        if (c.Shown is { } evidence && TaskView.Of(x.State, c.TaskId) is { } view && view.Digest != evidence.Digest)
            return Outcome.Refuse(RefusalKind.Conflict, "task.view_changed", "What was shown has changed since. Load the task again, look at it and answer then.");
        return Unfit(c.Variables, x.Context);
    }

    private static DecisionReview Review(Execution x, CompleteTask c, string dutyCheck)
    {
        var outcome = c.Verdict switch
        {
            "reject" or "override" => ReviewOutcome.Overridden,
            _ when !c.Variables.IsEmpty => ReviewOutcome.Corrected,
            _ => ReviewOutcome.Confirmed,
        };
        return new DecisionReview(c.TaskId, c.By.Id, c.Shown?.Digest, c.Shown?.Dwell, c.Shown is { Opened.IsDefault: false } shown ? shown.Opened : [], outcome, c.Verdict, c.Reason,
            c.ReasonCode, outcome == ReviewOutcome.Corrected ? c.Variables : ImmutableDictionary<string, JsonElement>.Empty, "session", dutyCheck, x.Now);
    }

    /// <summary>
    /// What mappings see: the entered values by their names, and the whole answer as <c>taskResult</c>. Without a mapping the entered values are
    /// handed on, and the answer goes to the variable that the task names for it.
    /// </summary>
    private static ImmutableDictionary<string, JsonElement> Results(GraphNode node, CompleteTask c)
    {
        var variables = new JsonObject();
        foreach (var (name, value) in c.Variables.OrderBy(v => v.Key, StringComparer.Ordinal))
            variables[name] = Json.Node(value);
        var answer = Json.Of(new JsonObject
        {
            ["verdict"] = c.Verdict,
            ["reason"] = c.Reason,
            ["reasonCode"] = c.ReasonCode,
            ["by"] = c.By.Id,
            ["variables"] = variables,
        });
        var resultVariable = node.Outputs.IsEmpty ? ((UserTaskDetail)node.Detail!).VerdictVariable : "taskResult";
        return resultVariable is null ? c.Variables : c.Variables.SetItem(resultVariable, answer);
    }
}
