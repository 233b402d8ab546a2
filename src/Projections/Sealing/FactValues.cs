using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;

namespace Countersign.Projections.Sealing;

/// <summary>
/// The places in an instance's facts where values of the process stand. A fact that gets such a place and is not named here would be
/// stored open: a test walks all event types and fails on it.
/// </summary>
internal static class FactValues
{
    /// <summary>A value by its name in the fact.</summary>
    public delegate JsonElement Change(string name, JsonElement value);

    /// <summary>The fact with its values changed; the same object when none was.</summary>
    public static IInstanceEvent Map(IInstanceEvent fact, Change change) => fact switch
    {
        VariablesSet e => Map(e.Variables, change) is { } v ? e with { Variables = v } : e,
        StepsTaken e => Steps(e, change),
        JobCreated e => Map(e.Variables, change) is { } v ? e with { Variables = v } : e,
        EventThrown e => Map(e.Variables, change) is { } v ? e with { Variables = v } : e,
        CallStarted e => Map(e.Variables, change) is { } v ? e with { Variables = v } : e,
        RepetitionAdvanced e => Map(e.Variables, change) is { } v ? e with { Variables = v } : e,
        RepetitionSliceFinished e => Map(e.Variables, change) is { } v ? e with { Variables = v } : e,
        TaskCompleted e => Map(e.Variables, change) is { } v ? e with { Variables = v } : e,
        DecisionRecorded e => Map(e.Decision.Inputs, change) is { } v ? e with { Decision = e.Decision with { Inputs = v } } : e,
        InstanceTakenOver e => StateValues.Map(e.State, change) is var state && !ReferenceEquals(state, e.State) ? e with { State = state } : e,
        DecisionReviewed e => Map(e.Review.Corrections, change) is { } v ? e with { Review = e.Review with { Corrections = v } } : e,
        _ => fact,
    };

    /// <summary>The fact with its sentences changed; the same object when none was.</summary>
    public static IInstanceEvent MapTexts(IInstanceEvent fact, Func<string, string> change) => fact switch
    {
        TaskCreated { Why: { } why } e when change(why) is var now && now != why => e with { Why = now },
        JobFailed e when change(e.Message) is var now && now != e.Message => e with { Message = now },
        JobRetried e when change(e.Message) is var now && now != e.Message => e with { Message = now },
        CallReported { Message: { } message } e when change(message) is var now && now != message => e with { Message = now },
        IncidentRaised e when change(e.Message) is var now && now != e.Message => e with { Message = now },
        DecisionRecorded e => Decision(e, change),
        _ => fact,
    };

    private static StepsTaken Steps(StepsTaken fact, Change change)
    {
        if (fact.Steps.IsDefault)
            return fact;
        var steps = fact.Steps;
        for (var i = 0; i < steps.Length; i++)
        {
            if (steps[i]?.Variables is { } variables && Map(variables, change) is { } v)
                steps = steps.SetItem(i, steps[i] with { Variables = v });
        }

        return steps == fact.Steps ? fact : fact with { Steps = steps };
    }

    private static DecisionRecorded Decision(DecisionRecorded fact, Func<string, string> change)
    {
        var decision = fact.Decision;
        var reasons = decision.Reasons.IsDefault ? [] : decision.Reasons.Select(change).ToImmutableArray();
        var checks = decision.Checks.IsDefault ? [] : decision.Checks.Select(c => c with { Detail = change(c.Detail) }).ToImmutableArray();
        return fact with { Decision = decision with { Reasons = reasons, Checks = checks } };
    }

    /// <summary>The values changed, or null when none was.</summary>
    internal static ImmutableDictionary<string, JsonElement>? Map(ImmutableDictionary<string, JsonElement> values, Change change)
    {
        var changed = values;
        foreach (var (name, value) in values)
        {
            var now = change(name, value);
            if (!SameText(now, value))
                changed = changed.SetItem(name, now);
        }

        return ReferenceEquals(changed, values) ? null : changed;
    }

    internal static bool SameText(JsonElement a, JsonElement b) =>
        System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(a).Overlaps(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(b));
}
