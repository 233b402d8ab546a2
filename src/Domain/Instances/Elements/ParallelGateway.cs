using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Goes on by all flows once a token stands on each incoming flow of its scope; consumes one of each.</summary>
internal sealed class ParallelGateway : ElementBehaviour
{
    public override void Arrive(Execution x, GraphFlow flow, PendingFlow arrival)
    {
        var node = flow.Target;
        foreach (var incoming in node.Incoming)
        {
            if (incoming != flow && !x.State.Pending.Contains(new PendingFlow(arrival.ScopeId, incoming.Id)))
                return;
        }

        Enter(x, new Arrival(node, arrival.ScopeId, node.IncomingIds));
    }

    public override void Enter(Execution x, Arrival at) => x.Pass(at, new Choice(at.Node.OutgoingIds, []));

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode) => x.Leave(node, tokenId, new Choice(node.OutgoingIds, []));
}
