using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// Undoing what was done (BPMN 2.0.2, 13.5.5): only what has completed is undone, the latest first, one after the other. A sub-process is undone by its
/// compensation event sub-process, or else by undoing what was done inside it, with the variables it had when it completed.
/// </summary>
internal static class Compensation
{
    /// <summary>A token leaves an activity normally: notes that it can be undone.</summary>
    public static void Arm(Execution x, GraphNode node, string tokenId)
    {
        var token = x.State.Tokens[tokenId];
        // Of a repeated activity each repetition is undone by itself.
        if (token.Undoes is not null || !ElementKinds.IsActivity(node.Kind) || (node.Repeat is not null && token.Iteration is null))
            return;
        var inside = ElementKinds.IsScope(node.Kind) && (x.State.Armed.Any(a => a.ScopeId == tokenId) || node.EventStarts.Any(s => s.Kind == ElementKind.CompensationStart));
        if (inside || node.Handler is not null)
            x.Emit(new CompensationArmed(tokenId, node.Id, OuterScope(x, tokenId)));
    }

    /// <summary>Begins to undo; false when there is nothing to be undone.</summary>
    /// <param name="waiting">The token that waits for the end, or null.</param>
    /// <param name="activity">Only this activity; null = everything done in the scope.</param>
    public static bool Start(Execution x, GraphNode source, string? waiting, string scopeId, GraphNode? activity)
    {
        var scope = ScopeOf(x, scopeId);
        var items = x.State.Armed.Where(a => activity is null ? a.ScopeId == scope : a.ElementId == activity.Id && IsAround(x, scope, a.ScopeId)).Reverse().Select(a => a.TokenId).ToImmutableArray();
        if (items.IsEmpty)
            return false;
        var id = x.NextId();
        x.Emit(new CompensationStarted(id, waiting, source.Id, scopeId, items, x.Now));
        Next(x, id);
        return true;
    }

    /// <summary>One thing is undone.</summary>
    public static void Done(Execution x, string undone, GraphNode node, string scopeId)
    {
        var id = Execution.Ordered(x.State.Compensations, c => c.Remaining.Any(r => r.TokenId == undone)).FirstOrDefault();
        if (id is null)
        {
            x.EndedIn(node, scopeId);
            return;
        }

        x.Emit(new CompensationHandled(id, undone, x.State.Compensations[id].Remaining.First(r => r.TokenId == undone).ElementId));
        Next(x, id);
    }

    /// <summary>Undoes what was done inside a completed sub-process that was entered again for it.</summary>
    public static void Inside(Execution x, GraphNode node, string tokenId, string undone)
    {
        if (node.EventStarts.FirstOrDefault(s => s.Kind == ElementKind.CompensationStart) is { } start)
        {
            EventSubProcess.Start(x, tokenId, start, ImmutableDictionary<string, JsonElement>.Empty);
            return;
        }

        var items = x.State.Armed.Where(a => a.ScopeId == undone).Reverse().Select(a => a.TokenId).ToImmutableArray();
        if (items.IsEmpty)
        {
            Completion.LeaveByFlows(x, node, tokenId);
            return;
        }

        var id = x.NextId();
        x.Emit(new CompensationStarted(id, tokenId, node.Id, tokenId, items, x.Now));
        Next(x, id);
    }

    private static void Next(Execution x, string id)
    {
        var compensation = x.State.Compensations[id];
        if (compensation.Remaining.IsEmpty)
        {
            Finish(x, id, compensation);
            return;
        }

        var item = compensation.Remaining[0];
        if (x.Graph.Node(item.ElementId) is not { } node)
            return;
        // Where its scope is gone the undoing runs in the scope that was entered again for it.
        var scope = item.ScopeId == InstanceState.RootScope || x.State.Tokens.ContainsKey(item.ScopeId) ? item.ScopeId : compensation.ScopeId;
        if (node.Handler is { } handler)
        {
            ElementBehaviours.Of(handler).Enter(x, new Arrival(handler, scope, [], null, item.TokenId));
            return;
        }

        var token = x.Rest(new Arrival(node, scope, [], null, item.TokenId));
        if (!item.Variables.IsEmpty)
            x.Emit(new VariablesSet(token, item.Variables, node.Id, null, null));
        Inside(x, node, token, item.TokenId);
    }

