using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Domain.Instances;

/// <content>Facts of calls, repetitions and compensation.</content>
public sealed partial record InstanceState
{
    private InstanceState ApplyElement(IInstanceEvent e) => e switch
    {
        EventThrown x => Counted(x.ThrowId),
        CallStarted x => Apply(x),
        CallReported x => Apply(x),
        CallCancelled x => this with { Calls = Calls.Remove(x.CallId) },
        RepetitionStarted x => this with { Repetitions = Repetitions.SetItem(x.TokenId, new RepetitionState(x.Count, 0, ImmutableDictionary<int, JsonElement>.Empty, SliceSize: x.SliceSize)) },
        RepetitionAdvanced x => Apply(x),
        RepetitionSliceFinished x => Apply(x),
        CompensationArmed x => Apply(x),
        CompensationStarted x => Apply(x),
        CompensationHandled x => Apply(x),
        InstanceSuspended x => this with { SuspendedAt = SuspendedAt ?? x.At },
        InstanceResumed x => Apply(x),
        InstanceMigrated x => Apply(x),
        InstanceContinued x => Apply(x),
        InstanceTakenOver x => Apply(x),
        InstanceLimitNeared x => this with { LimitNeared = x.Limit },
        InstanceLimitRaised x => this with { EventLimit = x.To, LimitNeared = null },
        CompensationFinished x => this with { Compensations = Compensations.Remove(x.CompensationId) },
        _ => this,
    };

    /// <summary>What was due stays as far away as it was.</summary>
    private InstanceState Apply(InstanceResumed e)
    {
        if (SuspendedAt is not { } since)
            return this;
        var stood = e.At > since ? e.At - since : TimeSpan.Zero;
        return this with
        {
            SuspendedAt = null,
            Timers = Timers.SetItems(Timers.Select(t => KeyValuePair.Create(t.Key, t.Value with { DueAt = t.Value.DueAt + stood }))),
            Tasks = Tasks.SetItems(Tasks.Where(t => t.Value.DueAt is not null).Select(t => KeyValuePair.Create(t.Key, t.Value with { DueAt = t.Value.DueAt + stood }))),
        };
    }

    private InstanceState Apply(InstanceMigrated e)
    {
        var mapping = e.Mapping ?? ImmutableDictionary<string, string>.Empty;
        string New(string id) => mapping.GetValueOrDefault(id, id);
        ImmutableDictionary<string, T> Each<T>(ImmutableDictionary<string, T> all, Func<T, T> change) => all.SetItems(all.Select(p => KeyValuePair.Create(p.Key, change(p.Value))));
        ImmutableDictionary<string, T> Keys<T>(ImmutableDictionary<string, T> all) => all.Clear().SetItems(all.Select(p => KeyValuePair.Create(New(p.Key), p.Value)));
        return this with
        {
            Version = e.Version,
            Hash = e.Hash,
            Pinned = e.Pinned ?? Pinned,
            Tokens = Each(Tokens, t => t with { ElementId = New(t.ElementId) }),
            Jobs = Each(Jobs, t => t with { ElementId = New(t.ElementId) }),
            Tasks = Each(Tasks, t => t with { ElementId = New(t.ElementId), SeparateFrom = [.. t.SeparateFrom.Select(d => d with { Duty = New(d.Duty) })] }),
            Timers = Each(Timers, t => t with { ElementId = New(t.ElementId) }),
            Subscriptions = Each(Subscriptions, t => t with { ElementId = New(t.ElementId) }),
            Calls = Each(Calls, t => t with { ElementId = New(t.ElementId) }),
            Incidents = Each(Incidents, t => t with { ElementId = New(t.ElementId) }),
            Compensations = Each(Compensations, t => t with { ElementId = New(t.ElementId), Remaining = [.. t.Remaining.Select(r => r with { ElementId = New(r.ElementId) })] }),
            Armed = [.. Armed.Select(a => a with { ElementId = New(a.ElementId) })],
            Completers = Keys(Completers),
            Decisions = Keys(Decisions),
            Proposals = Keys(Proposals),
            Slice = Slice is { } slice ? slice with { ElementId = New(slice.ElementId) } : null,
        };
    }

