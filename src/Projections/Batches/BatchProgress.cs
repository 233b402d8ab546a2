using Countersign.Domain.Batches;
using Countersign.Projections.Databases;
using Npgsql;

namespace Countersign.Projections.Batches;

/// <summary>One part of a batch.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="Outcome"><c>open</c>, <c>done</c>, <c>unchanged</c>, <c>refused</c> or <c>failed</c>.</param>
public sealed record BatchItemRow(int Number, Guid InstanceId, string? IncidentId, string Outcome, string? Code, string? Sentence, DateTimeOffset? At);

/// <summary>Reads how far batches are and how their parts went; as the reader, under row security.</summary>
public sealed class BatchProgress(DatabaseConnections connections)
{
    /// <summary>How the parts of open batches went so far, and whether a node is at work.</summary>
    public async Task<IReadOnlyDictionary<Guid, (BatchCounts Counts, bool Begun)>> Open(string tenantId, CancellationToken cancellation)
    {
        var open = new Dictionary<Guid, (BatchCounts, bool)>();
        await Read(tenantId, $"""
            select w.batch_id, w.attempt > 0, count(*) filter (where i.outcome = 'done')::integer, count(*) filter (where i.outcome = 'unchanged')::integer,
                count(*) filter (where i.outcome = 'refused')::integer, count(*) filter (where i.outcome = 'failed')::integer, count(*) filter (where i.outcome = 'open')::integer
            from {BatchTables.Work} w join {BatchTables.Items} i on i.tenant_id = w.tenant_id and i.batch_id = w.batch_id
            where w.tenant_id = $1 and w.task = 'run' group by 1, 2
            """,
            r => open[r.GetGuid(0)] = (new BatchCounts(r.GetInt32(2), r.GetInt32(3), r.GetInt32(4), r.GetInt32(5), r.GetInt32(6)), r.GetBoolean(1)), cancellation);
        return open;
    }

    /// <summary>Parts of a batch by their number.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="batchId">The batch.</param>
    /// <param name="outcome">One outcome only, or null for all.</param>
    /// <param name="after">Behind this number.</param>
    /// <param name="take">How many at most.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<BatchItemRow>> Items(string tenantId, Guid batchId, string? outcome, int after, int take, CancellationToken cancellation)
    {
        var items = new List<BatchItemRow>();
        await Read(tenantId, $"""
            select number, instance_id, incident_id, outcome, code, sentence, at from {BatchTables.Items}
            where tenant_id = $1 and batch_id = $2 and number > $3 and ($4::text is null or outcome = $4::text) order by number limit $5
            """,
            r => items.Add(new BatchItemRow(r.GetInt32(0), r.GetGuid(1), r.IsDBNull(2) ? null : r.GetString(2), r.GetString(3), r.IsDBNull(4) ? null : r.GetString(4),
                r.IsDBNull(5) ? null : r.GetString(5), r.IsDBNull(6) ? null : r.GetFieldValue<DateTimeOffset>(6))),
            cancellation, batchId, after, (object?)outcome ?? DBNull.Value, take);
        return items;
    }

    private async Task Read(string tenantId, string sql, Action<NpgsqlDataReader> row, CancellationToken cancellation, params object[] values)
    {
        await using var connection = await connections.Reader.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var set = new NpgsqlCommand($"select set_config('{DatabaseRoles.TenantSetting}', $1, true)", connection, transaction) { Parameters = { new() { Value = tenantId } } })
            await set.ExecuteNonQueryAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var value in (object[])[tenantId, .. values])
            command.Parameters.Add(new() { Value = value });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            row(rows);
    }
}
