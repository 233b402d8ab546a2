using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Embedded sub-process or transaction: its token is the scope of what runs inside.</summary>
internal sealed class SubProcess : Activity
{
    public override void InsideDone(Execution x, GraphNode node, string tokenId)
    {
        if (x.State.Tokens[tokenId].Undoes is not null)
            Completion.LeaveByFlows(x, node, tokenId);
        else
            Completion.Finish(x, node, tokenId, ImmutableDictionary<string, JsonElement>.Empty, ImmutableDictionary<string, JsonElement>.Empty);
    }

    public override void Undone(Execution x, GraphNode node, string tokenId) => Completion.LeaveByFlows(x, node, tokenId);

    protected override void RetryOnce(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (x.State.Tokens.Values.Any(t => t.ScopeId == tokenId) || incidentCode == "mapping.output" || incidentCode.StartsWith("condition.", StringComparison.Ordinal))
            Completion.Retry(x, node, tokenId, incidentCode);
        else
            Begin(x, node, tokenId);
    }

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) =>
        Inside(node, state, tokenId);

    /// <summary>What is still at work inside.</summary>
    public static string Inside(GraphNode node, InstanceState state, string tokenId)
    {
        var open = state.Tokens.Values.Count(t => t.ScopeId == tokenId) + state.Pending.Count(p => p.ScopeId == tokenId);
        return open == 0 ? Stopped(node) : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Waits until everything inside '{node.Title}' has ended: {open} {(open == 1 ? "token" : "tokens")} inside.");
    }

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        var problem = Waits.Prepare(x, node.EventStarts, tokenId, locals, out var waits);
        work = inputs =>
        {
            KeepLocals(x, node, tokenId, inputs);
            Waits.Open(x, tokenId, waits);
            x.BeginScope(node.InnerStarts, tokenId);
        };
        return problem;
    }
}
