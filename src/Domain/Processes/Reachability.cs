using System.Collections.Immutable;

namespace Countersign.Domain.Processes;

/// <summary>From where a token can come: along sequence flows, from an activity to its boundary events, and over links.</summary>
internal static class Reachability
{
    /// <summary>For each incoming flow of a join: the nodes from which a token can still arrive by that flow without passing the join itself.</summary>
    public static ImmutableArray<ImmutableArray<bool>> OfIncoming(GraphNode join, ImmutableArray<GraphNode> nodes) =>
        [.. join.Incoming.Select(flow => Backwards(flow.Source, join, nodes))];

    /// <summary>All nodes that a token can reach from the starts given.</summary>
    public static bool[] Forwards(IEnumerable<GraphNode> starts, ImmutableArray<GraphNode> nodes)
    {
        var reached = new bool[nodes.Length];
        var open = new Stack<GraphNode>(starts);
        while (open.TryPop(out var node))
        {
            if (reached[node.Index])
                continue;
            reached[node.Index] = true;
            foreach (var next in Next(node))
                open.Push(next);
        }

        return reached;
    }

    /// <summary>Where a token goes on after a node, and what may start because of it.</summary>
    public static IEnumerable<GraphNode> Next(GraphNode node)
    {
        foreach (var flow in node.Outgoing)
            yield return flow.Target;
        foreach (var boundary in node.Boundaries)
            yield return boundary;
        foreach (var inner in node.InnerStarts)
            yield return inner;
        foreach (var start in node.EventStarts)
            yield return start.Parent!;
        if (node.Handler is { } handler)
            yield return handler;
        if (node.Detail is AdHocDetail adHoc)
        {
            foreach (var step in adHoc.Steps)
                yield return step;
        }

        if (node.Detail is LinkDetail link)
            yield return link.Target;
    }

    private static ImmutableArray<bool> Backwards(GraphNode from, GraphNode join, ImmutableArray<GraphNode> nodes)
    {
        var reached = new bool[nodes.Length];
        var open = new Stack<GraphNode>();
        if (from != join)
            open.Push(from);
        while (open.TryPop(out var node))
        {
            if (reached[node.Index])
                continue;
            reached[node.Index] = true;
            foreach (var previous in Previous(node, nodes))
            {
                if (previous != join)
                    open.Push(previous);
            }
        }

        return [.. reached];
    }

    private static IEnumerable<GraphNode> Previous(GraphNode node, ImmutableArray<GraphNode> nodes)
    {
        foreach (var flow in node.Incoming)
            yield return flow.Source;
        if (node.AttachedTo is { } host)
            yield return host;
        if (node.Kind != ElementKind.LinkCatch)
            yield break;
        foreach (var other in nodes)
        {
            if (other.Detail is LinkDetail link && link.Target == node)
                yield return other;
        }
    }
}
