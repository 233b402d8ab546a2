using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Receive tasks: an activity that waits for a message.</summary>
internal sealed class ReceiveTask : Activity
{
    public override void Triggered(Execution x, GraphNode node, string tokenId, GraphNode source, ImmutableDictionary<string, JsonElement> results) =>
        Completion.Finish(x, node, tokenId, results, ImmutableDictionary<string, JsonElement>.Empty);

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) => CatchingEvent.Reason(node, state, tokenId);

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        var problem = Waits.Prepare(x, [node], tokenId, locals, out var waits);
        work = inputs =>
        {
            KeepLocals(x, node, tokenId, inputs);
            Waits.Open(x, tokenId, waits);
        };
        return problem;
    }
}
