using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Decisions;

namespace Countersign.Domain.Instances;

/// <content>The evolving room: facts change state, nothing is decided here, and nothing throws.</content>
public sealed partial record InstanceState
{
    /// <summary>Closed tasks kept to tell a repeated answer from a late one.</summary>
    private const int ClosedTasksKept = 64;

    /// <summary>Message ids kept by a subscription that stays open.</summary>
    private const int SeenMessagesKept = 64;

    /// <summary>The state after one more fact. Total: a fact that does not fit, or of a kind this version does not know, changes nothing but the count.</summary>
    /// <param name="state">State before; null before the first fact.</param>
    /// <param name="e">The fact.</param>
    public static InstanceState Evolve(InstanceState? state, IInstanceEvent e)
    {
        var s = state ?? None;
        if (e is StepsTaken run)
            return Steps.Unpack(run).Aggregate(s, Evolve) with { Events = s.Events + 1 };
        var next = e switch
        {
            InstanceStarted x => s.Apply(x),
            InstanceCompleted x => s.Ended(InstanceStatus.Completed, x.At),
            InstanceCancelled x => s.Ended(InstanceStatus.Cancelled, x.At),
            ElementPassed x => s with { Pending = s.Move(x.ScopeId, x.From, x.To) },
            ElementEntered x => s.Apply(x),
            ElementLeft x => s.Apply(x),
            ElementTerminated x => s.Apply(x),
            VariablesSet x => s with { Variables = Merge(s.Variables, x.ScopeId, x.Variables), Slice = Changed(s.Slice, x) },
            JobCreated x => s.Apply(x),
            JobRetried x => s.WithJob(x.JobId, j => j with { Attempt = x.Attempt, DueAt = x.DueAt, Failed = false }),
            JobFailed x => s.WithJob(x.JobId, j => j with { Failed = true }),
            JobCompleted x => s.Apply(x),
            JobCancelled x => s with { Jobs = s.Jobs.Remove(x.JobId) },
            TaskCreated x => s.Apply(x),
            TaskClaimed x => s.WithTask(x.TaskId, t => t with { Assignee = x.By, TakenAt = x.At }),
            TaskReleased x => s.WithTask(x.TaskId, t => t with { Assignee = null, TakenAt = null }),
            TaskReassigned x => s.WithTask(x.TaskId, t => t with { Assignee = x.To, TakenAt = x.At }),
            TaskCompleted x => s.Apply(x),
            TaskCancelled x => s.Close(x.TaskId, null, null),
            DecisionRecorded x => s.Apply(x),
            DecisionReviewed => s,
            TimerSet x => s.Counted(x.TimerId) with { Timers = s.Timers.SetItem(x.TimerId, new TimerState(x.TokenId, x.ElementId, x.DueAt, x.Remaining, x.Interval)) },
            TimerFired x => s.Apply(x),
            TimerCancelled x => s with { Timers = s.Timers.Remove(x.TimerId) },
            SubscriptionOpened x => s.Apply(x),
            MessageCorrelated x => s.Apply(x),
            SubscriptionClosed x => s with { Subscriptions = s.Subscriptions.Remove(x.SubscriptionId) },
            IncidentRaised x => s.Apply(x),
            IncidentResolved x => s with { Incidents = s.Incidents.Remove(x.IncidentId) },
            _ => s.ApplyElement(e),
        };
        return next with { Events = s.Events + 1 };
    }

    private InstanceState Apply(InstanceStarted e) => this with
    {
        Id = e.InstanceId,
        ProcessKey = e.ProcessKey,
        Version = e.Version,
        Hash = e.Hash,
        BusinessKey = e.BusinessKey,
        Pinned = e.Pinned ?? ImmutableDictionary<string, string>.Empty,
        Status = InstanceStatus.Running,
        StartedBy = e.By,
        StartedAt = e.At,
        Parent = e.Parent,
        StartElementId = e.StartElementId,
        HoldsKey = e.HoldsKey,
        Rollout = e.Rollout,
        Chain = e.Chain,
        Slice = e.Slice is { } slice ? new SliceState(slice.ElementId, slice.From, slice.Count, slice.Called, []) : null,
        Completers = e.Slice?.Completers ?? Completers,
    };

