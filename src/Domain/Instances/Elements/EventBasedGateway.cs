using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Waits for the events behind it; the first that happens takes the token, the others are given up.</summary>
internal sealed class EventBasedGateway : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at) => Begin(x, at.Node, x.Rest(at));

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode) => Begin(x, node, tokenId);

    public override void Triggered(Execution x, GraphNode node, string tokenId, GraphNode source, ImmutableDictionary<string, JsonElement> results)
    {
        if (node.Outgoing.FirstOrDefault(f => f.Target == source) is not { } flow)
            return;
        var scope = x.State.Tokens[tokenId].ScopeId;
        x.CancelWaits(tokenId);
        x.Emit(new ElementLeft(node.Id, tokenId, flow.Self, []));
        // The event has happened already: its token goes through instead of waiting.
        Completion.PassWith(x, new Arrival(source, scope, flow.Self), results);
    }

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId)
    {
        var events = node.Outgoing.SelectMany(f => CatchingEvent.Awaited(f.Target, state, tokenId)).ToList();
        return events.Count == 0 ? Stopped(node) : $"Waits at '{node.Title}' for whichever comes first: {string.Join(", or ", events)}.";
    }

    private static void Begin(Execution x, GraphNode node, string tokenId)
    {
        if (Waits.Prepare(x, [.. node.Outgoing.Select(f => f.Target)], tokenId, null, out var waits) is { } problem)
            x.Incident(tokenId, node, problem);
        else
            Waits.Open(x, tokenId, waits);
    }
}
