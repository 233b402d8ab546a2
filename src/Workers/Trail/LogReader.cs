using Countersign.Domain.Trail;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Trail;

/// <summary>Where a tenant's log stands.</summary>
/// <param name="Epoch">Its last epoch; 1 before the first leaf.</param>
/// <param name="Size">Leaves of that epoch.</param>
internal sealed record LogEnd(int Epoch, long Size);

/// <summary>Reads trees out of the trail's tables.</summary>
internal sealed class LogReader(NpgsqlDataSource source)
{
    private const int KeptTiles = 1024;

    // Tiles of one log at one size, so that many proofs in a row read each tile once.
    private (string Tenant, int Epoch, long Size, Dictionary<(int Level, long Index), IReadOnlyList<TreeHash>> Tiles) _kept = ("", 0, 0, []);

    /// <summary>Whether tiles are kept between calls. Never where a change of the tables must be noticed.</summary>
    public bool KeepsTiles { get; init; }

    public async Task<LogEnd> End(string tenant, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select epoch, index + 1 from cs.trail_leaves where tenant_id = $1 order by epoch desc, index desc limit 1");
        command.Parameters.Add(new() { Value = tenant });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? new LogEnd(row.GetInt32(0), row.GetInt64(1)) : new LogEnd(1, 0);
    }

