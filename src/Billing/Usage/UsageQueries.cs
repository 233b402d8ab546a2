using Countersign.Projections.Databases;
using Npgsql;

namespace Countersign.Billing.Usage;

/// <summary>Cases of a month.</summary>
/// <param name="Completed">Lines of the ledger.</param>
/// <param name="Open">Instances that run now or are suspended, from whatever month.</param>
public sealed record MonthUsage(long Completed, long Open);

/// <summary>Cases of one day (UTC).</summary>
public sealed record DayUsage(DateOnly Day, string ProcessKey, long Completed);

/// <summary>Reads the ledger for requests, as the reader: one tenant at a time, by row security.</summary>
/// <param name="source">The reader's pool.</param>
public sealed class UsageQueries(NpgsqlDataSource source)
{
    /// <summary>First day of the month (UTC) of a time.</summary>
    public static DateOnly MonthOf(DateTimeOffset at) => new(at.UtcDateTime.Year, at.UtcDateTime.Month, 1);

    /// <summary>What a tenant has used of a month.</summary>
    public async Task<MonthUsage> Month(string tenant, DateOnly month, CancellationToken cancel) => (await Read(
        tenant,
        """
        select (select count(*) from cs.usage_lines where tenant_id = $1 and month = $2),
               (select count(*) from cs.mt_doc_instancesummary where tenant_id = $1 and status in ('running', 'suspended'))
        """,
        [month],
        row => new MonthUsage(row.GetInt64(0), row.GetInt64(1)),
        cancel))[0];

    /// <summary>Cases by day and process of a month.</summary>
    public Task<IReadOnlyList<DayUsage>> Days(string tenant, DateOnly month, CancellationToken cancel) => Read(
        tenant,
        "select (occurred_at at time zone 'UTC')::date, process_key, count(*) from cs.usage_lines where tenant_id = $1 and month = $2 group by 1, 2 order by 1, 2",
        [month],
        row => new DayUsage(row.GetFieldValue<DateOnly>(0), row.GetString(1), row.GetInt64(2)),
        cancel);

    /// <summary>Lines of a month in the order of the trail.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="month">First day of the month.</param>
    /// <param name="after">Epoch and leaf of the last line read, or null.</param>
    /// <param name="take">At most so many.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<IReadOnlyList<UsageLine>> Lines(string tenant, DateOnly month, (int Epoch, long Leaf)? after, int take, CancellationToken cancel) => Read(
        tenant,
        """
        select event_id, instance_id, process_key, epoch, leaf, occurred_at from cs.usage_lines
        where tenant_id = $1 and month = $2 and (epoch, leaf) > ($3, $4) order by epoch, leaf limit $5
        """,
        [month, after?.Epoch ?? 0, after?.Leaf ?? -1L, take],
        row => new UsageLine(row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetInt32(3), row.GetInt64(4), row.GetFieldValue<DateTimeOffset>(5)),
        cancel);

    /// <summary>What Stripe was told of a month: lines by state; empty while nothing is billed through Stripe.</summary>
    public async Task<IReadOnlyDictionary<string, long>> Reports(string tenant, DateOnly month, CancellationToken cancel) => (await Read(
        tenant,
        """
        select r.state, count(*) from cs.usage_reports r join cs.usage_lines l on l.tenant_id = r.tenant_id and l.event_id = r.event_id
        where r.tenant_id = $1 and l.month = $2 group by 1
        """,
        [month],
        row => (State: row.GetString(0), Count: row.GetInt64(1)),
        cancel)).ToDictionary(r => r.State, r => r.Count, StringComparer.Ordinal);

    // The tenant is set for the transaction only, so that no connection goes back to the pool with it.
    private async Task<IReadOnlyList<T>> Read<T>(string tenant, string sql, object[] values, Func<NpgsqlDataReader, T> map, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var set = new NpgsqlCommand($"select set_config('{DatabaseRoles.TenantSetting}', $1, true)", connection, transaction) { Parameters = { new() { Value = tenant } } })
            await set.ExecuteNonQueryAsync(cancel);
        await using var command = new NpgsqlCommand(sql, connection, transaction) { Parameters = { new() { Value = tenant } } };
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            rows.Add(map(reader));
        return rows;
    }
}
