using System.Text;
using Countersign.Domain.Trail;
using Countersign.Projections.Databases;
using Npgsql;

namespace Countersign.Workers.Trail;

/// <summary>A leaf as readers get it.</summary>
/// <param name="Index">Position in the log.</param>
/// <param name="Hash">Leaf hash, 32 bytes.</param>
/// <param name="Record">Leaf record as canonical JSON text.</param>
public sealed record TrailLeaf(long Index, byte[] Hash, string Record);

/// <summary>A signed checkpoint as stored.</summary>
public sealed record TrailCheckpoint(int Epoch, long Size, byte[] Root, string Note, DateTimeOffset At);

/// <summary>Reads a tenant's log for requests: as the reader, in the newest epoch.</summary>
public sealed class TrailReader(DatabaseConnections connections)
{
    private readonly LogReader _log = new(connections.Writer);

    /// <summary>Checkpoints before a size, the newest first.</summary>
    public async Task<List<TrailCheckpoint>> Checkpoints(string tenantId, (int Epoch, long Size)? before, int take, CancellationToken cancellation)
    {
        await using var session = await Open(tenantId, cancellation);
        await using var command = new NpgsqlCommand(
            "select epoch, size, root, note, signed_at from cs.trail_checkpoints where tenant_id = $1 and (epoch, size) < ($2, $3) order by epoch desc, size desc limit $4", session.Connection)
        {
            Parameters = { new() { Value = tenantId }, new() { Value = before?.Epoch ?? int.MaxValue }, new() { Value = before?.Size ?? long.MaxValue }, new() { Value = take } },
        };
        var found = new List<TrailCheckpoint>();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            found.Add(new TrailCheckpoint(row.GetInt32(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4)));
        return found;
    }

    /// <summary>Leaves of the newest epoch from an index on.</summary>
    public async Task<List<TrailLeaf>> Leaves(string tenantId, long from, int take, CancellationToken cancellation)
    {
        var end = await _log.End(tenantId, cancellation);
        await using var session = await Open(tenantId, cancellation);
        await using var command = new NpgsqlCommand(
            $"""
            select l.index, l.hash, l.late, l.statement, {StoredEvent.Columns.Replace("e.seq_id", "coalesce(e.seq_id, 0)", StringComparison.Ordinal)}
            from cs.trail_leaves l left join cs.mt_events e on e.seq_id = l.seq_id and e.tenant_id = l.tenant_id
            where l.tenant_id = $1 and l.epoch = $2 and l.index >= $3 order by l.index limit $4
            """,
            session.Connection)
        {
            Parameters = { new() { Value = tenantId }, new() { Value = end.Epoch }, new() { Value = from }, new() { Value = take } },
        };
        var found = new List<TrailLeaf>();
        var canonical = new CanonicalJson();
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            LeafRecord leaf = row.IsDBNull(3) ? Event(row).ToLeaf(canonical, row.GetBoolean(2)) : new StatementLeaf(tenantId, row.GetString(3));
            found.Add(new TrailLeaf(row.GetInt64(0), row.GetFieldValue<byte[]>(1), Encoding.UTF8.GetString(leaf.ToBytes())));
        }

        return found;
    }

    /// <summary>Audit path of a leaf in the tree of a size (the newest checkpoint's when null), or null when the log has no such leaf or size.</summary>
    public async Task<(long Size, byte[] Leaf, byte[] Root, List<byte[]> Path)?> Inclusion(string tenantId, long index, long? size, CancellationToken cancellation)
    {
        var end = await _log.End(tenantId, cancellation);
        var wanted = size ?? (await Checkpoints(tenantId, null, 1, cancellation)).FirstOrDefault(c => c.Epoch == end.Epoch)?.Size ?? 0;
        if (wanted > end.Size || index < 0 || index >= wanted || await Leaves(tenantId, index, 1, cancellation) is not [var leaf] || leaf.Index != index)
            return null;
        var path = await _log.Inclusion(tenantId, end.Epoch, end.Size, index, wanted, cancellation);
        var root = await _log.Root(tenantId, end.Epoch, end.Size, wanted, cancellation);
        return (wanted, leaf.Hash, root.ToArray(), [.. path.Select(h => h.ToArray())]);
    }

    /// <summary>Consistency path between two sizes, or null when the log has not reached them.</summary>
    public async Task<List<byte[]>?> Consistency(string tenantId, long first, long second, CancellationToken cancellation)
    {
        var end = await _log.End(tenantId, cancellation);
        if (first < 1 || first > second || second > end.Size)
            return null;
        return [.. (await _log.Consistency(tenantId, end.Epoch, end.Size, first, second, cancellation)).Select(h => h.ToArray())];
    }

    /// <summary>The hashes of a tile one behind the other, or null when the newest checkpoint's tree does not have it.</summary>
    public async Task<byte[]?> Hashes(string tenantId, Tile tile, CancellationToken cancellation)
    {
        // No tile reaches beyond what is signed: nobody could check it.
        if (await Checkpoints(tenantId, null, 1, cancellation) is not [var signed])
            return null;
        return await _log.Hashes(tenantId, signed.Epoch, signed.Size, tile, cancellation) is { } hashes ? [.. hashes.SelectMany(h => h.ToArray())] : null;
    }

    /// <summary>The records under a tile of leaves, each behind its length in 16 bits, big end first; null when the newest checkpoint's tree does not have them.</summary>
    public async Task<byte[]?> Records(string tenantId, Tile tile, CancellationToken cancellation)
    {
        if (await Checkpoints(tenantId, null, 1, cancellation) is not [var signed] || (await _log.End(tenantId, cancellation)).Epoch != signed.Epoch
            || tile.Width > signed.Size || tile.Index > (signed.Size - tile.Width) / Tile.FullWidth)
            return null;
        var bundle = new MemoryStream();
        foreach (var leaf in await Leaves(tenantId, tile.Index * Tile.FullWidth, tile.Width, cancellation))
        {
            var record = Encoding.UTF8.GetBytes(leaf.Record);
            bundle.WriteByte(checked((byte)(record.Length >> 8)));
            bundle.WriteByte((byte)record.Length);
            bundle.Write(record);
        }

        return bundle.ToArray();
    }

    private async Task<ReaderSession> Open(string tenantId, CancellationToken cancellation)
    {
        var connection = await connections.Reader.OpenConnectionAsync(cancellation);
        var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand($"select set_config('{DatabaseRoles.TenantSetting}', $1, true)", connection, transaction) { Parameters = { new() { Value = tenantId } } };
        await command.ExecuteNonQueryAsync(cancellation);
        return new ReaderSession(connection, transaction);
    }

    private static StoredEvent Event(NpgsqlDataReader row) => new(row.GetInt64(4), row.GetString(5), row.GetString(6), row.GetInt64(7), row.GetString(8),
        row.GetFieldValue<DateTimeOffset>(9), row.GetString(10), Text(row, 11), Text(row, 12), Text(row, 13), row.GetString(14), Text(row, 15));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private sealed record ReaderSession(NpgsqlConnection Connection, NpgsqlTransaction Transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Transaction.DisposeAsync();
            await Connection.DisposeAsync();
        }
    }
}