    private static void Finish(Execution x, string id, CompensationState compensation)
    {
        x.Emit(new CompensationFinished(id, x.Now));
        if (compensation.TokenId is { } waiting && x.State.Tokens.TryGetValue(waiting, out var token) && x.Graph.Node(token.ElementId) is { } node)
            ElementBehaviours.Of(node).Undone(x, node, waiting);
        else if (x.Graph.Node(compensation.ElementId) is { } source)
            x.EndedIn(source, compensation.ScopeId);
    }

    /// <summary>A handler inside an event sub-process speaks for the scope around it.</summary>
    private static string ScopeOf(Execution x, string scopeId) =>
        x.State.Tokens.TryGetValue(scopeId, out var token) && x.Graph.Node(token.ElementId)?.Kind == ElementKind.EventSubProcess ? token.ScopeId : scopeId;

    private static bool IsAround(Execution x, string scopeId, string wanted) => VariableScope.Chain(x.State, scopeId).Contains(wanted, StringComparer.Ordinal);

    /// <summary>Repetitions stand in their activity's token; what they did belongs to the scope around it.</summary>
    private static string OuterScope(Execution x, string tokenId)
    {
        var token = x.State.Tokens[tokenId];
        return token.Iteration is null ? token.ScopeId : x.State.Tokens[token.ScopeId].ScopeId;
    }
}

/// <summary>Intermediate and end events that undo what was done.</summary>
internal sealed class CompensationEvent : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at)
    {
        var detail = (CompensationDetail)at.Node.Detail!;
        if (detail.Wait)
        {
            var token = x.Rest(at);
            if (!Compensation.Start(x, at.Node, token, at.ScopeId, detail.Activity))
                Completion.LeaveByFlows(x, at.Node, token);
            return;
        }

        Compensation.Start(x, at.Node, null, at.ScopeId, detail.Activity);
        Completion.PassWith(x, at, ImmutableDictionary<string, JsonElement>.Empty);
    }

    public override void Undone(Execution x, GraphNode node, string tokenId) => Completion.LeaveByFlows(x, node, tokenId);

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode) => Completion.LeaveByFlows(x, node, tokenId);

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) => Reason(node, state, tokenId);

    /// <summary>What is still to be undone.</summary>
    public static string Reason(GraphNode node, InstanceState state, string tokenId) => state.Compensations.Values.FirstOrDefault(c => c.TokenId == tokenId) is { } c
        ? string.Create(CultureInfo.InvariantCulture, $"Waits at '{node.Title}' until what was done is undone: {c.Remaining.Length} left.")
        : Stopped(node);
}

/// <summary>Cancels its transaction: what runs ends, what was done is undone, then it goes on at the cancel boundary event (BPMN 2.0.2, 10.3.5).</summary>
internal sealed class CancelEnd : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at)
    {
        x.TerminateScope(at.ScopeId, at.Node.Id);
        EventSubProcess.Close(x, at.ScopeId);
        var onFlows = x.State.Pending.Where(p => p.ScopeId == at.ScopeId).Select(p => p.FlowId);
        var token = x.Rest(at with { Flows = [.. onFlows] });
        if (!Compensation.Start(x, at.Node, token, at.ScopeId, null))
            Undone(x, at.Node, token);
    }

    public override void Undone(Execution x, GraphNode node, string tokenId)
    {
        var transaction = x.State.Tokens[tokenId].ScopeId;
        var outer = x.State.Tokens[transaction];
        var boundary = x.Graph.Node(outer.ElementId)?.Boundaries.FirstOrDefault(b => b.Kind == ElementKind.CancelBoundary);
        if (boundary is null)
        {
            x.Incident(tokenId, node, new Problem("transaction.not_caught", $"'{node.Title}' cancelled its transaction, and no cancel boundary event says where it goes on. Move the token, or cancel the instance."));
            return;
        }

        var body = outer.Iteration is null ? transaction : outer.ScopeId;
        var scope = x.State.Tokens[body].ScopeId;
        x.Terminate(body, node.Id);
        Completion.PassWith(x, new Arrival(boundary, scope, []), ImmutableDictionary<string, JsonElement>.Empty);
    }

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode) => Undone(x, node, tokenId);

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) => CompensationEvent.Reason(node, state, tokenId);
}
