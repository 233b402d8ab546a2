using Countersign.Domain.Trail;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Trail;

/// <summary>A tenant's open log.</summary>
internal sealed class OpenLog(string tenant, int epoch, string origin, TiledTree tree)
{
    public string Tenant { get; } = tenant;

    public int Epoch { get; } = epoch;

    public string Origin { get; } = origin;

    public TiledTree Tree { get; } = tree;

    /// <summary>The last signed checkpoint, or null before the first.</summary>
    public PublishedCheckpoint? Signed { get; set; }

    /// <summary>When it was signed, by the process's own measure.</summary>
    public long SignedAt { get; set; }

    public long Unsigned => Tree.Size - (Signed?.Epoch == Epoch ? Signed.Checkpoint.Size : 0);
}

/// <summary>Leaves and tiles of one append, for several tenants.</summary>
internal sealed class LeafRows
{
    private readonly List<(StoredEvent Event, bool Late)> _events = [];
    private readonly List<(OpenLog Log, long Index, TreeHash Hash, long? Sequence, bool Late, string? Statement)> _leaves = [];
    private readonly List<(OpenLog Log, FullTile Tile)> _tiles = [];

    public IReadOnlyList<(StoredEvent Event, bool Late)> Events => _events;

    public int Count => _leaves.Count;

    public IEnumerable<OpenLog> Logs => _leaves.Select(l => l.Log).Distinct();

    public void Add(StoredEvent e, bool late) => _events.Add((e, late));

    /// <summary>The first event of each stream in this append: those whose predecessor must be in the log already.</summary>
    public IEnumerable<(string Tenant, string Stream, long Version)> Heads() =>
        _events.GroupBy(e => (e.Event.Tenant, e.Event.Stream)).Select(g => (g.Key.Tenant, g.Key.Stream, g.First().Event.Version));

    /// <summary>Puts an event that was passed over in before its successor, marked late.</summary>
    public void Insert(StoredEvent missed)
    {
        _events.RemoveAll(e => e.Event.Sequence == missed.Sequence);
        _events.Insert(_events.FindIndex(e => e.Event.Tenant == missed.Tenant && e.Event.Stream == missed.Stream), (missed, true));
    }

    public void Append(OpenLog log, TreeHash hash, long? sequence, bool late, string? statement)
    {
        _leaves.Add((log, log.Tree.Size, hash, sequence, late, statement));
        foreach (var full in log.Tree.Append(hash))
            _tiles.Add((log, full));
    }

    /// <summary>Inserts everything in the caller's transaction. A leaf that is there already fails: somebody else appended it.</summary>
    public async Task Insert(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using (var command = new NpgsqlCommand(
            """
            insert into cs.trail_leaves (tenant_id, epoch, index, hash, seq_id, late, statement)
            select * from unnest($1::text[], $2::int[], $3::bigint[], $4::bytea[], $5::bigint[], $6::boolean[], $7::text[])
            """, connection))
        {
            command.Parameters.Add(new() { Value = _leaves.Select(l => l.Log.Tenant).ToArray() });
            command.Parameters.Add(new() { Value = _leaves.Select(l => l.Log.Epoch).ToArray() });
            command.Parameters.Add(new() { Value = _leaves.Select(l => l.Index).ToArray() });
            command.Parameters.Add(new() { Value = _leaves.Select(l => l.Hash.ToArray()).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
            command.Parameters.Add(new() { Value = _leaves.Select(l => l.Sequence).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            command.Parameters.Add(new() { Value = _leaves.Select(l => l.Late).ToArray() });
            command.Parameters.Add(new() { Value = _leaves.Select(l => l.Statement).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            await command.ExecuteNonQueryAsync(cancel);
        }
        foreach (var (log, full) in _tiles)
        {
            await using var command = new NpgsqlCommand("insert into cs.trail_tiles (tenant_id, epoch, level, index, hashes, root) values ($1, $2, $3, $4, $5, $6)", connection);
            command.Parameters.Add(new() { Value = log.Tenant });
            command.Parameters.Add(new() { Value = log.Epoch });
            command.Parameters.Add(new() { Value = full.Tile.Level });
            command.Parameters.Add(new() { Value = full.Tile.Index });
            command.Parameters.Add(new() { Value = full.Hashes.SelectMany(h => h.ToArray()).ToArray() });
            command.Parameters.Add(new() { Value = full.Root.ToArray() });
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
