using Countersign.Domain.Trail;
using Npgsql;

namespace Countersign.Workers.Trail;

/// <summary>
/// Opens each tenant's log after comparing it with the second place, and signs its checkpoints: consistent with the last one, in the second place first, in the
/// database after.
/// </summary>
internal sealed class TrailSigner(NpgsqlDataSource source, TrailOptions options, ITrailKeys keys, ISecondPlace place, TrailAlarms alarms, TimeProvider clock, TrailFaults faults)
{
    private readonly LogReader _reader = new(source);
    private readonly Dictionary<string, OpenLog> _logs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _held = new(StringComparer.Ordinal);
    private readonly HashSet<OpenLog> _grown = [];

    /// <summary>Whether a tenant's log is shut until a person acts.</summary>
    public bool IsHeld(string tenant) => _held.Contains(tenant);

    public void Forget()
    {
        _logs.Clear();
        _held.Clear();
        _grown.Clear();
    }

    public void Grown(IEnumerable<OpenLog> logs) => _grown.UnionWith(logs);

    /// <summary>Opens the log of every tenant that has one, so that a restore is noticed at the start and not at the next event.</summary>
    public async Task Start(CancellationToken cancel)
    {
        foreach (var tenant in (await _reader.Tenants(cancel)).Union(Places(), StringComparer.Ordinal))
        {
            if (await Log(tenant, cancel) is { Unsigned: > 0 } log)
                _grown.Add(log);
        }
    }

    /// <summary>The tenant's open log, or null when it is held.</summary>
    public async Task<OpenLog?> Log(string tenant, CancellationToken cancel)
    {
        if (_held.Contains(tenant))
            return null;
        if (_logs.TryGetValue(tenant, out var known))
            return known;
        var log = await Open(tenant, cancel);
        if (log is null)
            _held.Add(tenant);
        else
            _logs[tenant] = log;
        return log;
    }

    /// <summary>Signs what is due: enough leaves, enough time, or because somebody asked.</summary>
    /// <param name="asked">Tenants for which somebody asked; null for all (at the end of the service).</param>
    /// <param name="cancel">Stops between two tenants.</param>
    public async Task SignDue(IReadOnlySet<string>? asked, CancellationToken cancel)
    {
        foreach (var tenant in asked ?? new HashSet<string>(StringComparer.Ordinal))
        {
            if (await Log(tenant, cancel) is { Unsigned: > 0 } log)
                _grown.Add(log);
        }
        foreach (var log in _grown.ToList())
        {
            if (asked is null || asked.Contains(log.Tenant) || log.Unsigned >= options.CheckpointLeaves || clock.GetElapsedTime(log.SignedAt) >= options.CheckpointInterval)
                await Sign(log, cancel);
        }
    }

    /// <summary>Time until the next checkpoint is due, or null when nothing waits for one.</summary>
    public TimeSpan? NextDue() =>
        _grown.Count == 0 ? null : _grown.Min(l => options.CheckpointInterval - clock.GetElapsedTime(l.SignedAt));

    private IEnumerable<string> Places()
    {
        try
        {
            var tenants = place.Tenants();
            alarms.Clear("", TrailAlarm.SecondPlaceLost);
            return tenants;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            alarms.Raise("", TrailAlarm.SecondPlaceLost, $"The second place cannot be read, so nothing is signed: {e.Message}");
            return [];
        }
    }

