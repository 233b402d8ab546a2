using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Manual and undefined tasks: nothing is done, mappings apply.</summary>
internal sealed class PassingTask : Activity
{

    protected override bool PassedAtOnce(Execution x, Arrival at)
    {
        if (!IsBare(at.Node) || x.ChooseFlows(at.Node, at.ScopeId, out var choice) is not null)
            return false;
        x.Pass(at, choice);
        return true;
    }

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        work = inputs => Completion.Finish(x, node, tokenId, ImmutableDictionary<string, JsonElement>.Empty, inputs);
        return null;
    }
}
