using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Ends everything in its scope.</summary>
internal sealed class TerminateEnd : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at)
    {
        x.TerminateScope(at.ScopeId, at.Node.Id);
        EventSubProcess.Close(x, at.ScopeId);
        // It also takes the tokens that stand on flows of the scope.
        var onFlows = x.State.Pending.Where(p => p.ScopeId == at.ScopeId).Select(p => p.FlowId);
        x.Emit(new ElementPassed(at.Node.Id, at.ScopeId, [.. onFlows], [], []));
        x.ScopeDone(at.Node, at.ScopeId);
    }

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode) => x.Terminate(tokenId, node.Id);
}
