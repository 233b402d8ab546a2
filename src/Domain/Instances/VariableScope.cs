using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Feel;

namespace Countersign.Domain.Instances;

/// <summary>The variables visible at one place: an overlay first, then the scope, then the scopes around it.</summary>
internal readonly struct VariableScope(InstanceState state, string scopeId, ImmutableDictionary<string, JsonElement>? overlay = null)
{
    /// <summary>Finds a variable.</summary>
    public bool TryGet(string name, out JsonElement value)
    {
        if (overlay is not null && overlay.TryGetValue(name, out value))
            return true;
        var scope = scopeId;
        while (true)
        {
            if (state.Variables.TryGetValue(scope, out var here) && here.TryGetValue(name, out value))
                return true;
            if (Outer(state, scope) is not { } outer)
            {
                value = default;
                return false;
            }

            scope = outer;
        }
    }

    /// <summary>All visible variables; an inner one hides an outer one of its name.</summary>
    public ImmutableDictionary<string, JsonElement> All()
    {
        var all = state.Variables.GetValueOrDefault(InstanceState.RootScope, ImmutableDictionary<string, JsonElement>.Empty);
        if (scopeId != InstanceState.RootScope)
        {
            foreach (var scope in Chain(state, scopeId).Reverse().Skip(1))
                all = state.Variables.TryGetValue(scope, out var here) ? all.SetItems(here) : all;
        }

        return overlay is null ? all : all.SetItems(overlay);
    }

    /// <summary>The same variables as FEEL sees them, read only where an expression uses them.</summary>
    public FeelScope ToFeel()
    {
        var feel = Layer(FeelScope.Empty, InstanceState.RootScope);
        if (scopeId != InstanceState.RootScope)
        {
            foreach (var scope in Chain(state, scopeId).Reverse().Skip(1))
                feel = Layer(feel, scope);
        }

        return overlay is { IsEmpty: false } ? FeelScope.FromJson(overlay, feel) : feel;
    }

    private FeelScope Layer(FeelScope below, string scope) => state.Variables.TryGetValue(scope, out var here) ? FeelScope.FromJson(here, below) : below;

    /// <summary>The scope that holds a variable, looking outwards from here; the process scope when none does.</summary>
    public string OwnerOf(string name)
    {
        foreach (var scope in Chain(state, scopeId))
        {
            if (state.Variables.TryGetValue(scope, out var here) && here.ContainsKey(name))
                return scope;
        }

        return InstanceState.RootScope;
    }

    /// <summary>The scope and those around it, innermost first, the process scope last.</summary>
    public static IEnumerable<string> Chain(InstanceState state, string scopeId)
    {
        for (var scope = scopeId; scope is not null; scope = Outer(state, scope))
            yield return scope;
    }

    // A scope that is gone counts as the process scope, so that a look outwards always ends.
    private static string? Outer(InstanceState state, string scope) =>
        scope == InstanceState.RootScope ? null : state.Tokens.TryGetValue(scope, out var token) && token.ScopeId != scope ? token.ScopeId : InstanceState.RootScope;
}
