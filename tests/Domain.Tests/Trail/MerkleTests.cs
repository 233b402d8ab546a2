using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Trail;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Trail;

public sealed class MerkleTests
{
    // RFC 6962 reference leaves and roots, as Certificate Transparency's first implementations published them.
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Roots_of_the_reference_trees_are_right()
    {
        var (compact, tiled) = (new CompactTree(), new TiledTree());
        compact.Root().ShouldBe(TreeHash.Empty);
        tiled.Root().ShouldBe(TreeHash.Empty);
        for (var i = 0; i < Leaves.Length; i++)
        {
            var leaf = TreeHash.OfLeaf(Convert.FromHexString(Leaves[i]));
            compact.Append(leaf);
            tiled.Append(leaf).ShouldBeEmpty();
            Convert.ToHexStringLower(compact.Root().ToArray()).ShouldBe(Roots[i]);
            tiled.Root().ShouldBe(compact.Root());
        }
    }

    [Fact]
    public void Every_leaf_of_every_small_tree_is_proven_and_no_other_place_of_it_is()
    {
        for (var size = 1; size <= 40; size++)
        {
            var tree = Tree(size);
            var root = MerkleProof.Root(0, size, tree);
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleProof.Inclusion(index, size, tree);
                MerkleProof.VerifyInclusion(index, size, tree(0, index), proof, root).ShouldBeTrue();
                MerkleProof.VerifyInclusion(index, size, tree(0, index + 1), proof, root).ShouldBeFalse();
                for (var other = 0; other < size; other++)
                    MerkleProof.VerifyInclusion(other, size, tree(0, index), proof, root).ShouldBe(other == index);
            }
        }
    }

    [Fact]
    public void Every_small_tree_is_proven_to_continue_every_smaller_one_and_no_other()
    {
        for (var second = 1; second <= 40; second++)
        {
            var tree = Tree(second);
            for (var first = 1; first <= second; first++)
            {
                var proof = MerkleProof.Consistency(first, second, tree);
                var (a, b) = (MerkleProof.Root(0, first, tree), MerkleProof.Root(0, second, tree));
                MerkleProof.VerifyConsistency(first, second, a, b, proof).ShouldBeTrue();
                MerkleProof.VerifyConsistency(first, second, TreeHash.OfNode(a, a), b, proof).ShouldBeFalse();
                MerkleProof.VerifyConsistency(first, second, a, TreeHash.OfNode(b, b), proof).ShouldBeFalse();
                if (first < second)
                    MerkleProof.VerifyConsistency(first, second, a, b, [.. proof, a]).ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void A_tiled_tree_a_compact_tree_and_the_definition_agree_across_tile_borders()
    {
        var (compact, tiled) = (new CompactTree(), new TiledTree());
        var tiles = new Dictionary<(int, long), FullTile>();
        var leaves = new List<TreeHash>();
        for (var i = 0; i < 70_000; i++)
        {
            var leaf = Leaf(i);
            leaves.Add(leaf);
            compact.Append(leaf);
            foreach (var full in tiled.Append(leaf))
                tiles.Add((full.Tile.Level, full.Tile.Index), full);
            if (i % 9973 == 0 || i is 255 or 256 or 65_535 or 65_536)
            {
                tiled.Root().ShouldBe(compact.Root());
                new TiledTree(tiled.Size, tiled.Edge.Select(l => l.ToList())).Root().ShouldBe(compact.Root());
            }
        }
        tiles.Keys.Count(k => k.Item1 == 0).ShouldBe(70_000 / 256);
        tiles.Keys.Count(k => k.Item1 == 1).ShouldBe(1);
        tiles[(0, 3)].Hashes.ShouldBe(leaves.Skip(768).Take(256));
        tiles[(1, 0)].Hashes[7].ShouldBe(tiles[(0, 7)].Root);
        tiled.Root().ShouldBe(MerkleProof.Root(0, leaves.Count, Nodes(leaves)));
        Should.Throw<ArgumentException>(() => new TiledTree(70_001, tiled.Edge.Select(l => l.ToList())));
    }

    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(2, 5, 7, "tile/2/005.p/7")]
    [InlineData(0, 1000, 1, "tile/0/x001/000.p/1")]
    public void Tile_paths_are_written_and_read_as_the_format_says(int level, long index, int width, string path)
    {
        var tile = new Tile(level, index, width);
        tile.Path.ShouldBe(path);
        Tile.TryParse(path[("tile/".Length + 2)..], level, out var read).ShouldBeTrue();
        read.ShouldBe(tile);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("x000/001")]
    [InlineData("000.p/0")]
    [InlineData("000.p/256")]
    [InlineData("000.p/01")]
    [InlineData("../000")]
    [InlineData("001/002")]
    [InlineData("x999/x999/x999/x999/x999/x999/x999/999")]
    [InlineData("")]
    public void Another_spelling_of_a_tile_is_refused(string path) => Tile.TryParse(path, 0, out _).ShouldBeFalse();

    [Fact]
    public void Published_inclusion_proofs_are_judged_as_their_files_say()
    {
        var judged = Judge("inclusion", json => MerkleProof.VerifyInclusion(
            Number(json, "leafIdx"), Number(json, "treeSize"), Hash(json, "leafHash"), Hashes(json), Hash(json, "root")));
        judged.ShouldBeGreaterThan(70);
    }

    [Fact]
    public void Published_consistency_proofs_are_judged_as_their_files_say()
    {
        var judged = Judge("consistency", json => MerkleProof.VerifyConsistency(
            Number(json, "size1"), Number(json, "size2"), Hash(json, "root1"), Hash(json, "root2"), Hashes(json)));
        judged.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void A_published_log_of_another_implementation_is_rebuilt_from_its_entries_tiles_and_checkpoints()
    {
        var folder = SharedData.Folder("protocols/merkle-log/tessera-log");
        var bundle = File.ReadAllBytes(Path.Combine(folder, new Tile(0, 0, 15).EntriesPath));
        var tree = new CompactTree();
        var leaves = new List<TreeHash>();
        for (var at = 0; at < bundle.Length;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(bundle.AsSpan(at));
            leaves.Add(TreeHash.OfLeaf(bundle.AsSpan(at + 2, length)));
            tree.Append(leaves[^1]);
            at += 2 + length;
            var note = File.ReadAllText(Path.Combine(folder, $"checkpoint.{tree.Size}"));
            SignedNote.TryParse(note, out var signed).ShouldBeTrue();
            signed!.ToString().ShouldBe(note);
            Checkpoint.TryParse(signed.Text, out var checkpoint).ShouldBeTrue();
            checkpoint.ShouldBe(new Checkpoint("example.com/log/testdata", tree.Size, tree.Root()));
            File.ReadAllBytes(Path.Combine(folder, new Tile(0, 0, leaves.Count).Path)).ShouldBe(leaves.SelectMany(l => l.ToArray()));
        }
        leaves.Count.ShouldBe(15);
    }

    [Fact]
    public void Random_trees_prove_random_leaves_and_prefixes() =>
        Gen.Select(Gen.Int[1, 3000], Gen.Int[0, 10_000], Gen.Int[0, 10_000]).Sample((size, a, b) =>
        {
            var tree = Tree(size);
            var (index, first) = (a % size, 1 + (b % size));
            var root = MerkleProof.Root(0, size, tree);
            MerkleProof.VerifyInclusion(index, size, tree(0, index), MerkleProof.Inclusion(index, size, tree), root).ShouldBeTrue();
            MerkleProof.VerifyConsistency(first, size, MerkleProof.Root(0, first, tree), root, MerkleProof.Consistency(first, size, tree)).ShouldBeTrue();
        }, iter: 30);

    private static int Judge(string kind, Func<JsonElement, bool> verify)
    {
        var files = Directory.GetFiles(Path.Combine(SharedData.Folder("protocols/merkle-proofs"), kind), "*.json", SearchOption.AllDirectories);
        foreach (var file in files)
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file));
            bool holds;
            try
            {
                holds = verify(json.RootElement);
            }
            catch (FormatException)
            {
                // A hash that is not 32 bytes cannot even be said in our types: refused.
                holds = false;
            }
            holds.ShouldBe(!json.RootElement.GetProperty("wantErr").GetBoolean(), file);
        }
        return files.Length;
    }

    // Sizes in the vectors are unsigned; what does not fit is as impossible as a negative one.
    private static long Number(JsonElement json, string name) => json.GetProperty(name).TryGetInt64(out var value) ? value : -1;

    private static TreeHash Hash(JsonElement json, string name) => Hash(json.GetProperty(name).GetString());

    private static List<TreeHash> Hashes(JsonElement json) =>
        json.GetProperty("proof") is { ValueKind: JsonValueKind.Array } proof ? [.. proof.EnumerateArray().Select(h => Hash(h.GetString()))] : [];

    private static TreeHash Hash(string? text) => TreeHash.TryParse(text ?? "", out var hash) ? hash : throw new FormatException("Not a hash.");

    private static TreeHash Leaf(long index) => TreeHash.OfLeaf(Encoding.UTF8.GetBytes($"leaf {index}"));

    private static TreeNodes Tree(int size) => Nodes([.. Enumerable.Range(0, size + 1).Select(i => Leaf(i))]);

    private static TreeNodes Nodes(List<TreeHash> leaves)
    {
        TreeHash Node(int level, long index) => level == 0
            ? leaves[(int)index]
            : TreeHash.OfNode(Node(level - 1, 2 * index), Node(level - 1, (2 * index) + 1));
        return Node;
    }
}
