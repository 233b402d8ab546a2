using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>How a resting token finishes: results are mapped, waits of boundary events end, flows are chosen.</summary>
internal static class Completion
{
    /// <summary>Finishes with results; a failing mapping or condition leaves the token with an incident and its results kept.</summary>
    /// <param name="locals">Input variables that live beside the token (jobs keep theirs in the job).</param>
    public static void Finish(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> results,
        ImmutableDictionary<string, JsonElement> locals)
    {
        if (Hand(x, node, x.State.Tokens[tokenId].ScopeId, tokenId, results, locals) is { } problem)
        {
            var kept = locals.SetItems(results);
            if (!kept.IsEmpty)
                x.Emit(new VariablesSet(tokenId, kept, node.Id, null, null));
            x.Incident(tokenId, node, problem);
            return;
        }

        LeaveByFlows(x, node, tokenId);
    }

    /// <summary>Goes on after an incident: from the mapping if that failed, else from the choice of flows.</summary>
    public static void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (incidentCode == "mapping.output")
            Finish(x, node, tokenId, x.State.Variables.GetValueOrDefault(tokenId, ImmutableDictionary<string, JsonElement>.Empty), ImmutableDictionary<string, JsonElement>.Empty);
        else
            LeaveByFlows(x, node, tokenId);
    }

    /// <summary>Leaves by the flows whose conditions hold.</summary>
    public static void LeaveByFlows(Execution x, GraphNode node, string tokenId)
    {
        var token = x.State.Tokens[tokenId];
        if (token.Iteration is not null)
        {
            Repetition.Done(x, node, tokenId);
            return;
        }

        if (token.Undoes is { } undone)
        {
            x.CancelWaits(tokenId);
            x.Emit(new ElementLeft(node.Id, tokenId, [], []));
            Compensation.Done(x, undone, node, token.ScopeId);
            return;
        }

        if (Slices.At(x.State, tokenId) is not null)
        {
            // The flows behind it are taken by the instance that the slice works for.
            x.CancelWaits(tokenId);
            x.Leave(node, tokenId, new Choice([], []));
            return;
        }

        var scope = token.ScopeId;
        if (x.ChooseFlows(node, scope, out var choice) is { } problem)
        {
            x.Incident(tokenId, node, problem);
            return;
        }

        x.CancelWaits(tokenId);
        x.Leave(node, tokenId, choice);
    }

    /// <summary>An event came that needs no rest: hands its results on and goes through.</summary>
    public static void PassWith(Execution x, Arrival at, ImmutableDictionary<string, JsonElement> results)
    {
        if (Hand(x, at.Node, at.ScopeId, null, results, ImmutableDictionary<string, JsonElement>.Empty) is { } problem)
        {
            var token = x.Rest(at);
            if (!results.IsEmpty)
                x.Emit(new VariablesSet(token, results, at.Node.Id, null, null));
            x.Incident(token, at.Node, problem);
            return;
        }

        if (x.ChooseFlows(at.Node, at.ScopeId, out var choice) is { } noFlow)
            x.RestWithIncident(at, noFlow);
        else
            x.Pass(at, choice);
    }

    private static Problem? Hand(Execution x, GraphNode node, string scopeId, string? tokenId, ImmutableDictionary<string, JsonElement> results,
        ImmutableDictionary<string, JsonElement> locals)
    {
        if (node.Outputs.IsEmpty)
        {
            x.SetVariables(scopeId, results, node.Id);
            return null;
        }

        if (x.Map(node.Outputs, node, tokenId ?? scopeId, locals.SetItems(results), input: false, out var mapped) is { } problem)
            return problem;
        x.SetVariables(scopeId, mapped, node.Id);
        return null;
    }
}
