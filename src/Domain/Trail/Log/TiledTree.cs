namespace Countersign.Domain.Trail;

/// <summary>
/// The right edge of a tiled tree: the hashes of the last, not yet full tile of each tile level. Appending gives the tiles that
/// became full; the edge, all full tiles and nothing else make the whole tree.
/// </summary>
public sealed class TiledTree
{
    private readonly List<List<TreeHash>> _levels;

    /// <summary>Starts an empty tree.</summary>
    public TiledTree()
        : this(0, [])
    {
    }

    /// <summary>Continues a tree.</summary>
    /// <param name="size">Number of leaves.</param>
    /// <param name="levels">For each tile level from 0, the hashes of its partial tile (none when it is empty).</param>
    /// <exception cref="ArgumentException">The hashes do not fit the size.</exception>
    public TiledTree(long size, IEnumerable<IReadOnlyList<TreeHash>> levels)
    {
        Size = size;
        _levels = [.. levels.Select(level => level.ToList())];
        var rest = size;
        for (var i = 0; i < _levels.Count || rest > 0; i++, rest >>= 8)
        {
            if ((i < _levels.Count ? _levels[i].Count : 0) != (rest & 255))
                throw new ArgumentException($"The edge of a tree of {size} leaves has {rest & 255} hashes at tile level {i}.", nameof(levels));
        }
    }

    /// <summary>Number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>The hashes of the partial tile of each level, from level 0.</summary>
    public IReadOnlyList<IReadOnlyList<TreeHash>> Edge => _levels;

    /// <summary>Number of tile levels that have at least one hash in a tree of that size.</summary>
    /// <param name="size">Number of leaves.</param>
    public static int Levels(long size)
    {
        var levels = 0;
        for (; size > 0; size >>= 8)
            levels++;
        return levels;
    }

    /// <summary>Appends one leaf.</summary>
    /// <param name="leaf">Hash of the leaf.</param>
    /// <returns>The tiles that it made full, lowest level first; mostly none.</returns>
    public IReadOnlyList<FullTile> Append(TreeHash leaf)
    {
        List<FullTile>? full = null;
        var node = leaf;
        var size = ++Size;
        for (var level = 0; ; level++)
        {
            if (_levels.Count == level)
                _levels.Add([]);
            var tile = _levels[level];
            tile.Add(node);
            size >>= 8;
            if (tile.Count < Tile.FullWidth)
                return full ?? (IReadOnlyList<FullTile>)[];
            node = RootOf(tile);
            (full ??= []).Add(new FullTile(new Tile(level, size - 1, Tile.FullWidth), [.. tile], node));
            tile.Clear();
        }
    }

    /// <summary>The root hash at the present size.</summary>
    public TreeHash Root()
    {
        TreeHash? root = null;
        foreach (var level in _levels)
        {
            var tree = new CompactTree();
            foreach (var node in level)
                tree.Append(node);
            for (var i = tree.Edge.Count - 1; i >= 0; i--)
                root = root is { } right ? TreeHash.OfNode(tree.Edge[i], right) : tree.Edge[i];
        }
        return root ?? TreeHash.Empty;
    }

    /// <summary>Root over the hashes of one tile.</summary>
    /// <param name="hashes">1 to 256 hashes.</param>
    public static TreeHash RootOf(IReadOnlyList<TreeHash> hashes)
    {
        var tree = new CompactTree();
        foreach (var hash in hashes)
            tree.Append(hash);
        return tree.Root();
    }
}

/// <summary>A tile that has become full and never changes again.</summary>
/// <param name="Tile">Its place.</param>
/// <param name="Hashes">Its 256 hashes.</param>
/// <param name="Root">The root over them: its hash in the tile one level up.</param>
public sealed record FullTile(Tile Tile, IReadOnlyList<TreeHash> Hashes, TreeHash Root);