    private InstanceState Ended(InstanceStatus status, DateTimeOffset at) => this with
    {
        Status = status,
        EndedAt = at,
        Pending = [],
        Armed = [],
        Compensations = Compensations.Clear(),
    };

    private InstanceState Apply(ElementEntered e) => Counted(e.TokenId) with
    {
        Pending = Move(e.ScopeId, e.Flows, []),
        Tokens = Tokens.SetItem(e.TokenId, new TokenState(e.ElementId, e.ScopeId, false, e.Iteration, e.Undoes)),
    };

    private InstanceState Apply(ElementLeft e)
    {
        if (!Tokens.TryGetValue(e.TokenId, out var token))
            return this;
        var without = Without(e.TokenId);
        return without with { Pending = without.Move(token.ScopeId, [], e.Flows) };
    }

    private InstanceState Apply(ElementTerminated e) => Without(e.TokenId);

    /// <summary>What was on flows inside an ended sub-process is gone with it, and so are local variables.</summary>
    private InstanceState Without(string tokenId)
    {
        var next = this with
        {
            Pending = Pending.IsEmpty ? Pending : Pending.RemoveAll(p => p.ScopeId == tokenId),
            Tokens = Tokens.Remove(tokenId),
            Variables = Variables.Remove(tokenId),
            Repetitions = Repetitions.Remove(tokenId),
            Compensations = Compensations.IsEmpty ? Compensations : Compensations.RemoveRange(Compensations.Where(c => c.Value.TokenId == tokenId || c.Value.ScopeId == tokenId).Select(c => c.Key)),
        };
        return next.Armed.IsEmpty ? next : next with { Armed = next.Reachable(next.Armed) };
    }

    private InstanceState Apply(JobCreated e)
    {
        var variables = e.Variables ?? ImmutableDictionary<string, JsonElement>.Empty;
        var job = new JobState(e.TokenId, e.ElementId, e.Type, 1, e.Retries, e.At, e.Headers ?? ImmutableDictionary<string, string>.Empty, variables, !variables.IsEmpty, false);
        return Counted(e.JobId) with { Jobs = Jobs.SetItem(e.JobId, job) };
    }

    private InstanceState Apply(JobCompleted e)
    {
        if (!Jobs.TryGetValue(e.JobId, out var job))
            return this;
        return WorkDone(job.TokenId, job.ElementId) with
        {
            Jobs = Jobs.Remove(e.JobId),
            Proposals = e.Inference is { } inference ? Proposals.SetItem(job.ElementId, new ProposalState(inference, e.Attempt)) : Proposals,
        };
    }

    private InstanceState Apply(TaskCreated e)
    {
        var task = new TaskState(e.TokenId, e.ElementId, e.Name, e.FormId, OrEmpty(e.Groups), OrEmpty(e.Users), e.Assignee, OrEmpty(e.SeparateFrom), e.DecisionId, e.Why,
            e.Priority, e.DueAt, e.At, OrEmpty(e.Verdicts));
        return Counted(e.TaskId) with { Tasks = Tasks.SetItem(e.TaskId, task) };
    }

    private InstanceState Apply(TaskCompleted e)
    {
        if (!Tasks.TryGetValue(e.TaskId, out var task))
            return this;
        var completers = Completers.GetValueOrDefault(task.ElementId, []);
        var next = WorkDone(task.TokenId, task.ElementId).Close(e.TaskId, e.By, e.Verdict);
        return completers.Contains(e.By, StringComparer.Ordinal) ? next : next with { Completers = Completers.SetItem(task.ElementId, completers.Add(e.By)) };
    }

    private InstanceState Apply(DecisionRecorded e)
    {
        var d = e.Decision;
        var decision = new DecisionState(d.DecisionId, VerdictWords.Of(d.Verdict), OrEmpty(d.Reasons), d.InputHash, d.At);
        return Counted(d.DecisionId).WorkDone(e.TokenId, d.ElementId) with { Decisions = Decisions.SetItem(d.ElementId, decision) };
    }

    private InstanceState Apply(TimerFired e) => Timers.TryGetValue(e.TimerId, out var timer)
        ? WorkDone(timer.TokenId, timer.ElementId) with { Timers = Timers.Remove(e.TimerId) }
        : this;

