namespace Countersign.Domain.Processes;

/// <summary>Checks that need the whole graph: what can be reached, loops that never wait, gateways that may find no way.</summary>
internal static class GraphLint
{
    public static void Check(ProcessGraph graph, FindingList findings)
    {
        CheckReachable(graph, findings);
        CheckEndlessLoops(graph, findings);
        foreach (var node in graph.Nodes)
        {
            CheckGateway(node, findings);
            if (node.Detail is MessageDetail { CorrelationKey: null } && !(node.Kind == ElementKind.MessageStart && node.Parent is null))
                findings.Warning("message.no-key", node.Id, $"'{node.Title}' waits for a message without a correlation key, so any message of its name reaches it.", "Set the correlation key of the message.");
            if (Parts(node).OfType<MessageDetail>().Select(m => m.PersonalKey).FirstOrDefault(p => p is not null) is { } personal)
                findings.Warning("message.personal-key", node.Id, $"The correlation key of '{node.Title}' is made of '{personal}', which is personal. Keys are compared, so they are stored open, also in the trail, and stay when the person's data is erased.",
                    "Use a number that says nothing by itself, such as that of the case or the contract.");
        }
    }

    private static IEnumerable<NodeDetail> Parts(GraphNode node) => node.Detail is MultipleDetail several ? several.Parts : node.Detail is { } one ? [one] : [];

    private static void CheckReachable(ProcessGraph graph, FindingList findings)
    {
        var reached = Reachability.Forwards([.. graph.Starts, .. graph.Triggers, .. graph.EventStarts.Select(s => s.Parent!)], graph.Nodes);
        foreach (var node in graph.Nodes.Where(n => !reached[n.Index]))
            findings.Warning("element.unreachable", node.Id, $"No path leads to '{node.Title}', so it never runs.", "Connect it, or remove it.");
    }

    /// <summary>
    /// A cycle of nodes that neither wait nor change a variable can only be left at once or run for ever: its conditions give the same each time.
    /// </summary>
    private static void CheckEndlessLoops(ProcessGraph graph, FindingList findings)
    {
        var state = new byte[graph.Nodes.Length];
        foreach (var start in graph.Nodes)
        {
            if (state[start.Index] != 0 || !IsIdle(start) || FindCycle(start, state) is not { } cycle)
                continue;
            var at = cycle[0];
            var inside = cycle.ToHashSet();
            // A choice on the way can lead out: then it depends on the conditions, which only a run knows.
            if (cycle.Exists(n => n.Kind is ElementKind.ExclusiveGateway or ElementKind.InclusiveGateway && n.Outgoing.Any(f => !inside.Contains(f.Target))))
                findings.Warning("loop.idle", at.Id, $"A loop through '{at.Title}' neither waits nor changes anything; if its conditions do not lead out at once, the instance stops with an incident.", "Put work, a timer or a message into the loop.");
            else
                findings.Error("loop.endless", at.Id, $"A loop through '{at.Title}' never waits and changes nothing, so it would never end.", "Put work, a timer or a message into the loop.");
        }
    }

    private static List<GraphNode>? FindCycle(GraphNode start, byte[] state)
    {
        // Depth first with an own stack: 10,000 nodes in a row must not exhaust the call stack. 1 = on the path, 2 = done.
        var path = new Stack<(GraphNode Node, IEnumerator<GraphNode> Next)>();
        state[start.Index] = 1;
        path.Push((start, Reachability.Next(start).GetEnumerator()));
        while (path.TryPeek(out var top))
        {
            if (!top.Next.MoveNext())
            {
                state[top.Node.Index] = 2;
                path.Pop();
                continue;
            }

            var next = top.Next.Current;
            if (!IsIdle(next) || state[next.Index] == 2)
                continue;
            if (state[next.Index] == 1)
                return [.. path.TakeWhile(p => p.Node != next).Select(p => p.Node).Append(next).Reverse()];
            state[next.Index] = 1;
            path.Push((next, Reachability.Next(next).GetEnumerator()));
        }

        return null;
    }

    private static bool IsIdle(GraphNode node) => node.Inputs.IsEmpty && node.Outputs.IsEmpty && node.Boundaries.IsEmpty && node.Kind is ElementKind.ExclusiveGateway
        or ElementKind.ParallelGateway or ElementKind.InclusiveGateway or ElementKind.NoneThrow or ElementKind.LinkThrow or ElementKind.LinkCatch;

    private static void CheckGateway(GraphNode node, FindingList findings)
    {
        if (node.Kind is not (ElementKind.ExclusiveGateway or ElementKind.InclusiveGateway))
            return;
        if (node.Outgoing.IsEmpty)
        {
            findings.Warning("gateway.no-way-out", node.Id, $"No flow leaves '{node.Title}', so tokens end there.", "Connect it to what comes next.");
            return;
        }

        if (node.Outgoing.Length == 1)
            return;
        foreach (var flow in node.Outgoing.Where(f => f.Condition is null && f != node.Default))
            findings.Warning("gateway.no-condition", flow.Id, $"A flow out of '{node.Title}' has neither a condition nor is it the default, so it is always taken.", "Add a condition, or make it the default flow.");
        if (node.Default is null && node.Outgoing.All(f => f.Condition is not null))
            findings.Warning("gateway.no-default", node.Id, $"'{node.Title}' has no default flow: when no condition holds, the instance stops with an incident.", "Choose a default flow.");
    }
}
