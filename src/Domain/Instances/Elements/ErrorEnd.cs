using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Throws a BPMN error out of its scope; without anything that catches it, an incident.</summary>
internal sealed class ErrorEnd : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at)
    {
        var code = ((ErrorDetail)at.Node.Detail!).Code;
        if (Errors.FindCatch(x, at.ScopeId, code) is { } caught)
        {
            x.Emit(new ElementPassed(at.Node.Id, at.ScopeId, at.Flows, [], []));
            Errors.Catch(x, caught, ImmutableDictionary<string, JsonElement>.Empty);
            return;
        }

        if (Errors.NotCaught(x, at.Node, code) is { } problem)
            x.RestWithIncident(at, problem);
    }

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        var code = ((ErrorDetail)node.Detail!).Code;
        if (Errors.FindCatch(x, x.State.Tokens[tokenId].ScopeId, code) is { } caught)
            Errors.Catch(x, caught, ImmutableDictionary<string, JsonElement>.Empty);
        else if (Errors.NotCaught(x, node, code) is { } problem)
            x.Incident(tokenId, node, problem);
    }
}
