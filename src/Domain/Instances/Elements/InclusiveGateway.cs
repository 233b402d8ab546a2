using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// Splits by every condition that holds. Joins when no token elsewhere in its scope can still come by an empty incoming flow
/// (BPMN 2.0.2, table 13.3): a token that could also come by a flow where one stands already is not waited for.
/// </summary>
internal sealed class InclusiveGateway : ElementBehaviour
{
    public override void Arrive(Execution x, GraphFlow flow, PendingFlow arrival)
    {
        if (flow.Target.Incoming.Length == 1)
            base.Arrive(x, flow, arrival);
    }

    public override void Enter(Execution x, Arrival at)
    {
        if (x.ChooseByCondition(at.Node, at.ScopeId, onlyOne: false, out var choice) is { } problem)
            x.RestWithIncident(at, problem);
        else
            x.Pass(at, choice);
    }

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (x.ChooseByCondition(node, x.State.Tokens[tokenId].ScopeId, onlyOne: false, out var choice) is { } problem)
            x.Incident(tokenId, node, problem);
        else
            x.Leave(node, tokenId, choice);
    }

    /// <summary>When nothing else moves: lets the first inclusive join that is complete go on; false when there is none.</summary>
    public static bool JoinOne(Execution x)
    {
        if (x.Graph.InclusiveJoins.IsEmpty || x.State.Pending.IsEmpty)
            return false;
        foreach (var pending in x.State.Pending)
        {
            if (x.Graph.Flow(pending.FlowId)?.Target is not { Kind: ElementKind.InclusiveGateway, Incoming.Length: > 1 } gateway || IsWaiting(x, gateway, pending.ScopeId))
                continue;
            var consumed = gateway.Incoming.Where(f => x.State.Pending.Contains(new PendingFlow(pending.ScopeId, f.Id))).Select(f => f.Id);
            ElementBehaviours.Of(gateway).Enter(x, new Arrival(gateway, pending.ScopeId, [.. consumed]));
            return true;
        }

        return false;
    }

    private static bool IsWaiting(Execution x, GraphNode gateway, string scopeId)
    {
        var filled = new bool[gateway.Incoming.Length];
        for (var i = 0; i < filled.Length; i++)
            filled[i] = x.State.Pending.Contains(new PendingFlow(scopeId, gateway.Incoming[i].Id));
        var reach = x.Graph.ReachOf(gateway);
        foreach (var token in x.State.Tokens.Values)
        {
            if (token.ScopeId == scopeId && x.Graph.Node(token.ElementId) is { } at && CanStillCome(reach, filled, at))
                return true;
        }

        foreach (var pending in x.State.Pending)
        {
            if (pending.ScopeId == scopeId && x.Graph.Flow(pending.FlowId)?.Target is { } at && at != gateway && CanStillCome(reach, filled, at))
                return true;
        }

        return false;
    }

    private static bool CanStillCome(JoinReach reach, bool[] filled, GraphNode from)
    {
        var byEmpty = false;
        for (var i = 0; i < filled.Length; i++)
        {
            if (!reach.Contains(i, from))
                continue;
            if (filled[i])
                return false;
            byEmpty = true;
        }

        return byEmpty;
    }
}
