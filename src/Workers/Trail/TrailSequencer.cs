using Countersign.Domain.Trail;
using Countersign.Workers.Instances;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Trail;

/// <summary>What one pass of the sequencer did.</summary>
/// <param name="Appended">Leaves appended.</param>
/// <param name="More">Whether another pass should follow at once.</param>
/// <param name="Waits">Whether numbers are missing that a transaction may still bring: no notice says that it was undone.</param>
internal sealed record PassResult(int Appended, bool More, bool Waits);

/// <summary>
/// Appends one leaf for each event, in the order of sequence numbers, behind every transaction that may still bring a lower number. One at a time: whoever holds the
/// lease runs it, and the key of <c>trail_leaves</c> refuses a second one that believes to hold it.
/// </summary>
internal sealed class TrailSequencer(NpgsqlDataSource source, TrailOptions options, TrailSigner signer, TrailAlarms alarms, TimeProvider clock, TrailFaults faults)
{
    private static readonly TimeSpan LateLook = TimeSpan.FromSeconds(20);

    private readonly SequenceGaps _gaps = new(source, clock, options.GapPatience);
    private readonly CanonicalJson _canonical = new();
    private long _mark = -1;
    private long _lateLookedAt;
    private bool _lateLooked;

    /// <summary>Reads the next events and appends their leaves.</summary>
    public async Task<PassResult> Pass(CancellationToken cancel)
    {
        if (_mark < 0)
            _mark = await ReadMark(cancel);
        await _gaps.Refresh(cancel);
        var read = await ReadBehind(_mark, cancel);
        var (events, lost, mark) = await Settle(read, cancel);
        var late = await LookForLate(cancel);
        if (mark == _mark && late.Count == 0)
            return new PassResult(0, _gaps.CanSettle, _gaps.Waits);
        int appended;
        try
        {
            appended = await Append([.. late, .. events], late.Count, lost, cancel);
        }
        catch
        {
            // Nobody knows what of it was committed: start from what the tables say.
            Forget();
            throw;
        }
        _mark = mark;
        _gaps.Passed(mark);
        foreach (var (first, last) in _gaps.GivenUp)
            alarms.Raise("", TrailAlarm.PassedOver, $"Events {first} to {last} were held up by a transaction for {options.GapPatience.TotalSeconds:0} s and passed over; what it still commits comes in late. Find it in pg_stat_activity.");
        _gaps.GivenUp.Clear();
        return new PassResult(appended, read.Count == options.Batch || late.Count > 0 || _gaps.CanSettle, _gaps.Waits);
    }

    /// <summary>Forgets everything that was read; the next pass starts from the tables.</summary>
    public void Forget()
    {
        _mark = -1;
        _lateLooked = false;
        signer.Forget();
    }

