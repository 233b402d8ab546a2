using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>The first flow whose condition holds, else the default. Tokens that come together pass one by one.</summary>
internal sealed class ExclusiveGateway : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at)
    {
        if (x.ChooseByCondition(at.Node, at.ScopeId, onlyOne: true, out var choice) is { } problem)
            x.RestWithIncident(at, problem);
        else
            x.Pass(at, choice);
    }

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (x.ChooseByCondition(node, x.State.Tokens[tokenId].ScopeId, onlyOne: true, out var choice) is { } problem)
            x.Incident(tokenId, node, problem);
        else
            x.Leave(node, tokenId, choice);
    }
}
