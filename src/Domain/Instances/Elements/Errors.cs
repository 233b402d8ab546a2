using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// Errors and escalations travel outwards until an event sub-process or a boundary event catches them (BPMN 2.0.2, 10.5.6 and 13.5.3); at the end of a
/// called process they go on in its caller.
/// </summary>
internal static class Errors
{
    /// <summary>The nearest catch of an error, looking outwards from a token (its activity's own boundary events first) or scope.</summary>
    public static Caught? FindCatch(Execution x, string tokenOrScopeId, string? code) =>
        FindCatch(x, tokenOrScopeId, code, ErrorCode);

    /// <summary>The nearest catch of an escalation.</summary>
    public static Caught? FindEscalation(Execution x, string tokenOrScopeId, string? code) =>
        FindCatch(x, tokenOrScopeId, code, n => n.Kind is ElementKind.EscalationBoundary or ElementKind.EscalationStart ? ((EscalationDetail)n.Detail!).Code ?? "" : null);

    /// <summary>Goes on where it was caught; an interrupting catch ends the activity or scope first.</summary>
    public static void Catch(Execution x, Caught caught, ImmutableDictionary<string, JsonElement> results) => Waits.Happened(x, caught.ScopeId, caught.By, results);

    /// <summary>Nothing inside caught an error: a called process ends and its caller goes on with it; otherwise there is a problem. Null when it has been dealt with.</summary>
    public static Problem? NotCaught(Execution x, GraphNode node, string? code)
    {
        if (x.State.Parent is null || (x.State.Slice is { } slice && !Slices.IsCaughtOutside(x, slice, events => Best(events, code, ErrorCode) is not null)))
        {
            return new Problem("error.not_caught",
                $"'{node.Title}' raised the error '{code ?? "(without a code)"}' and no boundary event around it catches it. Add an error boundary event, or cancel the instance.");
        }

        x.Emit(new EventThrown(x.NextId(), node.Id, ThrownKind.Error, code, "", ImmutableDictionary<string, JsonElement>.Empty, x.Now));
        x.End($"The error '{code ?? "(without a code)"}' ended it; its caller goes on.");
        return null;
    }

    /// <param name="codeOf">Code that a node catches, empty for all; null when it catches nothing of the kind.</param>
    private static Caught? FindCatch(Execution x, string tokenOrScopeId, string? code, Func<GraphNode, string?> codeOf)
    {
        var leftEventSubProcess = false;
        foreach (var scope in VariableScope.Chain(x.State, tokenOrScopeId))
        {
            // What is around the activity of a slice catches in the instance that the slice works for.
            if (Slices.IsOutside(x.State, scope))
                return null;
            var token = x.State.Tokens.GetValueOrDefault(scope);
            var host = token is null ? null : x.Graph.Node(token.ElementId);
            // What an event sub-process throws itself is caught outside its scope, never beside it.
            if (!leftEventSubProcess && Best(EventSubProcess.StartsOf(x, scope), code, codeOf) is { } start)
                return new Caught(start, scope);
            leftEventSubProcess = host?.Kind == ElementKind.EventSubProcess;
            if (host is not null && token!.Iteration is null && Best(host.Boundaries, code, codeOf) is { } boundary)
                return new Caught(boundary, scope);
        }

        return null;
    }

    private static string? ErrorCode(GraphNode n) => n.Kind is ElementKind.ErrorBoundary or ElementKind.ErrorStart ? ((ErrorDetail)n.Detail!).Code ?? "" : null;

    private static GraphNode? Best(ImmutableArray<GraphNode> nodes, string? code, Func<GraphNode, string?> codeOf) =>
        nodes.FirstOrDefault(n => codeOf(n) is { Length: > 0 } wanted && wanted == code) ?? nodes.FirstOrDefault(n => codeOf(n) is "");
}

/// <summary>Where an error or escalation is caught.</summary>
/// <param name="By">Boundary event, or start event of an event sub-process.</param>
/// <param name="ScopeId">Token of the boundary event's activity, or scope of the event sub-process.</param>
internal sealed record Caught(GraphNode By, string ScopeId);