    private async Task<long> ReadMark(CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select greatest(coalesce((select max(seq_id) from cs.trail_leaves), 0), coalesce((select max(last_seq) from cs.trail_gaps), 0))");
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    private async Task<List<StoredEvent>> ReadBehind(long mark, CancellationToken cancel)
    {
        await using var command = source.CreateCommand($"select {StoredEvent.Columns} from cs.mt_events e where e.seq_id > $1 order by e.seq_id limit $2");
        command.Parameters.Add(new() { Value = mark });
        command.Parameters.Add(new() { Value = options.Batch });
        return await ReadAll(command, cancel);
    }

    /// <summary>Takes events up to the first number that may still come.</summary>
    private async Task<(List<StoredEvent> Events, List<(long First, long Last)> Lost, long Mark)> Settle(List<StoredEvent> read, CancellationToken cancel)
    {
        var settled = new List<StoredEvent>();
        var lost = new List<(long, long)>();
        var mark = _mark;
        foreach (var e in read)
        {
            if (e.Sequence > mark + 1)
            {
                if (!await _gaps.IsLost(mark + 1, e.Sequence - 1, cancel))
                    break;
                lost.Add((mark + 1, e.Sequence - 1));
            }
            settled.Add(e);
            mark = e.Sequence;
        }
        return (settled, lost, mark);
    }

    /// <summary>
    /// Events below the mark that have no leaf. Recent gaps are looked at often, all of them after a start; held tenants' events wait among them too.
    /// </summary>
    private async Task<List<StoredEvent>> LookForLate(CancellationToken cancel)
    {
        if (_lateLooked && clock.GetElapsedTime(_lateLookedAt) < LateLook)
            return [];
        var recent = _lateLooked ? "and g.seen_at > now() - interval '2 hours'" : "";
        await using var command = source.CreateCommand(
            $"""
            select {StoredEvent.Columns} from cs.trail_gaps g join cs.mt_events e on e.seq_id between g.first_seq and g.last_seq
            where not exists (select from cs.trail_leaves l where l.seq_id = e.seq_id) {recent} order by e.seq_id limit $1
            """);
        command.Parameters.Add(new() { Value = options.Batch });
        var late = (await ReadAll(command, cancel)).Where(e => !signer.IsHeld(e.Tenant)).ToList();
        // As long as some are found the next pass looks again.
        _lateLooked = late.Count == 0;
        _lateLookedAt = clock.GetTimestamp();
        return late;
    }

    private async Task<int> Append(List<StoredEvent> events, int lateCount, List<(long First, long Last)> lost, CancellationToken cancel)
    {
        var rows = new LeafRows();
        for (var i = 0; i < events.Count; i++)
        {
            var late = i < lateCount;
            if (!late && signer.IsHeld(events[i].Tenant))
                lost.Add((events[i].Sequence, events[i].Sequence));
            else
                rows.Add(events[i], late);
        }
        await AddMissedPredecessors(rows, cancel);
        foreach (var (e, late) in rows.Events)
        {
            var log = await signer.Log(e.Tenant, cancel);
            if (log is null)
            {
                // The tenant was found to be held only now.
                if (!late)
                    lost.Add((e.Sequence, e.Sequence));
                continue;
            }
            rows.Append(log, Hash(e, late), e.Sequence, late, null);
            if (late)
                alarms.Raise(e.Tenant, TrailAlarm.LateEvent, $"Event {e.Sequence} ({e.Type}, stream {e.Stream}, version {e.Version}) came into the log late, as leaf {log.Tree.Size - 1}, and is marked.");
        }
        await faults.At("before leaves");
        await Commit(rows, lost, cancel);
        await faults.At("after leaves");
        signer.Grown(rows.Logs);
        return rows.Count;
    }

    private TreeHash Hash(StoredEvent e, bool late)
    {
        try
        {
            return e.ToLeaf(_canonical, late).Hash();
        }
        catch (FormatException x)
        {
            alarms.Raise(e.Tenant, TrailAlarm.Unloggable, $"Event {e.Sequence} has no canonical form ({x.Message}): the log stands still before it. Compare the row with a backup.");
            throw;
        }
    }

    /// <summary>
    /// Versions of a stream stand in the log without gaps. When an event's predecessor has no leaf, it was passed over, and is put in before.
    /// </summary>
    private async Task AddMissedPredecessors(LeafRows rows, CancellationToken cancel)
    {
        var wanted = rows.Heads().Where(h => h.Version > 1).ToList();
        while (wanted.Count > 0)
        {
            await using var command = source.CreateCommand(
                $"""
                select w.tenant, w.stream, w.version, l.seq_id is not null, e.seq_id is not null
                from unnest($1::text[], $2::text[], $3::bigint[]) w (tenant, stream, version)
                left join cs.mt_events e on e.tenant_id = w.tenant and e.stream_id = w.stream and e.version = w.version
                left join cs.trail_leaves l on l.seq_id = e.seq_id
                where l.seq_id is null
                """);
            command.Parameters.Add(new() { Value = wanted.Select(w => w.Tenant).ToArray() });
            command.Parameters.Add(new() { Value = wanted.Select(w => w.Stream).ToArray() });
            command.Parameters.Add(new() { Value = wanted.Select(w => w.Version - 1).ToArray() });
            var missing = new List<(string Tenant, string Stream, long Version)>();
            await using (var found = await command.ExecuteReaderAsync(cancel))
            {
                while (await found.ReadAsync(cancel))
                {
                    var key = (found.GetString(0), found.GetString(1), found.GetInt64(2));
                    if (found.GetBoolean(4))
                        missing.Add(key);
                    else
                        alarms.Raise(key.Item1, TrailAlarm.MissingEvent, $"Version {key.Item3} of stream {key.Item2} is neither in the log nor among the events, though version {key.Item3 + 1} is: it was removed. Compare with a backup; exports of this range will not verify.");
                }
            }
            wanted.Clear();
            foreach (var key in missing)
            {
                var e = await ReadOne(key, cancel);
                rows.Insert(e);
                if (e.Version > 1)
                    wanted.Add(key);
            }
        }
    }

    private async Task<StoredEvent> ReadOne((string Tenant, string Stream, long Version) key, CancellationToken cancel)
    {
        await using var command = source.CreateCommand($"select {StoredEvent.Columns} from cs.mt_events e where e.tenant_id = $1 and e.stream_id = $2 and e.version = $3");
        command.Parameters.Add(new() { Value = key.Tenant });
        command.Parameters.Add(new() { Value = key.Stream });
        command.Parameters.Add(new() { Value = key.Version });
        return (await ReadAll(command, cancel)).Single();
    }

    private async Task Commit(LeafRows rows, List<(long First, long Last)> lost, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await rows.Insert(connection, cancel);
        await using (var say = new NpgsqlCommand($"notify {Channels.Trail}", connection))
            await say.ExecuteNonQueryAsync(cancel);
        if (lost.Count > 0)
        {
            await using var command = new NpgsqlCommand("insert into cs.trail_gaps (first_seq, last_seq) select f, l from unnest($1::bigint[], $2::bigint[]) g (f, l)", connection);
            command.Parameters.Add(new() { Value = lost.Select(g => g.First).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            command.Parameters.Add(new() { Value = lost.Select(g => g.Last).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
            await command.ExecuteNonQueryAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
    }

    private static async Task<List<StoredEvent>> ReadAll(NpgsqlCommand command, CancellationToken cancel)
    {
        var events = new List<StoredEvent>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            events.Add(StoredEvent.Read(rows));
        return events;
    }
}
