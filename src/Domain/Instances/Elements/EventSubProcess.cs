using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// A sub-process that an event starts while the scope around it runs (BPMN 2.0.2, 13.5.4). What its start events wait for belongs to the scope's
/// token; its own token is the scope of what runs inside.
/// </summary>
internal sealed class EventSubProcess : ElementBehaviour
{
    /// <summary>Listens for the start events of a scope; false when that is an incident.</summary>
    public static bool Open(Execution x, string scopeId, ImmutableArray<GraphNode> starts, ImmutableDictionary<string, JsonElement>? locals)
    {
        if (Waits.Prepare(x, starts, scopeId, locals, out var waits) is { } problem)
        {
            x.Incident(scopeId == InstanceState.RootScope ? null : scopeId, starts[0].Parent!, problem);
            return false;
        }

        Waits.Open(x, scopeId, waits);
        return true;
    }

    /// <summary>Listens no longer for the start events of a scope.</summary>
    public static void Close(Execution x, string scopeId)
    {
        var starts = StartsOf(x, scopeId);
        if (!starts.IsEmpty)
            Waits.Close(x, scopeId, element => starts.Any(s => s.Id == element));
    }

    /// <summary>The start events of the event sub-processes directly in a scope.</summary>
    public static ImmutableArray<GraphNode> StartsOf(Execution x, string scopeId) => scopeId == InstanceState.RootScope ? x.Graph.EventStarts
        : x.State.Tokens.TryGetValue(scopeId, out var token) && x.Graph.Node(token.ElementId) is { } node ? node.EventStarts : [];

    /// <summary>The event came: an interrupting one ends everything else in the scope, and nothing can interrupt it again.</summary>
    public static void Start(Execution x, string scopeId, GraphNode start, ImmutableDictionary<string, JsonElement> results)
    {
        if (scopeId != InstanceState.RootScope && !x.State.Tokens.ContainsKey(scopeId))
            return;
        ImmutableArray<string> onFlows = [];
        if (start.Interrupting)
        {
            x.TerminateScope(scopeId, start.Id);
            Close(x, scopeId);
            onFlows = [.. x.State.Pending.Where(p => p.ScopeId == scopeId).Select(p => p.FlowId)];
        }

        var node = start.Parent!;
        var token = x.Rest(new Arrival(node, scopeId, onFlows));
        if (Open(x, token, node.EventStarts, null))
            Completion.PassWith(x, new Arrival(start, token, []), results);
    }

    public override void Enter(Execution x, Arrival at) => x.RestWithIncident(at, new Problem("element.misplaced", $"'{at.Node.Title}' is started by its event alone. Move the token elsewhere, or cancel the instance."));

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (!x.State.Tokens.Values.Any(t => t.ScopeId == tokenId) && Open(x, tokenId, node.EventStarts, null))
            x.BeginScope(node.InnerStarts, tokenId);
    }

    public override void InsideDone(Execution x, GraphNode node, string tokenId)
    {
        x.CancelWaits(tokenId);
        x.Leave(node, tokenId, new Choice([], []));
    }

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) => SubProcess.Inside(node, state, tokenId);
}
