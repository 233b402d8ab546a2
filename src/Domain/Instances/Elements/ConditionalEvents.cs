using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// Conditional events are looked at when they begin to wait and whenever a variable was set. One that goes on listening happens again only after its
/// condition has not held in between (BPMN 2.0.2, 10.5.5).
/// </summary>
internal static class ConditionalEvents
{
    /// <summary>Lets the first event whose condition holds happen; false when none does.</summary>
    public static bool HappenOne(Execution x)
    {
        foreach (var id in Execution.Ordered(x.State.Subscriptions, s => s.Kind == SubscriptionKind.Condition))
        {
            var subscription = x.State.Subscriptions[id];
            if (x.Graph.Node(subscription.ElementId) is not { } node)
                continue;
            var holds = Holds(x, subscription, node);
            if (holds && subscription.Seen.IsEmpty)
            {
                Throws.Received(x, id, "", ImmutableDictionary<string, JsonElement>.Empty);
                return true;
            }

            if (!holds && !subscription.Seen.IsEmpty)
            {
                x.Emit(new SubscriptionClosed(id));
                x.Emit(new SubscriptionOpened(x.NextId(), subscription.TokenId, node.Id, "", "", SubscriptionKind.Condition));
                return true;
            }
        }

        return false;
    }

    private static bool Holds(Execution x, SubscriptionState subscription, GraphNode node)
    {
        var condition = (node.Detail as MultipleDetail)?.Parts.OfType<ConditionDetail>().First() ?? node.Detail as ConditionDetail;
        if (condition is null)
            return false;
        var tokenId = subscription.TokenId == InstanceState.RootScope ? null : subscription.TokenId;
        if (x.Evaluate(condition.Condition, new VariableScope(x.State, subscription.TokenId), "The condition", node, out var value) is not { } problem)
            return value.ValueKind == JsonValueKind.True;
        if (!x.State.Incidents.Values.Any(i => i.TokenId == tokenId && i.ElementId == node.Id))
            x.Incident(tokenId, node, problem with { Code = "condition.failed" });
        return false;
    }
}
