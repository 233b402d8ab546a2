using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Projections.Sealing;

/// <summary>The places in a whole state where values of the process stand: a successor begins with a fact that holds one. A test puts a mark at every such place and looks for it.</summary>
internal static class StateValues
{
    /// <summary>The state with its values changed; the same object when none was.</summary>
    public static InstanceState Map(InstanceState state, FactValues.Change change)
    {
        var next = state;
        foreach (var (scope, values) in state.Variables)
        {
            if (FactValues.Map(values, change) is { } v)
                next = next with { Variables = next.Variables.SetItem(scope, v) };
        }

        foreach (var (id, job) in state.Jobs)
        {
            if (FactValues.Map(job.Variables, change) is { } v)
                next = next with { Jobs = next.Jobs.SetItem(id, job with { Variables = v }) };
        }

        foreach (var (id, call) in state.Calls)
        {
            if (FactValues.Map(call.Variables, change) is { } v)
                next = next with { Calls = next.Calls.SetItem(id, call with { Variables = v }) };
        }

        foreach (var (token, repetition) in state.Repetitions)
        {
            if (Results(repetition, change) is { } v)
                next = next with { Repetitions = next.Repetitions.SetItem(token, repetition with { Results = v }) };
        }

        foreach (var (id, compensation) in state.Compensations)
        {
            if (Armed(compensation.Remaining, change) is { } v)
                next = next with { Compensations = next.Compensations.SetItem(id, compensation with { Remaining = v }) };
        }

        return Armed(state.Armed, change) is { } armed ? next with { Armed = armed } : next;
    }

    private static ImmutableDictionary<int, JsonElement>? Results(RepetitionState repetition, FactValues.Change change)
    {
        var changed = repetition.Results;
        foreach (var (iteration, value) in repetition.Results)
        {
            var now = change(repetition.Collection ?? "", value);
            if (!FactValues.SameText(now, value))
                changed = changed.SetItem(iteration, now);
        }

        return ReferenceEquals(changed, repetition.Results) ? null : changed;
    }

    private static ImmutableArray<ArmedActivity>? Armed(ImmutableArray<ArmedActivity> armed, FactValues.Change change)
    {
        var changed = armed;
        for (var i = 0; i < armed.Length; i++)
        {
            if (FactValues.Map(armed[i].Variables, change) is { } v)
                changed = changed.SetItem(i, armed[i] with { Variables = v });
        }

        return changed == armed ? null : changed;
    }
}