    /// <summary>Nothing is open here any more; what it held at last stays readable.</summary>
    private InstanceState Apply(InstanceContinued e) => this with
    {
        Status = InstanceStatus.Continued,
        Successor = e.SuccessorId,
        EndedAt = e.At,
        LimitNeared = null,
        SuspendedAt = null,
        Pending = [],
        Armed = [],
        Tokens = Tokens.Clear(),
        Jobs = Jobs.Clear(),
        Tasks = Tasks.Clear(),
        Timers = Timers.Clear(),
        Subscriptions = Subscriptions.Clear(),
        Calls = Calls.Clear(),
        Repetitions = Repetitions.Clear(),
        Compensations = Compensations.Clear(),
        Incidents = Incidents.Clear(),
        Variables = Variables.RemoveRange(Variables.Keys.Where(scope => scope != RootScope)),
    };

    private InstanceState Apply(InstanceTakenOver e) => (e.State ?? this) with
    {
        Id = e.InstanceId,
        ProcessKey = e.ProcessKey ?? ProcessKey,
        Version = e.Version,
        Hash = e.Hash ?? Hash,
        BusinessKey = e.BusinessKey,
        Parent = e.Parent,
        Predecessor = e.Predecessor,
        Status = InstanceStatus.Running,
        Events = Events,
    };

    private InstanceState Apply(CallStarted e) => Counted(e.CallId) with
    {
        Repetitions = HandedOut(e),
        Calls = Calls.SetItem(e.CallId, new CallState(e.TokenId, e.ElementId, e.ProcessKey, e.Binding, e.Version, e.ChildId,
            e.Variables ?? ImmutableDictionary<string, JsonElement>.Empty, e.AllVariables, false, [], e.Slice)),
    };

    private InstanceState Apply(CallReported e)
    {
        if (!Calls.TryGetValue(e.CallId, out var call))
            return this;
        if (e.Report is CallReport.Completed or CallReport.Error)
            return (call.Slice is null ? WorkDone(call.TokenId, call.ElementId) : this) with { Calls = Calls.Remove(e.CallId) };
        var seen = call.Seen.Length < SeenMessagesKept ? call.Seen.Add(e.ReportId) : call.Seen.RemoveAt(0).Add(e.ReportId);
        return this with { Calls = Calls.SetItem(e.CallId, call with { Seen = seen, Failed = call.Failed || e.Report == CallReport.Failed }) };
    }

    private InstanceState Apply(RepetitionAdvanced e)
    {
        if (!Repetitions.TryGetValue(e.TokenId, out var repetition))
            return this;
        var next = repetition with { Done = repetition.Done + 1 };
        if (e.Variables is { IsEmpty: false } given)
            next = next with { Results = repetition.Results.SetItem(e.Iteration, given.Values.First()), Collection = given.Keys.First() };
        return this with { Repetitions = Repetitions.SetItem(e.TokenId, next) };
    }

    private InstanceState Apply(CompensationArmed e) => this with
    {
        Armed = Armed.Add(new ArmedActivity(e.TokenId, e.ElementId, e.ScopeId, Variables.GetValueOrDefault(e.TokenId, ImmutableDictionary<string, JsonElement>.Empty))),
    };

    private InstanceState Apply(CompensationStarted e)
    {
        var wanted = OrEmpty(e.Items);
        var items = wanted.Select(id => Armed.FirstOrDefault(a => a.TokenId == id)).OfType<ArmedActivity>().ToImmutableArray();
        return Counted(e.CompensationId) with
        {
            Armed = Armed.RemoveAll(a => wanted.Contains(a.TokenId)),
            Compensations = Compensations.SetItem(e.CompensationId, new CompensationState(e.TokenId, e.ElementId, e.ScopeId, items)),
        };
    }

    private InstanceState Apply(CompensationHandled e)
    {
        if (!Compensations.TryGetValue(e.CompensationId, out var compensation))
            return this;
        var next = this with { Compensations = Compensations.SetItem(e.CompensationId, compensation with { Remaining = compensation.Remaining.RemoveAll(r => r.TokenId == e.TokenId) }) };
        return next.Armed.IsEmpty ? next : next with { Armed = next.Reachable(next.Armed) };
    }

    /// <summary>What was done in a scope that is gone, and that itself cannot be undone, can never be undone.</summary>
    private ImmutableArray<ArmedActivity> Reachable(ImmutableArray<ArmedActivity> armed)
    {
        while (true)
        {
            var kept = armed.RemoveAll(a => a.ScopeId != RootScope && !Tokens.ContainsKey(a.ScopeId) && !armed.Any(o => o.TokenId == a.ScopeId)
                && !Compensations.Values.Any(c => c.Remaining.Any(r => r.TokenId == a.ScopeId)));
            if (kept.Length == armed.Length)
                return kept;
            armed = kept;
        }
    }
}
