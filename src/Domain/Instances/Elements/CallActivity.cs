using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Call activities: the called process runs as an instance of its own; parent and child talk by reports that name the call.</summary>
internal sealed class CallActivity : Activity
{
    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) => state.Calls.Values.FirstOrDefault(c => c.TokenId == tokenId) is { Failed: false } call
        ? $"Waits at '{node.Title}' until the called process '{call.ProcessKey}' has ended (instance {call.ChildId:D})."
        : Stopped(node);

    /// <summary>The child's id follows from the call, so a start that is asked twice is the same instance.</summary>
    public static Guid ChildOf(string callId) => new(SHA256.HashData(Encoding.UTF8.GetBytes("call " + callId)).AsSpan(0, 16));

    protected override void RetryOnce(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        foreach (var call in Execution.Ordered(x.State.Calls, c => c.TokenId == tokenId))
            x.Emit(new CallCancelled(call, "retried"));
        if (incidentCode is "call.failed" or "error.not_caught")
            Waits.Close(x, tokenId, _ => true);
        base.RetryOnce(x, node, tokenId, incidentCode);
    }

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        work = static _ => { };
        var detail = (CallDetail)node.Detail!;
        if (x.Evaluate(detail.Process, new VariableScope(x.State, tokenId, locals), "The called process", node, out var value) is { } problem)
            return problem;
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: > 0 and <= 255 } key)
            return new Problem("call.process", $"The called process of '{node.Title}' must be a text of 1 to 255 characters. Correct the variables, then retry the incident.");
        if (x.State.Parent is { Depth: >= CallLink.MostDepth })
            return new Problem("call.too_deep", $"'{node.Title}' would be call number {CallLink.MostDepth + 1} inside another, and {CallLink.MostDepth} are allowed. Look for a process that calls itself, also by way of others; correct its condition, or end the outermost instance.");
        work = inputs =>
        {
            var id = x.NextId();
            x.Emit(new CallStarted(id, tokenId, node.Id, key, detail.Binding, detail.Version, ChildOf(id), inputs, node.Inputs.IsEmpty && detail.AllIn, x.Now));
        };
        return null;
    }
}
