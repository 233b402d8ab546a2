using System.Collections.Immutable;
using System.Globalization;
using Countersign.Domain.Instances.Elements;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <summary>Why one token waits.</summary>
/// <param name="TokenId">The token at rest; null for one that stands before a join.</param>
/// <param name="ElementId">Where it waits.</param>
/// <param name="Sentence">Why, for a person.</param>
/// <param name="IncidentId">The incident that stops it, or null.</param>
public sealed record WaitReason(string? TokenId, string ElementId, string Sentence, string? IncidentId = null);

/// <summary>Why an instance does not go on, token by token.</summary>
public static class WaitReasons
{
    /// <summary>One sentence for every token that waits, oldest first; empty when the instance has ended.</summary>
    public static ImmutableArray<WaitReason> Of(ProcessGraph graph, InstanceState state)
    {
        if (state.HasEnded)
            return [];
        var reasons = ImmutableArray.CreateBuilder<WaitReason>();
        if (state.SuspendedAt is { } since)
            reasons.Add(new WaitReason(null, graph.Nodes[0].Id, string.Create(CultureInfo.InvariantCulture, $"The instance is suspended since {WaitText.At(since)}; it goes on when an operator lets it.")));
        foreach (var id in Execution.Ordered(state.Tokens, _ => true))
        {
            if (graph.Node(state.Tokens[id].ElementId) is not { } node)
                continue;
            var incident = Execution.Ordered(state.Incidents, i => i.TokenId == id).FirstOrDefault();
            var sentence = incident is not null ? Stopped(graph, state.Incidents[incident])
                : node.Repeat is not null && state.Tokens[id].Iteration is null && state.Repetitions.TryGetValue(id, out var repetition) ? Repetition.WaitReason(node, repetition)
                : ElementBehaviours.Of(node).WaitReason(node, state, id);
            reasons.Add(new WaitReason(id, node.Id, sentence, incident));
        }

        foreach (var id in Execution.Ordered(state.Incidents, i => i.TokenId is null))
            reasons.Add(new WaitReason(null, state.Incidents[id].ElementId, Stopped(graph, state.Incidents[id]), id));
        foreach (var gate in state.Pending.GroupBy(p => (p.ScopeId, Node: graph.Flow(p.FlowId)?.Target)).Where(g => g.Key.Node is not null))
            reasons.Add(AtJoin(gate.Key.Node!, [.. gate.Select(p => p.FlowId)]));
        return reasons.DrainToImmutable();
    }

    private static string Stopped(ProcessGraph graph, IncidentState incident) => $"Stopped at '{graph.NameOf(incident.ElementId)}' with an incident since {WaitText.At(incident.RaisedAt)}: {incident.Message}";

    private static WaitReason AtJoin(GraphNode node, ImmutableArray<string> come)
    {
        // An activity that needs several tokens to begin counts tokens, a join counts flows.
        if (node.StartQuantity > 1)
            return new WaitReason(null, node.Id, string.Create(CultureInfo.InvariantCulture, $"Waits for more tokens before '{node.Title}' begins: {come.Length} of {node.StartQuantity} arrived."));
        var missing = node.Incoming.Where(f => !come.Contains(f.Id)).Select(f => $"'{f.Source.Title}'").Distinct(StringComparer.Ordinal).ToList();
        if (missing.Count == 0)
            return new WaitReason(null, node.Id, $"A token stands before '{node.Title}' and has not gone on.");
        var from = string.Join(", ", missing);
        var arrived = come.Distinct(StringComparer.Ordinal).Count();
        return new WaitReason(null, node.Id, node.Kind == ElementKind.InclusiveGateway
            ? string.Create(CultureInfo.InvariantCulture, $"Waits at '{node.Title}' for what can still come from {from}: {arrived} arrived.")
            : string.Create(CultureInfo.InvariantCulture, $"Waits for the other branches at '{node.Title}': {arrived} of {node.Incoming.Length} arrived, not yet from {from}."));
    }
}