    public async Task<long> Size(string tenant, int epoch, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select coalesce(max(index) + 1, 0) from cs.trail_leaves where tenant_id = $1 and epoch = $2");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = epoch });
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Tenants that have a log.</summary>
    public async Task<List<string>> Tenants(CancellationToken cancel)
    {
        // Steps from one tenant to the next by the key instead of reading all leaves.
        const string Sql =
            """
            with recursive t as (
                (select tenant_id from cs.trail_leaves order by tenant_id limit 1)
                union all
                select (select l.tenant_id from cs.trail_leaves l where l.tenant_id > t.tenant_id order by l.tenant_id limit 1) from t where t.tenant_id is not null)
            select tenant_id from t where tenant_id is not null
            """;
        await using var command = source.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var tenants = new List<string>();
        while (await rows.ReadAsync(cancel))
            tenants.Add(rows.GetString(0));
        return tenants;
    }

    /// <summary>The right edge of a log, to append to.</summary>
    public async Task<TiledTree> Tree(string tenant, LogEnd end, CancellationToken cancel)
    {
        var levels = new List<IReadOnlyList<TreeHash>>();
        for (var level = 0; level < TiledTree.Levels(end.Size); level++)
        {
            var count = end.Size >> (8 * level);
            levels.Add(await Hashes(tenant, end.Epoch, level, count & ~255L, count, cancel));
        }
        return new TiledTree(end.Size, levels);
    }

    /// <summary>Hashes of full subtrees of a log of that size, read tile by tile and kept.</summary>
    private async Task<TreeNodes> Nodes(string tenant, int epoch, long size, IEnumerable<(long Start, long End)> ranges, CancellationToken cancel)
    {
        var tiles = Kept(tenant, epoch, size);
        foreach (var (start, end) in ranges)
        {
            foreach (var (level, index) in Touched(start, end))
            {
                if (tiles.ContainsKey((level, index)))
                    continue;
                var count = size >> (8 * level);
                tiles[(level, index)] = await Hashes(tenant, epoch, level, index * Tile.FullWidth, Math.Min(count, (index + 1) * Tile.FullWidth), cancel);
            }
        }
        return (level, index) =>
        {
            var width = 1 << (level & 7);
            var tile = tiles[(level >> 3, (index * width) >> 8)];
            var offset = (int)((index * width) & 255);
            return width == 1 ? tile[offset] : TiledTree.RootOf([.. tile.Skip(offset).Take(width)]);
        };
    }

    /// <summary>Root of a log at a size that it has reached.</summary>
    public async Task<TreeHash> Root(string tenant, int epoch, long logSize, long size, CancellationToken cancel) =>
        MerkleProof.Root(0, size, await Nodes(tenant, epoch, logSize, [(0, size)], cancel));

    /// <summary>Roots of the full subtrees over the first leaves, largest first.</summary>
    public async Task<IReadOnlyList<TreeHash>> Frontier(string tenant, int epoch, long logSize, long size, CancellationToken cancel)
    {
        var nodes = await Nodes(tenant, epoch, logSize, [(0, size)], cancel);
        return [.. Subtrees(0, size).Select(s => nodes(s.Level, s.Start >> s.Level))];
    }

    /// <summary>The hashes of a tile, or null when a tree of that size does not have it.</summary>
    public async Task<IReadOnlyList<TreeHash>?> Hashes(string tenant, int epoch, long size, Tile tile, CancellationToken cancel)
    {
        // Above 8 × 8 levels no 64-bit size has a hash, and the shift would begin anew.
        var count = tile.Level < 8 ? size >> (8 * tile.Level) : 0;
        return tile.Width <= count && tile.Index <= (count - tile.Width) / Tile.FullWidth
            ? await Hashes(tenant, epoch, tile.Level, tile.Index * Tile.FullWidth, (tile.Index * Tile.FullWidth) + tile.Width, cancel)
            : null;
    }

    public async Task<IReadOnlyList<TreeHash>> Consistency(string tenant, int epoch, long logSize, long first, long second, CancellationToken cancel)
    {
        // All subtrees that a consistency proof can name are found by asking for it once with a recorder.
        var wanted = Recorded(nodes => MerkleProof.Consistency(first, second, nodes));
        return MerkleProof.Consistency(first, second, await Nodes(tenant, epoch, logSize, wanted, cancel));
    }

    public async Task<IReadOnlyList<TreeHash>> Inclusion(string tenant, int epoch, long logSize, long index, long size, CancellationToken cancel)
    {
        var wanted = Recorded(nodes => MerkleProof.Inclusion(index, size, nodes));
        return MerkleProof.Inclusion(index, size, await Nodes(tenant, epoch, logSize, wanted, cancel));
    }

    private Dictionary<(int Level, long Index), IReadOnlyList<TreeHash>> Kept(string tenant, int epoch, long size)
    {
        if (KeepsTiles && _kept.Tenant == tenant && _kept.Epoch == epoch && _kept.Size == size && _kept.Tiles.Count < KeptTiles)
            return _kept.Tiles;
        _kept = (tenant, epoch, size, []);
        return _kept.Tiles;
    }

    private static List<(long Start, long End)> Recorded(Action<TreeNodes> ask)
    {
        var wanted = new List<(long, long)>();
        ask((level, index) =>
        {
            wanted.Add((index << level, (index + 1) << level));
            return default;
        });
        return wanted;
    }

    /// <summary>The tiles in which the full subtrees over a range have their hash.</summary>
    private static IEnumerable<(int Level, long Index)> Touched(long start, long end) =>
        Subtrees(start, end).Select(s => (s.Level >> 3, (s.Start >> (s.Level & ~7)) >> 8)).Distinct();

    /// <summary>The full subtrees that make up a range, from the left; the range starts where a subtree of its size could.</summary>
    private static IEnumerable<(int Level, long Start)> Subtrees(long start, long end)
    {
        while (start < end)
        {
            var level = System.Numerics.BitOperations.Log2((ulong)(end - start));
            yield return (level, start);
            start += 1L << level;
        }
    }

    /// <summary>Hashes of one tile level: leaves at level 0, above it the roots of the full tiles below.</summary>
    private async Task<List<TreeHash>> Hashes(string tenant, int epoch, int level, long first, long end, CancellationToken cancel)
    {
        var hashes = new List<TreeHash>((int)(end - first));
        await using var command = source.CreateCommand(level == 0
            ? "select hash from cs.trail_leaves where tenant_id = $1 and epoch = $2 and index >= $3 and index < $4 order by index"
            : "select root from cs.trail_tiles where tenant_id = $1 and epoch = $2 and index >= $3 and index < $4 and level = $5 order by index");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = epoch });
        command.Parameters.Add(new() { Value = first });
        command.Parameters.Add(new() { Value = end });
        if (level > 0)
            command.Parameters.Add(new() { Value = level - 1, NpgsqlDbType = NpgsqlDbType.Integer });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            hashes.Add(new TreeHash(rows.GetFieldValue<byte[]>(0)));
        return hashes.Count == end - first ? hashes
            : throw new InvalidDataException($"The log of {tenant}, epoch {epoch}, lacks {end - first - hashes.Count} hashes of tile level {level} from {first} on: the database was changed or damaged. Compare it with a backup.");
    }
}
