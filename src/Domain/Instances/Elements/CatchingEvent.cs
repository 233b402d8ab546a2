using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Intermediate events that wait: for a time, a message, a signal, a condition, or several of these.</summary>
internal sealed class CatchingEvent : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at) => Begin(x, at.Node, x.Rest(at));

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (x.State.Tokens[tokenId].WorkDone)
            Completion.Retry(x, node, tokenId, incidentCode);
        else
            Begin(x, node, tokenId);
    }

    public override void Triggered(Execution x, GraphNode node, string tokenId, GraphNode source, ImmutableDictionary<string, JsonElement> results)
    {
        // A counted cycle sends a token on each time; the event rests until the last.
        if (!x.State.Timers.Values.Any(t => t.TokenId == tokenId && t.ElementId == node.Id))
            base.Triggered(x, node, tokenId, source, results);
        else
            Completion.PassWith(x, new Arrival(node, x.State.Tokens[tokenId].ScopeId, []), results);
    }

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) => Reason(node, state, tokenId);

    /// <summary>What timers and subscriptions of a token say.</summary>
    public static string Reason(GraphNode node, InstanceState state, string tokenId)
    {
        var reasons = Awaited(node, state, tokenId);
        if (reasons.Count == 0)
            return Stopped(node);
        // A lone timer names itself.
        var place = node.Detail is TimerDetail ? "" : $" at '{node.Title}'";
        return $"Waits{place} {string.Join(node.Detail is MultipleDetail { All: true } ? " and " : " or ", reasons)}.";
    }

    /// <summary>What a token waits for at a node, as parts of a sentence.</summary>
    public static List<string> Awaited(GraphNode node, InstanceState state, string tokenId) =>
        [.. Execution.Ordered(state.Timers, t => t.TokenId == tokenId && t.ElementId == node.Id).Select(id => WaitText.Until(state.Timers[id], node.Title)),
            .. Execution.Ordered(state.Subscriptions, s => s.TokenId == tokenId && s.ElementId == node.Id).Select(id => WaitText.For(state.Subscriptions[id], node.HasPersonalKey))];

    private static void Begin(Execution x, GraphNode node, string tokenId)
    {
        if (Waits.Prepare(x, [node], tokenId, null, out var waits) is { } problem)
            x.Incident(tokenId, node, problem);
        else
            Waits.Open(x, tokenId, waits);
    }
}
