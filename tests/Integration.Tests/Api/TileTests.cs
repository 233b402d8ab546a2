using Countersign.Client.Trail;
using Countersign.Domain.Trail;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Api;

/// <summary>A tenant's log as tiles, the way stock verifiers read it.</summary>
public sealed class TileTests(RunningService service)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_signed_root_follows_from_the_tiles_and_from_nothing_else()
    {
        await service.Start(Cancel);
        // More than one full tile: each start of an instance makes several leaves.
        for (var i = 0; i < 70; i++)
            (await service.Send("POST", "/v1/instances", "ana", """{"process":"approval"}""", cancel: Cancel)).Status.ShouldBe(201);
        CheckpointView? signed = null;
        await Eventually.Holds(async () => (signed = await service.Act("tess").Trail.GetCheckpointAsync(Cancel)).Size > Tile.FullWidth, "a checkpoint over more than a tile", 90);
        var leaves = await Level(0, signed!.Size);
        var tree = new TiledTree();
        var full = leaves.SelectMany(tree.Append).ToArray();
        Convert.ToBase64String(tree.Root().ToArray()).ShouldBe(signed.RootHash);
        // The level above holds the roots of the full tiles below.
        (await Level(1, signed.Size)).ShouldBe(full.Where(f => f.Tile.Level == 0).Select(f => f.Root));
        (await service.Act("tess").Trail.GetTileAsync("0/000.p/3", Cancel)).ShouldBe(leaves.Take(3).SelectMany(l => l.ToArray()));
        Records(await service.Act("tess").Trail.GetTileAsync("entries/000", Cancel)).Select(r => TreeHash.OfLeaf(r)).ShouldBe(leaves.Take(Tile.FullWidth));
        Records(await service.Act("tess").Trail.GetTileAsync("entries/000.p/2", Cancel)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_tenant_reads_tiles_of_its_own_log_only()
    {
        await service.Start(Cancel);
        CheckpointView? theirs = null;
        await Eventually.Holds(async () => (await service.Send("GET", "/v1/trail/checkpoint", "gus", cancel: Cancel)).Status == 200, "Globex has a checkpoint", 90);
        theirs = await service.Act("gus").Trail.GetCheckpointAsync(Cancel);
        var own = await service.Act("gus").Trail.GetTileAsync("0/000.p/1", Cancel);
        var ours = await service.Act("tess").Trail.GetTileAsync("0/000.p/1", Cancel);
        own.ShouldNotBe(ours);
        (await service.Act("gus").Trail.GetInclusionProofAsync(0, theirs.Size, Cancel)).LeafHash.ShouldBe(Convert.ToBase64String(own));
    }

    [Theory]
    [InlineData("x/000", 400)]
    [InlineData("00/000", 400)]
    [InlineData("64/000", 400)]
    [InlineData("-1/000", 400)]
    [InlineData("0/0", 400)]
    [InlineData("0/x000/001", 400)]
    [InlineData("0/001/002", 400)]
    [InlineData("0/000.p/0", 400)]
    [InlineData("0/000.p/256", 400)]
    [InlineData("0/000.p/01", 400)]
    [InlineData("0/..%2F..%2Fetc", 400)]
    [InlineData("0/x999/x999/999", 404)]
    [InlineData("0/x999/x999/x999/x999/x999/x999/999", 400)]
    [InlineData("7/000", 404)]
    [InlineData("8/000.p/1", 404)]
    [InlineData("63/000", 404)]
    [InlineData("entries/0", 400)]
    [InlineData("entries/x999/x999/999", 404)]
    public async Task Coordinates_that_are_none_or_beyond_the_signed_tree_are_refused(string path, int status)
    {
        await service.Start(Cancel);
        var got = await service.Send("GET", "/v1/trail/tile/" + path, "tess", cancel: Cancel);
        got.Status.ShouldBe(status, got.Body);
        got.MediaType.ShouldBe("application/problem+json");
    }

    private static List<byte[]> Records(byte[] bundle)
    {
        var records = new List<byte[]>();
        for (var at = 0; at < bundle.Length; at += 2 + records[^1].Length)
            records.Add(bundle[(at + 2)..(at + 2 + (bundle[at] << 8) + bundle[at + 1])]);
        return records;
    }

    private async Task<List<TreeHash>> Level(int level, long size)
    {
        var count = size >> (8 * level);
        var hashes = new List<TreeHash>();
        for (long first = 0; first < count; first += Tile.FullWidth)
        {
            var tile = new Tile(level, first / Tile.FullWidth, (int)Math.Min(count - first, Tile.FullWidth));
            var bytes = await service.Act("tess").Trail.GetTileAsync(tile.Path["tile/".Length..], Cancel);
            bytes.Length.ShouldBe(tile.Width * 32, tile.Path);
            hashes.AddRange(bytes.Chunk(32).Select(h => new TreeHash(h)));
        }

        return hashes;
    }
}
