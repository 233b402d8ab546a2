using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Ends here and goes on at the link catch event of the same name in the same scope.</summary>
internal sealed class LinkThrow : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at)
    {
        var target = ((LinkDetail)at.Node.Detail!).Target;
        // The scope may look empty between the two ends of a link, so nothing is concluded from that here.
        x.Emit(new ElementPassed(at.Node.Id, at.ScopeId, at.Flows, [], []));
        ElementBehaviours.Of(target).Enter(x, new Arrival(target, at.ScopeId, []));
    }

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode) => Completion.Retry(x, node, tokenId, incidentCode);
}
