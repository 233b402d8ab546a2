using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Countersign.Domain.Trail;
using Countersign.Projections.Store;
using Npgsql;

namespace Countersign.Workers.Trail.Exports;

/// <summary>A leaf with what lies behind it.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StoredLeaf(long Index, TreeHash Hash, LeafRecord Record, StoredEvent? Event);

/// <summary>Reads the leaves of a range page by page, so that neither memory nor a statement's time grows with the range.</summary>
internal sealed class LeafPages(NpgsqlDataSource source, string tenant)
{
    private const int Page = 1000;

    private readonly CanonicalJson _canonical = new();

    public async IAsyncEnumerable<StoredLeaf> Read(EpochRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        for (var start = range.First; start < range.End; start += Page)
        {
            var stop = Math.Min(range.End, start + Page);
            var expected = start;
            await using var command = source.CreateCommand(
                $"""
                select {StoredEvent.Columns}, l.index, l.hash, l.late, l.statement, l.seq_id from cs.trail_leaves l left join cs.mt_events e on e.seq_id = l.seq_id
                where l.tenant_id = $1 and l.epoch = $2 and l.index >= $3 and l.index < $4 order by l.index
                """);
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = range.Epoch });
            command.Parameters.Add(new() { Value = start });
            command.Parameters.Add(new() { Value = stop });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel) && rows.GetInt64(12) == expected)
            {
                expected++;
                yield return Read(rows);
            }
            if (expected != stop)
                throw new ExportException($"Leaf {expected} of the log of {tenant} is gone from the database: compare it with a backup before exporting.");
        }
    }

    /// <summary>The events of instances whose leaves lie in the ranges, instance by instance and in the order of each.</summary>
    public async IAsyncEnumerable<StoredEvent> Instances(IReadOnlyList<EpochRange> ranges, [EnumeratorCancellation] CancellationToken cancel)
    {
        (string Stream, long Version) after = ("", 0);
        for (var more = true; more;)
        {
            var count = 0;
            await using var command = source.CreateCommand(
                $"""
                select {StoredEvent.Columns}, l.epoch, l.index from cs.mt_events e left join cs.trail_leaves l on l.seq_id = e.seq_id and l.tenant_id = e.tenant_id
                where e.tenant_id = $1 and e.stream_id like '{StreamsOf.InstancePrefix}%' and (e.stream_id, e.version) > ($2, $3) order by e.stream_id, e.version limit {Page}
                """);
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = after.Stream });
            command.Parameters.Add(new() { Value = after.Version });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                count++;
                var stored = StoredEvent.Read(rows);
                after = (stored.Stream, stored.Version);
                if (!rows.IsDBNull(12) && ranges.Any(r => r.Epoch == rows.GetInt32(12) && rows.GetInt64(13) >= r.First && rows.GetInt64(13) < r.End))
                    yield return stored;
            }

            more = count == Page;
        }
    }

    private StoredLeaf Read(NpgsqlDataReader row)
    {
        var (index, hash) = (row.GetInt64(12), new TreeHash(row.GetFieldValue<byte[]>(13)));
        if (!row.IsDBNull(15))
            return new StoredLeaf(index, hash, new StatementLeaf(tenant, row.GetString(15)), null);
        if (row.IsDBNull(0))
            throw new ExportException($"Event {row.GetInt64(16)}, leaf {index} of the log of {tenant}, is gone from the event table: compare it with a backup before exporting.");
        var stored = StoredEvent.Read(row);
        return new StoredLeaf(index, hash, stored.ToLeaf(_canonical, row.GetBoolean(14)), stored);
    }
}
