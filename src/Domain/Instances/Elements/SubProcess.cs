using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Embedded sub-process: its token is the scope of what runs inside.</summary>
internal sealed class SubProcess : Activity
{
    public override void InsideDone(Execution x, GraphNode node, string tokenId) =>
        Completion.Finish(x, node, tokenId, ImmutableDictionary<string, JsonElement>.Empty, ImmutableDictionary<string, JsonElement>.Empty);

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (incidentCode.StartsWith("mapping.output", StringComparison.Ordinal) || incidentCode.StartsWith("condition.", StringComparison.Ordinal))
            Completion.Retry(x, node, tokenId, incidentCode);
        else
            Begin(x, node, tokenId);
    }

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) =>
        state.Incidents.Values.Any(i => i.TokenId == tokenId) ? $"Stopped at '{node.Title}' until its incident is resolved." : $"Waits until everything inside '{node.Title}' has ended.";

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        work = inputs =>
        {
            KeepLocals(x, node, tokenId, inputs);
            ElementBehaviours.Of(node.InnerStart!).Enter(x, new Arrival(node.InnerStart!, tokenId, []));
        };
        return null;
    }
}
