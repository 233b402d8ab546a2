using System.Numerics;

namespace Countersign.Domain.Trail;

/// <summary>Gives the hash of the full subtree over leaves [index × 2^level, (index + 1) × 2^level).</summary>
/// <param name="level">0 for leaves.</param>
/// <param name="index">Position among the nodes of that level, from 0.</param>
public delegate TreeHash TreeNodes(int level, long index);

/// <summary>Inclusion and consistency proofs of RFC 9162 §2.1.3 and §2.1.4: making and checking them.</summary>
public static class MerkleProof
{
    /// <summary>Makes the proof that a leaf is in a tree.</summary>
    /// <param name="index">Leaf, from 0.</param>
    /// <param name="size">Leaves of the tree, more than <paramref name="index"/>.</param>
    /// <param name="nodes">Hashes of the full subtrees.</param>
    /// <returns>Hashes from the sibling of the leaf up to the child of the root.</returns>
    public static IReadOnlyList<TreeHash> Inclusion(long index, long size, TreeNodes nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var proof = new List<TreeHash>();
        Inclusion(index, 0, size, nodes, proof);
        return proof;
    }

    /// <summary>Makes the proof that a tree is the beginning of a larger one.</summary>
    /// <param name="first">Leaves of the smaller tree, at least 1.</param>
    /// <param name="second">Leaves of the larger tree, at least <paramref name="first"/>.</param>
    /// <param name="nodes">Hashes of the full subtrees.</param>
    public static IReadOnlyList<TreeHash> Consistency(long first, long second, TreeNodes nodes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        var proof = new List<TreeHash>();
        Consistency(first, 0, second, whole: true, nodes, proof);
        return proof;
    }

    /// <summary>Root of the subtree over any range whose start is a multiple of a power of two not less than its length.</summary>
    /// <param name="start">First leaf.</param>
    /// <param name="end">Leaf after the last.</param>
    /// <param name="nodes">Hashes of the full subtrees.</param>
    public static TreeHash Root(long start, long end, TreeNodes nodes)
    {
        var length = end - start;
        if (length == 0)
            return TreeHash.Empty;
        if (BitOperations.IsPow2(length))
        {
            var level = BitOperations.Log2((ulong)length);
            return nodes(level, start >> level);
        }
        var split = Split(length);
        return TreeHash.OfNode(Root(start, start + split, nodes), Root(start + split, end, nodes));
    }

    /// <summary>Checks that a leaf is in a tree.</summary>
    /// <param name="index">Leaf, from 0.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="leaf">Hash of the leaf.</param>
    /// <param name="proof">Hashes from the sibling of the leaf upwards.</param>
    /// <param name="root">Root of the tree.</param>
    public static bool VerifyInclusion(long index, long size, TreeHash leaf, IReadOnlyList<TreeHash> proof, TreeHash root)
    {
        if (index < 0 || index >= size)
            return false;
        var (node, last) = (index, size - 1);
        var hash = leaf;
        foreach (var step in proof)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = TreeHash.OfNode(step, hash);
                for (; (node & 1) == 0 && node != 0; node >>= 1)
                    last >>= 1;
            }
            else
            {
                hash = TreeHash.OfNode(hash, step);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }

    /// <summary>Checks that a tree is the beginning of a larger one.</summary>
    /// <param name="first">Leaves of the smaller tree.</param>
    /// <param name="second">Leaves of the larger tree.</param>
    /// <param name="firstRoot">Root of the smaller tree.</param>
    /// <param name="secondRoot">Root of the larger tree.</param>
    /// <param name="proof">The proof; empty when both trees have one size, or the smaller one has no leaf.</param>
    public static bool VerifyConsistency(
        long first, long second, TreeHash firstRoot, TreeHash secondRoot, IReadOnlyList<TreeHash> proof)
    {
        if (first < 0 || first > second)
            return false;
        if (first == second)
            return proof.Count == 0 && firstRoot == secondRoot;
        if (first == 0)
            return proof.Count == 0 && firstRoot == TreeHash.Empty;
        if (proof.Count == 0)
            return false;
        // A smaller tree that is one full subtree is itself the first hash of the path.
        var whole = BitOperations.IsPow2(first);
        var (node, last) = (first - 1, second - 1);
        for (; (node & 1) == 1; node >>= 1)
            last >>= 1;
        var start = whole ? firstRoot : proof[0];
        var (left, right) = (start, start);
        foreach (var step in whole ? proof : proof.Skip(1))
        {
            if (last == 0)
                return false;
            if ((node & 1) == 1 || node == last)
            {
                left = TreeHash.OfNode(step, left);
                right = TreeHash.OfNode(step, right);
                for (; (node & 1) == 0 && node != 0; node >>= 1)
                    last >>= 1;
            }
            else
            {
                right = TreeHash.OfNode(right, step);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && left == firstRoot && right == secondRoot;
    }

    private static void Inclusion(long index, long start, long end, TreeNodes nodes, List<TreeHash> proof)
    {
        if (end - start == 1)
            return;
        var middle = start + Split(end - start);
        if (index < middle)
        {
            Inclusion(index, start, middle, nodes, proof);
            proof.Add(Root(middle, end, nodes));
        }
        else
        {
            Inclusion(index, middle, end, nodes, proof);
            proof.Add(Root(start, middle, nodes));
        }
    }

    private static void Consistency(long first, long start, long end, bool whole, TreeNodes nodes, List<TreeHash> proof)
    {
        if (first == end)
        {
            if (!whole)
                proof.Add(Root(start, end, nodes));
            return;
        }
        var middle = start + Split(end - start);
        if (first <= middle)
        {
            Consistency(first, start, middle, whole, nodes, proof);
            proof.Add(Root(middle, end, nodes));
        }
        else
        {
            Consistency(first, middle, end, whole: false, nodes, proof);
            proof.Add(Root(start, middle, nodes));
        }
    }

    /// <summary>The largest power of two below a length of two or more.</summary>
    private static long Split(long length) => 1L << BitOperations.Log2((ulong)(length - 1));
}
