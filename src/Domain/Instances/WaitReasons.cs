using System.Collections.Immutable;
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
            reasons.Add(new WaitReason(null, graph.Nodes[0].Id, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The instance is suspended since {since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC; it goes on when an operator lets it.")));
        foreach (var id in Execution.Ordered(state.Tokens, _ => true))
        {
            if (graph.Node(state.Tokens[id].ElementId) is not { } node)
                continue;
            var incident = Execution.Ordered(state.Incidents, i => i.TokenId == id).FirstOrDefault();
            var sentence = incident is not null ? state.Incidents[incident].Message
                : node.Repeat is not null && state.Tokens[id].Iteration is null && state.Repetitions.TryGetValue(id, out var repetition) ? Repetition.WaitReason(node, repetition)
                : ElementBehaviours.Of(node).WaitReason(node, state, id);
            reasons.Add(new WaitReason(id, node.Id, sentence, incident));
        }

        foreach (var id in Execution.Ordered(state.Incidents, i => i.TokenId is null))
            reasons.Add(new WaitReason(null, state.Incidents[id].ElementId, state.Incidents[id].Message, id));
        foreach (var gate in state.Pending.GroupBy(p => (p.ScopeId, Node: graph.Flow(p.FlowId)?.Target)).Where(g => g.Key.Node is not null))
            reasons.Add(AtJoin(gate.Key.Node!, [.. gate.Select(p => p.FlowId)]));
        return reasons.DrainToImmutable();
    }

    private static WaitReason AtJoin(GraphNode node, ImmutableArray<string> come)
    {
        var missing = node.Incoming.Where(f => !come.Contains(f.Id)).Select(f => $"'{f.Source.Title}'").Distinct(StringComparer.Ordinal).ToList();
        return new WaitReason(null, node.Id, missing.Count == 0
            ? $"A token stands before '{node.Title}' and has not gone on."
            : $"'{node.Title}' waits for what still comes from {string.Join(", ", missing)}.");
    }
}
