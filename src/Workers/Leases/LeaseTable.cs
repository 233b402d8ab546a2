using System.Globalization;
using Countersign.Projections.Databases;

namespace Countersign.Workers.Leases;

/// <summary>A piece of work that this node has taken.</summary>
/// <param name="IsWork">The work itself; else its time is over.</param>
/// <param name="Attempt">The fence: a higher one ends this one.</param>
internal sealed record Taken(string TenantId, Guid Id, bool IsWork, int Attempt);

/// <summary>
/// Leases on the rows of a table of work, in the database's time: tenant, id, task, attempt, node, until. A lease keeps two nodes from the same work at once; that a
/// node which lost its lease completes nothing is the doing of the attempt.
/// </summary>
/// <param name="connections">The pools.</param>
/// <param name="table">The table.</param>
/// <param name="id">Its column of ids.</param>
/// <param name="work">The task that is work; every other one is something that is kept until its time.</param>
internal sealed class LeaseTable(DatabaseConnections connections, string table, string id, string work)
{
    private readonly string _node = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    /// <summary>Takes what is due: first the oldest of each tenant, so that one tenant's many do not hold up another's one.</summary>
    public async Task<Taken?> Take(TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"""
            update {table} w set attempt = w.attempt + case w.task when '{work}' then 1 else 0 end, node = $1, until = now() + $2
            from (select d.tenant_id, d.{id} from {table} d where d.until <= now()
                  order by (select count(*) from {table} o where o.tenant_id = d.tenant_id and o.task = '{work}' and o.requested_at < d.requested_at), d.until
                  limit 1 for update of d skip locked) due
            where w.tenant_id = due.tenant_id and w.{id} = due.{id}
            returning w.tenant_id, w.{id}, w.task = '{work}', w.attempt
            """);
        command.Parameters.Add(new() { Value = _node });
        command.Parameters.Add(new() { Value = lease });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? new Taken(row.GetString(0), row.GetGuid(1), row.GetBoolean(2), row.GetInt32(3)) : null;
    }

    /// <summary>Changes a row that this node holds; parameters begin at <c>$4</c>. False when another attempt has begun.</summary>
    public async Task<bool> Update(Taken taken, string set, CancellationToken cancellation, params object[] values)
    {
        await using var command = connections.Statements.CreateCommand($"update {table} set {set} where tenant_id = $1 and {id} = $2 and attempt = $3 and task = '{work}'");
        foreach (var value in (object[])[taken.TenantId, taken.Id, taken.Attempt, .. values])
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Work of a tenant that waits or is done.</summary>
    public async Task<int> Open(string tenantId, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"select count(*)::integer from {table} where tenant_id = $1 and task = '{work}'");
        command.Parameters.Add(new() { Value = tenantId });
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }
}

/// <summary>Another node has the work now.</summary>
internal sealed class LeaseLostException() : Exception("Another node has taken the work.");