    private InstanceState Apply(SubscriptionOpened e) => Counted(e.SubscriptionId) with
    {
        Subscriptions = Subscriptions.SetItem(e.SubscriptionId, new SubscriptionState(e.TokenId, e.ElementId, e.MessageName, e.CorrelationKey, [], e.Kind)),
    };

    private InstanceState Apply(MessageCorrelated e)
    {
        if (!Subscriptions.TryGetValue(e.SubscriptionId, out var subscription))
            return this;
        // What the instance threw itself reaches it once, at once; remembering it would push out what may come twice.
        var seen = e.Kind == SubscriptionKind.Signal && e.MessageId.StartsWith(Id.ToString("N"), StringComparison.Ordinal) ? subscription.Seen : subscription.Seen.Add(e.MessageId);
        if (seen.Length > SeenMessagesKept)
            seen = seen.RemoveAt(0);
        return WorkDone(subscription.TokenId, subscription.ElementId) with
        {
            Subscriptions = Subscriptions.SetItem(e.SubscriptionId, subscription with { Seen = seen }),
        };
    }

    private InstanceState Apply(IncidentRaised e) => Counted(e.IncidentId) with
    {
        Incidents = Incidents.SetItem(e.IncidentId, new IncidentState(e.TokenId, e.ElementId, e.Code, e.Message, e.JobId, e.At)),
    };

    /// <summary>Ids are given in rising order; the highest seen is where the next begins.</summary>
    private InstanceState Counted(string? id)
    {
        var sequence = InsideId.SequenceOf(id);
        return sequence > Sequence ? this with { Sequence = sequence } : this;
    }

    private InstanceState WithJob(string jobId, Func<JobState, JobState> change) =>
        Jobs.TryGetValue(jobId, out var job) ? this with { Jobs = Jobs.SetItem(jobId, change(job)) } : this;

    private InstanceState WithTask(string taskId, Func<TaskState, TaskState> change) =>
        Tasks.TryGetValue(taskId, out var task) ? this with { Tasks = Tasks.SetItem(taskId, change(task)) } : this;

    /// <summary>What a boundary event brings is not the work of the activity it is attached to, hence the element.</summary>
    private InstanceState WorkDone(string tokenId, string elementId) =>
        Tokens.TryGetValue(tokenId, out var token) && token.ElementId == elementId ? this with { Tokens = Tokens.SetItem(tokenId, token with { WorkDone = true }) } : this;

    private InstanceState Close(string taskId, string? by, string? verdict)
    {
        if (!Tasks.ContainsKey(taskId))
            return this;
        var closed = ClosedTasks.Length >= ClosedTasksKept ? ClosedTasks.RemoveAt(0) : ClosedTasks;
        return this with { Tasks = Tasks.Remove(taskId), ClosedTasks = closed.Add(new ClosedTask(taskId, by, verdict)) };
    }

    private ImmutableArray<PendingFlow> Move(string scopeId, ImmutableArray<string> from, ImmutableArray<string> to)
    {
        var pending = Pending;
        if (!from.IsDefaultOrEmpty)
        {
            foreach (var flow in from)
            {
                var at = IndexOf(pending, scopeId, flow);
                if (at >= 0)
                    pending = pending.RemoveAt(at);
            }
        }

        if (to.IsDefaultOrEmpty)
            return pending;
        var more = new PendingFlow[to.Length];
        for (var i = 0; i < more.Length; i++)
            more[i] = new PendingFlow(scopeId, to[i]);
        return pending.AddRange(more);
    }

    private static int IndexOf(ImmutableArray<PendingFlow> pending, string scopeId, string flowId)
    {
        for (var i = 0; i < pending.Length; i++)
        {
            if (pending[i].FlowId == flowId && pending[i].ScopeId == scopeId)
                return i;
        }

        return -1;
    }

    private static ImmutableDictionary<string, ImmutableDictionary<string, JsonElement>> Merge(ImmutableDictionary<string, ImmutableDictionary<string, JsonElement>> all,
        string scopeId, ImmutableDictionary<string, JsonElement>? more)
    {
        if (more is null || more.IsEmpty)
            return all;
        return all.SetItem(scopeId, all.TryGetValue(scopeId, out var there) ? there.SetItems(more) : more);
    }

    private static ImmutableArray<T> OrEmpty<T>(ImmutableArray<T> array) => array.IsDefault ? [] : array;
}
