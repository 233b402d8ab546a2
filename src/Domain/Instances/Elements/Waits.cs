using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Timers and message subscriptions: of catching events, of boundary events and behind event-based gateways.</summary>
internal static class Waits
{
    /// <summary>Evaluates what the nodes wait for, without adding a fact.</summary>
    public static Problem? Prepare(Execution x, ImmutableArray<GraphNode> nodes, string scopeId, ImmutableDictionary<string, JsonElement>? locals, out ImmutableArray<Wait> waits)
    {
        waits = [];
        if (nodes.IsEmpty)
            return null;
        var prepared = ImmutableArray.CreateBuilder<Wait>(nodes.Length);
        var scope = new VariableScope(x.State, scopeId, locals);
        foreach (var node in nodes)
        {
            if (node.Detail is TimerDetail timer)
            {
                if (x.Evaluate(timer.Text, scope, "The timer", node, out var value) is { } failed)
                    return failed with { Code = "timer.failed" };
                if (TimerText.DueAt(timer.Kind, value, x.Now, out var due) is { } wrong)
                    return new Problem("timer.failed", $"The timer '{node.Title}' cannot be set: {wrong} Correct the variables, then retry the incident.");
                prepared.Add(new Wait(node, due, null, null));
            }
            else if (node.Detail is MessageDetail message)
            {
                if (Message(x, message, node, scope, out var name, out var key) is { } failed)
                    return failed;
                prepared.Add(new Wait(node, null, name, key));
            }
        }

        waits = prepared.DrainToImmutable();
        return null;
    }

    /// <summary>Sets the timers and opens the subscriptions for a token.</summary>
    public static void Open(Execution x, string tokenId, ImmutableArray<Wait> waits)
    {
        foreach (var wait in waits)
        {
            if (wait.Due is { } due)
                x.Emit(new TimerSet(x.NextId(), tokenId, wait.Node.Id, due.At, due.Remaining, due.Interval));
            else
                x.Emit(new SubscriptionOpened(x.NextId(), tokenId, wait.Node.Id, wait.MessageName!, wait.CorrelationKey!));
        }
    }

    /// <summary>A timer fired or a message came: finds who waited and lets it go on.</summary>
    public static void Happened(Execution x, string tokenId, GraphNode source, ImmutableDictionary<string, JsonElement> results)
    {
        if (!x.State.Tokens.TryGetValue(tokenId, out var token) || x.Graph.Node(token.ElementId) is not { } host)
            return;
        if (source.AttachedTo != host)
        {
            ElementBehaviours.Of(host).Triggered(x, host, tokenId, source, results);
            return;
        }

        if (source.Interrupting)
            x.Terminate(tokenId, source.Id);
        Completion.PassWith(x, new Arrival(source, token.ScopeId, []), results);
    }

    private static Problem? Message(Execution x, MessageDetail message, GraphNode node, VariableScope scope, out string name, out string key)
    {
        name = key = "";
        if (x.Evaluate(message.Name, scope, "The message name", node, out var value) is { } problem)
            return problem with { Code = "message.failed" };
        if (value.ValueKind != JsonValueKind.String || (name = value.GetString()!).Length is 0 or > 255)
            return new Problem("message.failed", $"The message name of '{node.Title}' must be a text of 1 to 255 characters. Correct the variables, then retry the incident.");
        if (message.CorrelationKey is null)
            return null;
        if (x.Evaluate(message.CorrelationKey, scope, "The correlation key", node, out value) is { } wrong)
            return wrong with { Code = "message.failed" };
        key = value.ValueKind switch { JsonValueKind.String => value.GetString()!, JsonValueKind.Number => value.GetRawText(), _ => "" };
        return key.Length is 0 or > 255
            ? new Problem("message.failed", $"The correlation key of '{node.Title}' must be a text or number of 1 to 255 characters. Correct the variables, then retry the incident.")
            : null;
    }
}

/// <summary>Something to wait for, evaluated.</summary>
internal readonly record struct Wait(GraphNode Node, TimerDue? Due, string? MessageName, string? CorrelationKey);
