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
        var reasons = Execution.Ordered(state.Timers, t => t.TokenId == tokenId && t.ElementId == node.Id).Select(id => Until(state.Timers[id].DueAt))
            .Concat(Execution.Ordered(state.Subscriptions, s => s.TokenId == tokenId && s.ElementId == node.Id).Select(id => For(state.Subscriptions[id]))).ToList();
        var between = node.Detail is MultipleDetail { All: true } ? " and " : " or ";
        return reasons.Count == 0 ? $"Stopped at '{node.Title}' until its incident is resolved." : $"'{node.Title}' waits {string.Join(between, reasons)}.";
    }

    private static string Until(DateTimeOffset due) => string.Create(CultureInfo.InvariantCulture, $"until {due.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");

    private static string For(SubscriptionState s) => s.Kind switch
    {
        SubscriptionKind.Signal => $"for the signal '{s.MessageName}'",
        SubscriptionKind.Condition => "until its condition holds",
        _ when s.CorrelationKey.Length == 0 => $"for the message '{s.MessageName}'",
        _ => $"for the message '{s.MessageName}' with its key",
    };

    private static void Begin(Execution x, GraphNode node, string tokenId)
    {
        if (Waits.Prepare(x, [node], tokenId, null, out var waits) is { } problem)
            x.Incident(tokenId, node, problem);
        else
            Waits.Open(x, tokenId, waits);
    }
}
