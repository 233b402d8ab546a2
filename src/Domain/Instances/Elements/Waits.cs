using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Timers and subscriptions: of catching events, of boundary events, behind event-based gateways and of event sub-processes.</summary>
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
            foreach (var trigger in node.Detail is MultipleDetail several ? several.Parts : node.Detail is { } one ? [one] : [])
            {
                if (Prepare(x, node, trigger, scope, out var wait) is { } failed)
                    return failed;
                if (wait is { } ready)
                    prepared.Add(ready);
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
                x.Emit(new SubscriptionOpened(x.NextId(), tokenId, wait.Node.Id, wait.Name!, wait.CorrelationKey!, wait.Kind));
        }
    }

    /// <summary>Whether what a node waits for may come again: it neither interrupts nor takes a token on.</summary>
    public static bool Recurs(GraphNode source) => !source.Interrupting && (source.AttachedTo is not null || source.Parent is { Kind: ElementKind.EventSubProcess });

    /// <summary>A timer fired, a message or signal came or a condition holds: finds who waited and lets it go on.</summary>
    public static void Happened(Execution x, string tokenId, GraphNode source, ImmutableDictionary<string, JsonElement> results)
    {
        if (source.Detail is MultipleDetail several && !IsComplete(x, tokenId, source, several, results))
            return;
        if (source.Parent is { Kind: ElementKind.EventSubProcess } && ElementKinds.IsStart(source.Kind))
        {
            EventSubProcess.Start(x, tokenId, source, results);
            return;
        }

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

    /// <summary>Whether an event with several triggers has happened: by any of them, or, when all must come, by the last. What came early has been handed on already.</summary>
    private static bool IsComplete(Execution x, string tokenId, GraphNode source, MultipleDetail several, ImmutableDictionary<string, JsonElement> results)
    {
        var open = x.State.Timers.Values.Any(t => t.TokenId == tokenId && t.ElementId == source.Id) || x.State.Subscriptions.Values.Any(s => s.TokenId == tokenId && s.ElementId == source.Id);
        if (several.All && open && !Recurs(source))
        {
            x.SetVariables(tokenId, results, source.Id);
            return false;
        }

        // Behind a gateway or in a scope other waits belong to the same token, so only this event's are given up.
        if (!Recurs(source))
            Close(x, tokenId, n => n == source.Id);
        return true;
    }

    /// <summary>Gives up the waits of a token at some elements.</summary>
    public static void Close(Execution x, string tokenId, Func<string, bool> element)
    {
        foreach (var id in Execution.Ordered(x.State.Timers, t => t.TokenId == tokenId && element(t.ElementId)))
            x.Emit(new TimerCancelled(id));
        foreach (var id in Execution.Ordered(x.State.Subscriptions, s => s.TokenId == tokenId && element(s.ElementId)))
            x.Emit(new SubscriptionClosed(id));
    }

    private static Problem? Prepare(Execution x, GraphNode node, NodeDetail trigger, VariableScope scope, out Wait? wait)
    {
        wait = null;
        switch (trigger)
        {
            case TimerDetail timer:
                if (x.Evaluate(timer.Text, scope, "The timer", node, out var value) is { } failed)
                    return failed with { Code = "timer.failed" };
                if (TimerText.DueAt(timer.Kind, value, x.Now, out var due) is { } wrong)
                    return new Problem("timer.failed", $"The timer '{node.Title}' cannot be set: {wrong} Correct the variables, then retry the incident.");
                wait = new Wait(node, due, null, null, default);
                return null;
            case MessageDetail message:
                if (Message(x, message, node, scope, out var name, out var key) is { } noMessage)
                    return noMessage;
                wait = new Wait(node, null, name, key, SubscriptionKind.Message);
                return null;
            case SignalDetail signal:
                if (Name(x, signal.Name, node, scope, "signal", out var signalName) is { } noSignal)
                    return noSignal;
                wait = new Wait(node, null, signalName, "", SubscriptionKind.Signal);
                return null;
            case ConditionDetail:
                wait = new Wait(node, null, "", "", SubscriptionKind.Condition);
                return null;
            default:
                return null;
        }
    }

    /// <summary>The name of a message or signal.</summary>
    public static Problem? Name(Execution x, ProcessExpression expression, GraphNode node, VariableScope scope, string what, out string name)
    {
        name = "";
        if (x.Evaluate(expression, scope, $"The {what} name", node, out var value) is { } problem)
            return problem with { Code = "message.failed" };
        return value.ValueKind == JsonValueKind.String && (name = value.GetString()!).Length is > 0 and <= 255 ? null
            : new Problem("message.failed", $"The {what} name of '{node.Title}' must be a text of 1 to 255 characters. Correct the variables, then retry the incident.");
    }

    /// <summary>Name and key of a message.</summary>
    public static Problem? Message(Execution x, MessageDetail message, GraphNode node, VariableScope scope, out string name, out string key)
    {
        key = "";
        if (Name(x, message.Name, node, scope, "message", out name) is { } problem)
            return problem;
        if (message.CorrelationKey is null)
            return null;
        if (x.Evaluate(message.CorrelationKey, scope, "The correlation key", node, out var value) is { } wrong)
            return wrong with { Code = "message.failed" };
        key = value.ValueKind switch { JsonValueKind.String => value.GetString()!, JsonValueKind.Number => value.GetRawText(), _ => "" };
        return key.Length is 0 or > 255
            ? new Problem("message.failed", $"The correlation key of '{node.Title}' must be a text or number of 1 to 255 characters. Correct the variables, then retry the incident.")
            : null;
    }
}

/// <summary>Something to wait for, evaluated.</summary>
internal readonly record struct Wait(GraphNode Node, TimerDue? Due, string? Name, string? CorrelationKey, SubscriptionKind Kind);
