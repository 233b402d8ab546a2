using System.Collections.Immutable;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Which tokens an operator means.</summary>
internal static class Moved
{
    /// <summary>The token of this id, or every token that rests at the element of this id; oldest first. Repetitions go with the activity that they are part of.</summary>
    public static ImmutableArray<string> At(InstanceState state, string id) =>
        state.Tokens.ContainsKey(id) ? [id] : [.. Execution.Ordered(state.Tokens, t => t.ElementId == id && t.Iteration is null && t.Undoes is null)];
}
