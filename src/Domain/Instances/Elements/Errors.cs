using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>BPMN errors travel outwards until an error boundary event catches them.</summary>
internal static class Errors
{
    /// <summary>The nearest catch, looking outwards from a token (its activity's own boundary events first) or scope.</summary>
    public static CaughtError? FindCatch(Execution x, string tokenOrScopeId, string? code)
    {
        foreach (var scope in VariableScope.Chain(x.State, tokenOrScopeId))
        {
            if (!x.State.Tokens.TryGetValue(scope, out var token) || x.Graph.Node(token.ElementId) is not { } host)
                continue;
            var catches = host.Boundaries.Where(b => b.Kind == ElementKind.ErrorBoundary).ToList();
            var one = catches.Find(b => ((ErrorDetail)b.Detail!).Code is { } wanted && wanted == code) ?? catches.Find(b => ((ErrorDetail)b.Detail!).Code is null);
            if (one is not null)
                return new CaughtError(one, scope);
        }

        return null;
    }

    /// <summary>Interrupts the activity and goes on at the boundary event.</summary>
    public static void Catch(Execution x, CaughtError caught, ImmutableDictionary<string, JsonElement> results)
    {
        var scope = x.State.Tokens[caught.HostToken].ScopeId;
        x.Terminate(caught.HostToken, caught.Boundary.Id);
        Completion.PassWith(x, new Arrival(caught.Boundary, scope, []), results);
    }

    public static Problem NotCaught(GraphNode node, string? code) => new("error.not_caught",
        $"'{node.Title}' raised the error '{code ?? "(without a code)"}' and no boundary event around it catches it. Add an error boundary event, or cancel the instance.");
}

/// <summary>Where an error is caught.</summary>
internal sealed record CaughtError(GraphNode Boundary, string HostToken);
