using System.Collections.Immutable;

namespace Countersign.Domain.Instances;

/// <summary>The rows that must be readable at once, as one pure function of two states. The runner and the rebuild command both use it.</summary>
public static class InstanceRows
{
    /// <summary>What changed between two states of one instance.</summary>
    /// <param name="before">State before; null = no rows yet (also: rebuild from nothing).</param>
    /// <param name="after">State after.</param>
    public static RowChanges Between(InstanceState? before, InstanceState after)
    {
        var b = before ?? InstanceState.None;
        var upserts = ImmutableArray.CreateBuilder<object>();
        var deletes = ImmutableArray.CreateBuilder<object>();
        // These rows name the version that the instance runs.
        var migrated = b.Version != after.Version;
        // An ended instance has nothing open, whatever its last state still names.
        Compare(Open(b, b.Tasks), Open(after, after.Tasks), b, after, Task, (x, y) => ReferenceEquals(x, y) && !migrated, upserts, deletes);
        Compare(Open(b, b.Jobs), Open(after, after.Jobs), b, after, Job, (x, y) => ReferenceEquals(x, y) && !migrated && SeesTheSame(b, after, y), upserts, deletes);
        Compare(Open(b, b.Timers), Open(after, after.Timers), b, after, Timer, static (x, y) => ReferenceEquals(x, y), upserts, deletes);
        Compare(Awaited(b), Awaited(after), b, after, Subscription, static (x, y) => x.ElementId == y.ElementId, upserts, deletes);
        Compare(b.HasEnded ? b.Incidents.Clear() : b.Incidents, after.HasEnded ? after.Incidents.Clear() : after.Incidents, b, after, Incident,
            (x, y) => ReferenceEquals(x, y) && !migrated && b.SuspendedAt is null == after.SuspendedAt is null, upserts, deletes);
        if (Key(after) is { } held && Key(b) is null)
            upserts.Add(held);
        else if (Key(b) is { } given && Key(after) is null)
            deletes.Add(given);
        return new RowChanges(upserts.DrainToImmutable(), deletes.DrainToImmutable());
    }

    private static BusinessKeyRow? Key(InstanceState s) => s is { HoldsKey: true, HasEnded: false, BusinessKey: { } key } ? new BusinessKeyRow(BusinessKeyRow.IdOf(s.ProcessKey, key), s.Id) : null;

    /// <summary>While an instance is suspended nothing of it is offered; what needs an operator stays.</summary>
    private static ImmutableDictionary<string, T> Open<T>(InstanceState state, ImmutableDictionary<string, T> all) => state.HasEnded || state.SuspendedAt is not null ? all.Clear() : all;

    /// <summary>Conditions are looked at inside; nobody outside needs to find them.</summary>
    private static ImmutableDictionary<string, SubscriptionState> Awaited(InstanceState state)
    {
        var open = Open(state, state.Subscriptions);
        return open.RemoveRange(open.Where(s => s.Value.Kind == SubscriptionKind.Condition).Select(s => s.Key));
    }

    private static void Compare<T>(ImmutableDictionary<string, T> before, ImmutableDictionary<string, T> after, InstanceState stateBefore, InstanceState stateAfter,
        Func<InstanceState, string, T, object> row, Func<T, T, bool> same, ImmutableArray<object>.Builder upserts, ImmutableArray<object>.Builder deletes)
    {
        if (before.IsEmpty && after.IsEmpty)
            return;
        foreach (var id in Execution.Ordered(after, _ => true))
        {
            if (!before.TryGetValue(id, out var old) || !same(old, after[id]))
                upserts.Add(row(stateAfter, id, after[id]));
        }

        foreach (var id in Execution.Ordered(before, _ => true))
        {
            if (!after.ContainsKey(id))
                deletes.Add(row(stateBefore, id, before[id]));
        }
    }

    /// <summary>A job without a mapping sees every visible variable, so its row follows them.</summary>
    private static bool SeesTheSame(InstanceState before, InstanceState after, JobState job)
    {
        if (job.Mapped || ReferenceEquals(before.Variables, after.Variables))
            return true;
        return VariableScope.Chain(after, job.TokenId).All(scope => ReferenceEquals(before.Variables.GetValueOrDefault(scope), after.Variables.GetValueOrDefault(scope)));
    }

    private static TaskRow Task(InstanceState s, string id, TaskState t) => new(id, s.Id, s.ProcessKey, s.Version, t.ElementId, t.Name, t.FormId, t.Groups, t.Users, t.Assignee, t.SeparateFrom,
        t.DecisionId, t.Why, t.Priority, t.DueAt, t.CreatedAt, s.BusinessKey, t.Verdicts);

    private static JobRow Job(InstanceState s, string id, JobState j) => new(id, s.Id, s.ProcessKey, s.Version, j.ElementId, j.Type, j.Attempt, j.Retries, j.DueAt, j.Headers,
        j.Mapped ? j.Variables : new VariableScope(s, j.TokenId).All(), j.Failed)
    { FirstId = j.FirstId, FirstInstanceId = s.Earlier.IsEmpty ? null : s.FirstId };

    private static TimerRow Timer(InstanceState s, string id, TimerState t) => new(id, s.Id, t.ElementId, t.DueAt);

    private static object Subscription(InstanceState s, string id, SubscriptionState t) => t.Kind == SubscriptionKind.Signal
        ? new SignalRow(id, s.Id, t.ElementId, t.MessageName)
        : new SubscriptionRow(id, s.Id, t.ElementId, t.MessageName, t.CorrelationKey);

    private static IncidentRow Incident(InstanceState s, string id, IncidentState i) => new(id, s.Id, s.ProcessKey, s.Version, i.ElementId, i.Code, i.Message, i.JobId, i.RaisedAt, s.SuspendedAt is not null);
}
