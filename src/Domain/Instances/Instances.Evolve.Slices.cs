using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Domain.Instances;

/// <content>Facts of multi-instances that are worked through by instances of their own.</content>
public sealed partial record InstanceState
{
    private ImmutableDictionary<string, RepetitionState> HandedOut(CallStarted e)
    {
        if (e.Slice is not { } slice || !Repetitions.TryGetValue(e.TokenId, out var repetition))
            return Repetitions;
        return Repetitions.SetItem(e.TokenId, repetition with { Open = (repetition.Open ?? ImmutableDictionary<int, int>.Empty).SetItem(slice.From, slice.Count) });
    }

    private InstanceState Apply(RepetitionSliceFinished e)
    {
        if (!Repetitions.TryGetValue(e.TokenId, out var repetition) || repetition.Open is not { } open || !open.ContainsKey(e.From))
            return this;
        var next = repetition with { Done = repetition.Done + e.Count, Open = open.Remove(e.From) };
        if (e.Variables is { IsEmpty: false } given)
            next = next with { Results = repetition.Results.SetItem(e.From, given.Values.First()), Collection = given.Keys.First() };
        var completers = Completers;
        foreach (var (element, members) in e.Completers ?? ImmutableDictionary<string, ImmutableArray<string>>.Empty)
            completers = completers.SetItem(element, [.. completers.GetValueOrDefault(element, []).Union(OrEmpty(members), StringComparer.Ordinal)]);
        return this with
        {
            Repetitions = Repetitions.SetItem(e.TokenId, next),
            Completers = completers,
        };
    }

    /// <summary>What is set after the start goes back to the instance that a slice works for.</summary>
    private static SliceState? Changed(SliceState? slice, VariablesSet e) =>
        slice is null || e.ScopeId != RootScope || e.Source == StartSource || e.Variables is null ? slice : slice with { Changed = slice.Changed.Union(e.Variables.Keys) };

    /// <summary>Source of the variables that an instance is started with.</summary>
    internal const string StartSource = "start";
}