    private async Task<OpenLog?> Open(string tenant, CancellationToken cancel)
    {
        var end = await _reader.End(tenant, cancel);
        PublishedCheckpoint? last;
        try
        {
            last = place.Latest(tenant);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Hold(tenant, TrailAlarm.SecondPlaceLost, $"The second place cannot be read: {e.Message}");
        }
        if (last is null)
            return await HasCheckpoints(tenant, cancel)
                ? Hold(tenant, TrailAlarm.SecondPlaceLost, "The second place holds no checkpoint though some were signed: bring its files back from a copy; nothing is signed until then.")
                : Opened(tenant, end, await _reader.Tree(tenant, end, cancel), null);
        if (last.Note.VerifiedBy(keys.Known(last.Checkpoint.Origin)).Count == 0)
            return Hold(tenant, TrailAlarm.KeyLost, $"The last checkpoint ({last.Checkpoint.Size} leaves) was signed by none of the keys in the key file: bring the file back from a copy.");
        if (end.Epoch > last.Epoch)
            return Opened(tenant, end, await _reader.Tree(tenant, end, cancel), last);
        if (end.Epoch < last.Epoch || end.Size < last.Checkpoint.Size)
            return await Restored(tenant, end, last, cancel);
        var tree = await _reader.Tree(tenant, end, cancel);
        if (await _reader.Root(tenant, end.Epoch, end.Size, last.Checkpoint.Size, cancel) != last.Checkpoint.Root)
            return Hold(tenant, TrailAlarm.Contradicts, $"At {last.Checkpoint.Size} leaves the log has another root than was published: rows of the trail were changed. Compare with a backup; nothing is signed.");
        // A kill between the second place and the database leaves the row to be written now.
        await Store(tenant, last, cancel);
        return Opened(tenant, end, tree, last);
    }

    private OpenLog Opened(string tenant, LogEnd end, TiledTree tree, PublishedCheckpoint? last) =>
        new(tenant, end.Epoch, TrailOrigin.Of(options.Host, tenant, end.Epoch), tree) { Signed = last, SignedAt = clock.GetTimestamp() };

    private OpenLog? Hold(string tenant, TrailAlarm alarm, string sentence)
    {
        alarms.Raise(tenant, alarm, sentence);
        return null;
    }

