using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Putting a token at an element by hand: in the scope that runs, or in one that is opened for it.</summary>
internal static class Placing
{
    /// <summary>Why no token can be put there, or null.</summary>
    /// <param name="ending">Tokens that end before.</param>
    public static string? Problem(Execution x, TokenPlace place, ImmutableArray<string> ending)
    {
        if (x.Graph.Node(place.ElementId) is not { } node)
            return $"The process has no element '{place.ElementId}'. Choose one that it has.";
        if (ElementKinds.IsBoundary(node.Kind) || ElementKinds.IsTriggeredStart(node.Kind) || node.Kind == ElementKind.EventSubProcess || node.IsHandler)
            return $"'{node.Title}' begins by an event alone, so no token can be put there. Choose what stands behind it.";
        if (!Slices.MayHold(x, node))
            return $"This instance works through a part of '{x.Graph.NameOf(x.State.Slice!.ElementId)}' alone. Move the token in the instance that it works for.";
        if (node.Parent is null)
            return place.ScopeId is null or InstanceState.RootScope ? null : $"'{node.Title}' stands at the level of the process. Leave out the scope.";
        var scopes = ScopesOf(x, node.Parent).Where(s => !ending.Contains(s)).ToList();
        if (place.ScopeId is { } wanted)
            return scopes.Contains(wanted) ? null : $"The token '{wanted}' is no running '{node.Parent.Title}' around '{node.Title}'. Choose another.";
        if (scopes.Count > 1)
            return $"'{node.Parent.Title}' runs {scopes.Count.ToString(System.Globalization.CultureInfo.InvariantCulture)} times. Say in which by the token of its scope.";
        for (var around = node.Parent; around is not null && scopes.Count == 0; around = around.Parent)
        {
            if (around.Repeat is not null || around.Kind is ElementKind.EventSubProcess or ElementKind.AdHocSubProcess)
                return $"'{around.Title}' does not run and cannot be opened by hand. Put the token at '{around.Title}' itself, or at another element.";
        }

        return null;
    }

    /// <summary>Puts it there.</summary>
    public static void Put(Execution x, TokenPlace place)
    {
        var node = x.Graph.Node(place.ElementId)!;
        var scope = place.ScopeId ?? Scope(x, node.Parent);
        if (scope is not null)
            ElementBehaviours.Of(node).Enter(x, new Arrival(node, scope, []));
    }

    private static string? Scope(Execution x, GraphNode? around)
    {
        if (around is null)
            return InstanceState.RootScope;
        if (ScopesOf(x, around).FirstOrDefault() is { } there)
            return there;
        if (Scope(x, around.Parent) is not { } outer)
            return null;
        // The sub-process is entered as a token would, but begins where the operator says instead of at its start.
        var token = x.Rest(new Arrival(around, outer, []));
        if (x.Map(around.Inputs, around, token, null, input: true, out var locals) is { } problem
            || (problem = Waits.Prepare(x, [.. around.Boundaries, .. around.EventStarts], token, locals, out var waits)) is not null)
        {
            x.Incident(token, around, problem);
            return null;
        }

        if (!locals.IsEmpty)
            x.Emit(new VariablesSet(token, locals, around.Id, null, null));
        Waits.Open(x, token, waits);
        return token;
    }

    // A completed sub-process that was entered again to be undone takes nothing in: it ends with its last handler, whatever else stood in it.
    private static IEnumerable<string> ScopesOf(Execution x, GraphNode around) =>
        Execution.Ordered(x.State.Tokens, t => t.ElementId == around.Id && (around.Repeat is null || t.Iteration is not null) && (t.Undoes is null || around.IsHandler));
}
