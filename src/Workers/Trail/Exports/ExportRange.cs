using Countersign.Domain.Trail;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Trail.Exports;

/// <summary>The leaves of one epoch that an export holds.</summary>
internal sealed record EpochRange(int Epoch, string Origin, long First, long End, long LogSize, IReadOnlyList<SignedNote> Checkpoints)
{
    /// <summary>The last signed checkpoint of the range, or null when the epoch was closed before one was signed.</summary>
    public SignedNote? LastSigned => Checkpoints.Count > 0 ? Checkpoints[^1] : null;
}

/// <summary>Finds the checkpoints between which a selection lies, after having a fresh one signed.</summary>
internal sealed class ExportRange(NpgsqlDataSource source, TrailOptions options, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly LogReader _log = new(source);

    /// <summary>Has everything that is committed now put under a signed checkpoint.</summary>
    public async Task<(int Epoch, long Size)> FreshCheckpoint(string tenant, CancellationToken cancel)
    {
        var newest = await Newest(tenant, cancel);
        if (newest == 0)
            throw new ExportException("Nothing has been recorded for this tenant yet, so there is nothing to export.");
        var start = clock.GetTimestamp();
        while (true)
        {
            await using (var ask = source.CreateCommand("select pg_notify($1, $2)"))
            {
                ask.Parameters.Add(new() { Value = TrailService.Wanted });
                ask.Parameters.Add(new() { Value = tenant });
                await ask.ExecuteNonQueryAsync(cancel);
            }
            for (var i = 0; i < 10; i++)
            {
                if (await Covering(tenant, newest, cancel) is { } found)
                    return found;
                await Task.Delay(Look, clock, cancel);
            }
            if (clock.GetElapsedTime(start) > Patience)
                throw new ExportException($"No checkpoint over the newest events was signed within {Patience.TotalSeconds:0} seconds: no node keeps the trail, or it is held by an alarm. See the trail's alarms, then ask again.");
        }
    }

    /// <summary>The ranges a selection lies in, up to the checkpoint that was waited for. What was logged since then is not signed yet: a range over it would have no signed end.</summary>
    public async Task<IReadOnlyList<EpochRange>> Find(string tenant, BundleSelection selection, (int Epoch, long Size) end, CancellationToken cancel)
    {
        var matches = await Matches(tenant, selection, end, cancel);
        (int Epoch, long Leaf) from = end, to = end;
        if (matches.Count > 0)
        {
            from = matches.Select(m => (m.Epoch, m.First)).Min();
            // A period ends where no later leaf lies in it; anything else is complete up to the newest checkpoint.
            if (selection.To is not null)
                to = matches.Select(m => (m.Epoch, m.Last + 1)).Max();
        }
        var ranges = new List<EpochRange>();
        for (var epoch = from.Epoch; epoch <= to.Epoch; epoch++)
        {
            var size = await _log.Size(tenant, epoch, cancel);
            if (size == 0)
                continue;
            var signed = await Checkpoints(tenant, epoch, cancel);
            var start = epoch == from.Epoch ? signed.Where(c => c.Size <= from.Leaf).Select(c => c.Size).DefaultIfEmpty(0).Max() : 0;
            // A closed epoch may end behind its last checkpoint; the next epoch's statement closes it there.
            var ends = epoch < to.Epoch ? [] : signed.Where(c => c.Size >= to.Leaf).Select(c => c.Size).ToList();
            var stop = ends.Count > 0 ? ends.Min() : size;
            if (ends.Count == 0 && epoch == to.Epoch && epoch < end.Epoch)
                to = (epoch + 1, 1);
            ranges.Add(new EpochRange(epoch, TrailOrigin.Of(options.Host, tenant, epoch), start, stop, size, [.. signed.Where(c => c.Size >= start && c.Size <= stop).Select(c => c.Note)]));
        }
        return ranges;
    }

    private async Task<(int Epoch, long Size)?> Covering(string tenant, long sequence, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            """
            select c.epoch, c.size from cs.trail_leaves l join cs.trail_checkpoints c on c.tenant_id = l.tenant_id
            where l.seq_id = $2 and l.tenant_id = $1 and (c.epoch > l.epoch or (c.epoch = l.epoch and c.size > l.index))
            order by c.epoch desc, c.size desc limit 1
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = sequence });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetInt32(0), row.GetInt64(1)) : null;
    }

    private async Task<List<(int Epoch, long First, long Last)>> Matches(string tenant, BundleSelection selection, (int Epoch, long Size) end, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            """
            select l.epoch, min(l.index), max(l.index) from cs.mt_events e join cs.trail_leaves l on l.seq_id = e.seq_id
            where e.tenant_id = $1 and (l.epoch, l.index) < ($6, $7) and ($2::timestamptz is null or e.timestamp >= $2) and ($3::timestamptz is null or e.timestamp < $3)
              and ($4::text[] is null or e.stream_id = any($4)) and ($5::text[] is null or e.type = any($5))
            group by l.epoch
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = (object?)selection.From?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = (object?)selection.To?.UtcDateTime ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = (object?)selection.Streams?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)selection.Types?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = end.Epoch });
        command.Parameters.Add(new() { Value = end.Size });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var matches = new List<(int, long, long)>();
        while (await rows.ReadAsync(cancel))
            matches.Add((rows.GetInt32(0), rows.GetInt64(1), rows.GetInt64(2)));
        return matches;
    }

    private async Task<List<(long Size, SignedNote Note)>> Checkpoints(string tenant, int epoch, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select size, note from cs.trail_checkpoints where tenant_id = $1 and epoch = $2 order by size");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = epoch });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var notes = new List<(long, SignedNote)>();
        while (await rows.ReadAsync(cancel))
        {
            notes.Add(SignedNote.TryParse(rows.GetString(1), out var note) ? (rows.GetInt64(0), note!)
                : throw new ExportException($"The stored checkpoint of size {rows.GetInt64(0)} is not one: the database was changed. Compare it with the second place."));
        }
        return notes;
    }

    private async Task<long> Newest(string tenant, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select coalesce(max(seq_id), 0) from cs.mt_events where tenant_id = $1");
        command.Parameters.Add(new() { Value = tenant });
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }
}