    private async Task<bool> HasCheckpoints(string tenant, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select exists (select from cs.trail_checkpoints where tenant_id = $1)");
        command.Parameters.Add(new() { Value = tenant });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>The database was restored to an earlier state: the log is closed where it stands, and the next epoch begins with a signed statement.</summary>
    private async Task<OpenLog?> Restored(string tenant, LogEnd end, PublishedCheckpoint last, CancellationToken cancel)
    {
        if (options.Restore is not { } word)
            return Hold(tenant, TrailAlarm.Shortened, $"The log ends at leaf {end.Size} of epoch {end.Epoch}, but {last.Checkpoint.Size} leaves of epoch {last.Epoch} were published: the database was restored to an earlier state. "
                + "Bring back a later state, or set Countersign:Trail:Restore:Reason and :Operator and start again to go on in a new epoch that states the loss.");
        var published = place.AtMost(tenant, end.Epoch, long.MaxValue);
        var known = place.AtMost(tenant, end.Epoch, end.Size);
        if (known is not null && await _reader.Root(tenant, end.Epoch, end.Size, known.Checkpoint.Size, cancel) != known.Checkpoint.Root)
            return Hold(tenant, TrailAlarm.Contradicts, $"The log is shorter than what was published and differs from it at {known.Checkpoint.Size} leaves: this is no restore. Compare with a backup; nothing is signed.");
        var previous = TrailOrigin.Of(options.Host, tenant, end.Epoch);
        var closed = new Checkpoint(previous, end.Size, await _reader.Root(tenant, end.Epoch, end.Size, end.Size, cancel));
        var epoch = last.Epoch + 1;
        var origin = TrailOrigin.Of(options.Host, tenant, epoch);
        var statement = new EpochStatement(origin, closed, published?.Checkpoint ?? closed, word.Reason, word.Operator, clock.GetUtcNow());
        var log = new OpenLog(tenant, epoch, origin, new TiledTree()) { Signed = last, SignedAt = clock.GetTimestamp() };
        await AppendStatement(log, SignedNote.Sign(statement.Text, keys.Signer(origin)), cancel);
        alarms.Clear(tenant, TrailAlarm.Shortened);
        return log;
    }

    private async Task AppendStatement(OpenLog log, SignedNote note, CancellationToken cancel)
    {
        var rows = new LeafRows();
        var leaf = new StatementLeaf(log.Tenant, note.ToString());
        rows.Append(log, leaf.Hash(), null, late: false, leaf.Note);
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await rows.Insert(connection, cancel);
        await transaction.CommitAsync(cancel);
        _grown.Add(log);
    }

    private async Task Sign(OpenLog log, CancellationToken cancel)
    {
        var signers = await Signers(log, cancel);
        var checkpoint = new Checkpoint(log.Origin, log.Tree.Size, log.Tree.Root());
        if (!await IsConsistent(log, checkpoint, cancel))
        {
            Hold(log.Tenant, TrailAlarm.Contradicts, $"The log of {checkpoint.Size} leaves does not continue the checkpoint of {log.Signed!.Checkpoint.Size}: nothing is signed. Compare the database with a backup.");
            _held.Add(log.Tenant);
            _logs.Remove(log.Tenant);
            _grown.Remove(log);
            return;
        }
        var published = new PublishedCheckpoint(log.Epoch, checkpoint, checkpoint.Sign(signers));
        await faults.At("before second place");
        try
        {
            place.Write(log.Tenant, published);
            alarms.Clear(log.Tenant, TrailAlarm.SecondPlaceLost);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Leaves go on; the checkpoint is tried again when its time comes once more.
            alarms.Raise(log.Tenant, TrailAlarm.SecondPlaceLost, $"A checkpoint could not be written to the second place and was not published: {e.Message}");
            log.SignedAt = clock.GetTimestamp();
            return;
        }
        await faults.At("after second place");
        await Store(log.Tenant, published, cancel);
        await faults.At("after checkpoint");
        (log.Signed, log.SignedAt) = (published, clock.GetTimestamp());
        _grown.Remove(log);
    }

    /// <summary>The key that signs; on the first checkpoint after a rotation the old one too, behind a statement in the log.</summary>
    private async Task<IReadOnlyList<INoteSigner>> Signers(OpenLog log, CancellationToken cancel)
    {
        var signer = keys.Signer(log.Origin);
        if (log.Signed is null || log.Signed.Note.VerifiedBy([signer.Key.Renamed(log.Signed.Checkpoint.Origin)]).Count > 0)
            return [signer];
        foreach (var rotation in keys.Rotations(log.Origin))
        {
            if (!await HasStatement(log, rotation, cancel))
                await AppendStatement(log, rotation, cancel);
        }
        return [signer];
    }

    private async Task<bool> HasStatement(OpenLog log, SignedNote note, CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select exists (select from cs.trail_leaves where tenant_id = $1 and epoch = $2 and statement = $3)");
        command.Parameters.Add(new() { Value = log.Tenant });
        command.Parameters.Add(new() { Value = log.Epoch });
        command.Parameters.Add(new() { Value = note.ToString() });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>C2SP: a log must not sign what is inconsistent with anything that it signed. The proof is made from the tables, not from memory.</summary>
    private async Task<bool> IsConsistent(OpenLog log, Checkpoint next, CancellationToken cancel)
    {
        if (log.Signed is not { } last || last.Epoch != log.Epoch)
            return true;
        var proof = await _reader.Consistency(log.Tenant, log.Epoch, next.Size, last.Checkpoint.Size, next.Size, cancel);
        return MerkleProof.VerifyConsistency(last.Checkpoint.Size, next.Size, last.Checkpoint.Root, next.Root, proof);
    }

    private async Task Store(string tenant, PublishedCheckpoint published, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            """
            insert into cs.trail_checkpoints (tenant_id, epoch, size, root, note, signed_at) values ($1, $2, $3, $4, $5, now())
            on conflict (tenant_id, epoch, size) do nothing
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = published.Epoch });
        command.Parameters.Add(new() { Value = published.Checkpoint.Size });
        command.Parameters.Add(new() { Value = published.Checkpoint.Root.ToArray() });
        command.Parameters.Add(new() { Value = published.Note.ToString() });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
