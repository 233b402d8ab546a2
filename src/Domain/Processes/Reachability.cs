using System.Collections.Immutable;

namespace Countersign.Domain.Processes;

/// <summary>From where a token can come: along sequence flows, from an activity to its boundary events, and over links.</summary>
internal static class Reachability
{
    /// <summary>For each incoming flow of a join: the nodes from which a token can still arrive by that flow without passing the join itself.</summary>
    public static JoinReach OfIncoming(GraphNode join, int nodes)
    {
        var reach = new JoinReach(join.Incoming.Length, nodes);
        for (var i = 0; i < join.Incoming.Length; i++)
            Backwards(join.Incoming[i].Source, join, reach, i);
        return reach;
    }

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

    private static void Backwards(GraphNode from, GraphNode join, JoinReach reach, int incoming)
    {
        var open = new Stack<GraphNode>();
        if (from != join)
            open.Push(from);
        while (open.TryPop(out var node))
        {
            if (!reach.Add(incoming, node))
                continue;
            foreach (var flow in node.Incoming)
                Go(flow.Source);
            if (node.AttachedTo is { } host)
                Go(host);
            foreach (var link in node.LinkedFrom)
                Go(link);
        }

        void Go(GraphNode previous)
        {
            if (previous != join && !reach.Contains(incoming, previous))
                open.Push(previous);
        }
    }
}

/// <summary>From which nodes a token can still arrive by each incoming flow of a join: one bit each, because a large process has many of both.</summary>
internal sealed class JoinReach
{
    private const int Bits = 64;
    private readonly ulong[]?[] _reached;
    private readonly int _words;

    public JoinReach(int incoming, int nodes)
    {
        _reached = new ulong[incoming][];
        _words = (nodes + Bits - 1) / Bits;
    }

    public bool Contains(int incoming, GraphNode node) => _reached[incoming] is { } bits && (bits[node.Index / Bits] & (1UL << (node.Index % Bits))) != 0;

    /// <summary>Adds a node; false when it was there.</summary>
    internal bool Add(int incoming, GraphNode node)
    {
        if (Contains(incoming, node))
            return false;
        var bits = _reached[incoming] ??= new ulong[_words];
        bits[node.Index / Bits] |= 1UL << (node.Index % Bits);
        return true;
    }
}
