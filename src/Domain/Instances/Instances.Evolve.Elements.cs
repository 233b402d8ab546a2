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
        RepetitionStarted x => this with { Repetitions = Repetitions.SetItem(x.TokenId, new RepetitionState(x.Count, 0, ImmutableDictionary<int, JsonElement>.Empty)) },
        RepetitionAdvanced x => Apply(x),
        CompensationArmed x => Apply(x),
        CompensationStarted x => Apply(x),
        CompensationHandled x => Apply(x),
        CompensationFinished x => this with { Compensations = Compensations.Remove(x.CompensationId) },
        _ => this,
    };

    private InstanceState Apply(CallStarted e) => Counted(e.CallId) with
    {
        Calls = Calls.SetItem(e.CallId, new CallState(e.TokenId, e.ElementId, e.ProcessKey, e.Binding, e.Version, e.ChildId,
            e.Variables ?? ImmutableDictionary<string, JsonElement>.Empty, e.AllVariables, false, [])),
    };

    private InstanceState Apply(CallReported e)
    {
        if (!Calls.TryGetValue(e.CallId, out var call))
            return this;
        if (e.Report is CallReport.Completed or CallReport.Error)
            return WorkDone(call.TokenId, call.ElementId) with { Calls = Calls.Remove(e.CallId) };
        var seen = call.Seen.Length < SeenMessagesKept ? call.Seen.Add(e.ReportId) : call.Seen.RemoveAt(0).Add(e.ReportId);
        return this with { Calls = Calls.SetItem(e.CallId, call with { Seen = seen, Failed = call.Failed || e.Report == CallReport.Failed }) };
    }

    private InstanceState Apply(RepetitionAdvanced e)
    {
        if (!Repetitions.TryGetValue(e.TokenId, out var repetition))
            return this;
        var results = e.Variables is { IsEmpty: false } given ? repetition.Results.SetItem(e.Iteration, given.Values.First()) : repetition.Results;
        return this with { Repetitions = Repetitions.SetItem(e.TokenId, repetition with { Done = repetition.Done + 1, Results = results }) };
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
