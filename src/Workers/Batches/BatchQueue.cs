using Countersign.Domain.Batches;
using Countersign.Projections.Batches;
using Countersign.Projections.Databases;
using Countersign.Workers.Leases;
using NpgsqlTypes;

namespace Countersign.Workers.Batches;

/// <summary>One part that is to be carried out.</summary>
/// <param name="Tries">How often it was begun, this time included.</param>
internal sealed record BatchItem(int Number, Guid InstanceId, string? IncidentId, int Tries);

/// <summary>What became of one part.</summary>
/// <param name="Outcome">As <see cref="BatchItemRow.Outcome"/>.</param>
internal sealed record BatchItemResult(string Outcome, string? Code, string Sentence);

/// <summary>Leases on batches, and their parts.</summary>
internal sealed class BatchQueue(DatabaseConnections connections)
{
    private readonly LeaseTable _leases = new(connections, BatchTables.Work, "batch_id", "run");

    public Task<Taken?> Take(TimeSpan lease, CancellationToken cancellation) => _leases.Take(lease, cancellation);

    public Task<bool> Renew(Taken taken, TimeSpan lease, CancellationToken cancellation) => _leases.Update(taken, "until = now() + $4", cancellation, lease);

    public Task<bool> Release(Taken taken, TimeSpan after, CancellationToken cancellation) => _leases.Update(taken, "until = now() + $4, node = null", cancellation, after);

    public Task<int> Open(string tenantId, CancellationToken cancellation) => _leases.Open(tenantId, cancellation);

    /// <summary>Whether its end was asked for.</summary>
    public async Task<bool> IsCancelling(Taken taken, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"select cancelling from {BatchTables.Work} where tenant_id = $1 and batch_id = $2");
        command.Parameters.Add(new() { Value = taken.TenantId });
        command.Parameters.Add(new() { Value = taken.Id });
        return (bool)(await command.ExecuteScalarAsync(cancellation) ?? false);
    }

    /// <summary>The values that it sets, sealed; null when it sets none.</summary>
    public async Task<SealedBatchValues?> Values(Taken taken, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"select key_id, variables from {BatchTables.Work} where tenant_id = $1 and batch_id = $2 and variables is not null");
        command.Parameters.Add(new() { Value = taken.TenantId });
        command.Parameters.Add(new() { Value = taken.Id });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? new SealedBatchValues(row.GetGuid(0), row.GetFieldValue<byte[]>(1)) : null;
    }

    /// <summary>The next parts in their order, each marked as begun once more.</summary>
    public async Task<IReadOnlyList<BatchItem>> Next(Taken taken, int take, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"""
            update {BatchTables.Items} i set tries = i.tries + 1 from
                (select number from {BatchTables.Items} where tenant_id = $1 and batch_id = $2 and outcome = 'open' order by number limit $3) n
            where i.tenant_id = $1 and i.batch_id = $2 and i.number = n.number
            returning i.number, i.instance_id, i.incident_id, i.tries
            """);
        command.Parameters.Add(new() { Value = taken.TenantId });
        command.Parameters.Add(new() { Value = taken.Id });
        command.Parameters.Add(new() { Value = take });
        var items = new List<BatchItem>();
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            items.Add(new BatchItem(rows.GetInt32(0), rows.GetGuid(1), rows.IsDBNull(2) ? null : rows.GetString(2), rows.GetInt32(3)));
        return items;
    }

    /// <summary>
    /// Writes what became of parts. No fence: the receipt of each says what was done, so that two nodes that both come to know it write the same.
    /// </summary>
    public async Task Write(Taken taken, IReadOnlyList<(BatchItem Item, BatchItemResult Result)> results, CancellationToken cancellation)
    {
        if (results.Count == 0)
            return;
        await using var command = connections.Statements.CreateCommand($"""
            update {BatchTables.Items} i set outcome = r.outcome, code = nullif(r.code, ''), sentence = r.sentence, at = now()
            from unnest($3, $4, $5, $6) as r(number, outcome, code, sentence) where i.tenant_id = $1 and i.batch_id = $2 and i.number = r.number and i.outcome = 'open'
            """);
        command.Parameters.Add(new() { Value = taken.TenantId });
        command.Parameters.Add(new() { Value = taken.Id });
        command.Parameters.Add(new() { Value = results.Select(r => r.Item.Number).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = results.Select(r => r.Result.Outcome).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = results.Select(r => r.Result.Code ?? "").ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = results.Select(r => r.Result.Sentence).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Parts that were begun and could not be carried out yet through no fault of theirs: that try does not count.</summary>
    public async Task PutBack(Taken taken, IReadOnlyList<BatchItem> items, CancellationToken cancellation)
    {
        if (items.Count == 0)
            return;
        await using var command = connections.Statements.CreateCommand($"update {BatchTables.Items} set tries = tries - 1 where tenant_id = $1 and batch_id = $2 and number = any($3) and outcome = 'open'");
        command.Parameters.Add(new() { Value = taken.TenantId });
        command.Parameters.Add(new() { Value = taken.Id });
        command.Parameters.Add(new() { Value = items.Select(i => i.Number).ToArray() });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>How the parts went.</summary>
    public async Task<BatchCounts> Counts(Taken taken, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"""
            select count(*) filter (where outcome = 'done')::integer, count(*) filter (where outcome = 'unchanged')::integer, count(*) filter (where outcome = 'refused')::integer,
                count(*) filter (where outcome = 'failed')::integer, count(*) filter (where outcome = 'open')::integer
            from {BatchTables.Items} where tenant_id = $1 and batch_id = $2
            """);
        command.Parameters.Add(new() { Value = taken.TenantId });
        command.Parameters.Add(new() { Value = taken.Id });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new BatchCounts(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4));
    }

    /// <summary>Removes what is left of a batch whose time is over; its facts stay.</summary>
    public async Task Remove(Taken taken, CancellationToken cancellation)
    {
        foreach (var table in (string[])[BatchTables.Items, BatchTables.Work])
        {
            await using var command = connections.Statements.CreateCommand($"delete from {table} where tenant_id = $1 and batch_id = $2");
            command.Parameters.Add(new() { Value = taken.TenantId });
            command.Parameters.Add(new() { Value = taken.Id });
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
