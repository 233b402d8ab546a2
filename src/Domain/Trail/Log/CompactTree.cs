using System.Numerics;

namespace Countersign.Domain.Trail;

/// <summary>
/// A Merkle tree of which only the roots of the full subtrees along its right edge are kept, largest first: enough to append
/// leaves and to give the root, in logarithmic space.
/// </summary>
public sealed class CompactTree
{
    private readonly List<TreeHash> _edge = [];

    /// <summary>Starts an empty tree.</summary>
    public CompactTree()
    {
    }

    private CompactTree(long size, IEnumerable<TreeHash> edge)
    {
        Size = size;
        _edge.AddRange(edge);
    }

    /// <summary>Number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Roots of the full subtrees, largest first: one for each bit that is set in <see cref="Size"/>.</summary>
    public IReadOnlyList<TreeHash> Edge => _edge;

    /// <summary>Continues a tree whose edge is known.</summary>
    /// <param name="size">Number of leaves, zero or more.</param>
    /// <param name="edge">Roots of its full subtrees, largest first.</param>
    /// <returns>The tree, or null when the number of hashes does not fit the size.</returns>
    public static CompactTree? From(long size, IReadOnlyCollection<TreeHash> edge) =>
        size < 0 || edge.Count != BitOperations.PopCount((ulong)size) ? null : new CompactTree(size, edge);

    /// <summary>A second tree of the same size that can grow apart from this one.</summary>
    public CompactTree Copy() => new(Size, _edge);

    /// <summary>Appends one leaf.</summary>
    /// <param name="leaf">The hash of the leaf.</param>
    public void Append(TreeHash leaf)
    {
        var node = leaf;
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            node = TreeHash.OfNode(_edge[^1], node);
            _edge.RemoveAt(_edge.Count - 1);
        }
        _edge.Add(node);
        Size++;
    }

    /// <summary>The root hash at the present size.</summary>
    public TreeHash Root()
    {
        if (_edge.Count == 0)
            return TreeHash.Empty;
        var root = _edge[^1];
        for (var i = _edge.Count - 2; i >= 0; i--)
            root = TreeHash.OfNode(_edge[i], root);
        return root;
    }
}
