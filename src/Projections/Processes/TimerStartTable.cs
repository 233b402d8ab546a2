using System.Globalization;
using Countersign.Domain.Processes;
using Countersign.Projections.Databases;
using Marten;
using Npgsql;

namespace Countersign.Projections.Processes;

/// <summary>A timer of a process's version in force as stored.</summary>
/// <param name="ProcessKey">The process.</param>
/// <param name="VersionId">The version that is started, <c>key:number</c>.</param>
/// <param name="Start">The timer and its next start.</param>
/// <param name="LastAt">When it last started an instance (UTC), or null.</param>
/// <param name="LastInstanceId">That instance, or null.</param>
/// <param name="Problem">Why the start that is due could not be made, or null.</param>
public sealed record ScheduledStart(string ProcessKey, string VersionId, TimerStart Start, DateTimeOffset? LastAt, Guid? LastInstanceId, string? Problem);

/// <summary>The timers that start processes: written with the version that has them, moved on by those who start.</summary>
public sealed class TimerStartTable : IDatabasePart
{
    /// <summary>The table with its schema.</summary>
    public const string Table = DatabaseRoles.Schema + ".timer_starts";

    /// <summary>Columns in the order that <see cref="Read"/> takes them.</summary>
    public const string Columns = "process_key, version_id, element_id, name, timer, restarts, due_at, remaining, series, last_at, last_instance_id, problem";

    // Two versions have the same timer when place and value are the same; what a refused start waits for is try_at.
    private const string Sql = $"""
        create table if not exists {Table} (
            tenant_id varchar not null, process_key varchar not null, element_id varchar not null, timer varchar not null,
            version_id varchar not null, name text not null, restarts boolean not null, remaining integer, series text, due_at timestamptz, try_at timestamptz,
            last_at timestamptz, last_instance_id uuid, problem text,
            primary key (tenant_id, process_key, element_id, timer));
        create index if not exists timer_starts_due on {Table} (try_at) where try_at is not null;
        """;

    /// <inheritdoc/>
    public string Name => "timer starts";

    /// <summary>Puts a new version's timers in the place of the last one's, in the transaction that publishes it. A timer that stays as it was goes on.</summary>
    public static void Replace(IDocumentSession session, string tenantId, string processKey, string versionId, IReadOnlyCollection<TimerStart> starts)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(starts);
        session.QueueSqlCommand($"delete from {Table} where tenant_id = ? and process_key = ? and element_id || '/' || timer <> all (?)", tenantId, processKey, starts.Select(s => $"{s.ElementId}/{s.Timer}").ToArray());
        // The session writes no null of its own accord, so what is not there is an empty text.
        foreach (var s in starts)
        {
            session.QueueSqlCommand(
                $"""
                insert into {Table} as t (tenant_id, process_key, version_id, element_id, name, timer, restarts, due_at, remaining, series, try_at)
                select ?, ?, ?, ?, ?, ?, ?, n.due_at, n.remaining, n.series, n.due_at from (select nullif(?, '')::timestamptz as due_at, nullif(?, '')::integer as remaining, nullif(?, '') as series) n
                on conflict (tenant_id, process_key, element_id, timer) do update set version_id = excluded.version_id, name = excluded.name,
                    due_at = case when t.restarts then excluded.due_at else t.due_at end, try_at = case when t.restarts then excluded.due_at else t.due_at end,
                    problem = null
                """,
                tenantId, processKey, versionId, s.ElementId, s.Name, s.Timer, s.Restarts, s.DueAt?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? "",
                s.Remaining?.ToString(CultureInfo.InvariantCulture) ?? "", s.Interval ?? "");
        }

        // Without an answer: the store passes over rows that it does not expect, and over the errors behind them.
        if (starts.Count > 0)
            session.QueueSqlCommand($"call {DatabaseRoles.Schema}.wake(array['cs_timers'], array[''])");
    }

    /// <summary>The timers of some processes of a tenant, as the reader: row security applies.</summary>
    public static async Task<IReadOnlyList<ScheduledStart>> Of(DatabaseConnections connections, string tenantId, IReadOnlyCollection<string> processKeys, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var connection = await connections.Reader.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var tenant = new NpgsqlCommand($"select set_config('{DatabaseRoles.TenantSetting}', $1, true)", connection, transaction) { Parameters = { new() { Value = tenantId } } })
            await tenant.ExecuteNonQueryAsync(cancellation);
        await using var command = new NpgsqlCommand($"select {Columns} from {Table} where tenant_id = $1 and process_key = any($2) order by process_key, due_at, element_id, timer", connection, transaction)
        {
            Parameters = { new() { Value = tenantId }, new() { Value = processKeys.ToArray() } },
        };
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var starts = new List<ScheduledStart>();
        while (await row.ReadAsync(cancellation))
            starts.Add(Read(row, 0));
        return starts;
    }

    /// <summary>One row, from a column on.</summary>
    public static ScheduledStart Read(NpgsqlDataReader row, int from)
    {
        ArgumentNullException.ThrowIfNull(row);
        DateTimeOffset? Time(int column) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetDateTime(column), TimeSpan.Zero);
        var start = new TimerStart(row.GetString(from + 2), row.GetString(from + 3), row.GetString(from + 4), row.GetBoolean(from + 5), Time(from + 6),
            row.IsDBNull(from + 7) ? null : row.GetInt32(from + 7), row.IsDBNull(from + 8) ? null : row.GetString(from + 8));
        return new ScheduledStart(row.GetString(from), row.GetString(from + 1), start, Time(from + 9), row.IsDBNull(from + 10) ? null : row.GetGuid(from + 10), row.IsDBNull(from + 11) ? null : row.GetString(from + 11));
    }

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
