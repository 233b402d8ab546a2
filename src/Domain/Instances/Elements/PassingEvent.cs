using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Start, none end, none intermediate and link catch events, and boundary events once they have happened.</summary>
internal sealed class PassingEvent : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at)
    {
        if (at.Node.Outputs.IsEmpty && x.ChooseFlows(at.Node, at.ScopeId, out var choice) is null)
            x.Pass(at, choice);
        else
            Completion.PassWith(x, at, ImmutableDictionary<string, JsonElement>.Empty);
    }

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode) => Completion.Retry(x, node, tokenId, incidentCode);
}
