using System.Globalization;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Intermediate timer and message events.</summary>
internal sealed class CatchingEvent : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at) => Begin(x, at.Node, x.Rest(at));

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (x.State.Tokens[tokenId].WorkDone)
            Completion.Retry(x, node, tokenId, incidentCode);
        else
            Begin(x, node, tokenId);
    }

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) => Reason(node, state, tokenId);

    /// <summary>What timers and subscriptions of a token say.</summary>
    public static string Reason(GraphNode node, InstanceState state, string tokenId)
    {
        var timer = state.Timers.Values.Where(t => t.TokenId == tokenId && t.ElementId == node.Id).Select(t => (DateTimeOffset?)t.DueAt).FirstOrDefault();
        if (timer is { } due)
            return string.Create(CultureInfo.InvariantCulture, $"'{node.Title}' waits until {due.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.");
        var message = state.Subscriptions.Values.FirstOrDefault(s => s.TokenId == tokenId && s.ElementId == node.Id);
        return message is null
            ? $"Stopped at '{node.Title}' until its incident is resolved."
            : message.CorrelationKey.Length == 0 ? $"'{node.Title}' waits for the message '{message.MessageName}'." : $"'{node.Title}' waits for the message '{message.MessageName}' with its key.";
    }

    private static void Begin(Execution x, GraphNode node, string tokenId)
    {
        if (Waits.Prepare(x, [node], tokenId, null, out var waits) is { } problem)
            x.Incident(tokenId, node, problem);
        else
            Waits.Open(x, tokenId, waits);
    }
}
