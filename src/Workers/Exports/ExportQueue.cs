using System.Globalization;
using Countersign.Projections.Databases;
using Countersign.Projections.Exports;

namespace Countersign.Workers.Exports;

/// <summary>A piece of work that this node has taken.</summary>
/// <param name="IsWrite">To be written; else its time is over.</param>
/// <param name="Attempt">The fence: a higher one ends this one.</param>
internal sealed record TakenExport(string TenantId, Guid Id, bool IsWrite, int Attempt);

/// <summary>
/// Leases on exports, in the database's time. A lease keeps two nodes from writing the same export at once; that a node which lost its lease completes
/// nothing is the doing of the attempt in the export's stream.
/// </summary>
internal sealed class ExportQueue(DatabaseConnections connections)
{
    private readonly string _node = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    /// <summary>Takes what is due: first the oldest of each tenant, so that one tenant's many do not hold up another's one.</summary>
    public async Task<TakenExport?> Take(TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = connections.Writer.CreateCommand($"""
            update {ExportTables.Work} w set attempt = w.attempt + case w.task when 'write' then 1 else 0 end, node = $1, until = now() + $2
            from (select d.tenant_id, d.export_id from {ExportTables.Work} d where d.until <= now()
                  order by (select count(*) from {ExportTables.Work} o where o.tenant_id = d.tenant_id and o.task = 'write' and o.requested_at < d.requested_at), d.requested_at
                  limit 1 for update of d skip locked) due
            where w.tenant_id = due.tenant_id and w.export_id = due.export_id
            returning w.tenant_id, w.export_id, w.task = 'write', w.attempt
            """);
        command.Parameters.Add(new() { Value = _node });
        command.Parameters.Add(new() { Value = lease });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? new TakenExport(row.GetString(0), row.GetGuid(1), row.GetBoolean(2), row.GetInt32(3)) : null;
    }

    /// <summary>Keeps the lease and says how far the work is; false when another attempt has begun.</summary>
    public Task<bool> Renew(TakenExport taken, TimeSpan lease, double progress, string step, CancellationToken cancellation) =>
        Update(taken, "until = now() + $4, progress = $5, step = $6", cancellation, lease, progress, step);

    /// <summary>Gives the work back, to be taken again after a while.</summary>
    public Task<bool> Release(TakenExport taken, TimeSpan after, string step, CancellationToken cancellation) =>
        Update(taken, "until = now() + $4, node = null, step = $5", cancellation, after, step);

    /// <summary>Exports of a tenant that wait or are written.</summary>
    public async Task<int> Open(string tenantId, CancellationToken cancellation)
    {
        await using var command = connections.Writer.CreateCommand($"select count(*)::integer from {ExportTables.Work} where tenant_id = $1 and task = 'write'");
        command.Parameters.Add(new() { Value = tenantId });
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<bool> Update(TakenExport taken, string set, CancellationToken cancellation, params object[] values)
    {
        await using var command = connections.Writer.CreateCommand($"update {ExportTables.Work} set {set} where tenant_id = $1 and export_id = $2 and attempt = $3 and task = 'write'");
        foreach (var value in (object[])[taken.TenantId, taken.Id, taken.Attempt, .. values])
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }
}
