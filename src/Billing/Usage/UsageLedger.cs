using Npgsql;

namespace Countersign.Billing.Usage;

/// <summary>One line of the ledger: one completed case, and the event that says so.</summary>
/// <param name="EventId">Id of the event <c>instance.completed</c>.</param>
/// <param name="InstanceId">The case.</param>
/// <param name="ProcessKey">Its process.</param>
/// <param name="Leaf">Index of the event's leaf in the tenant's trail: anybody with an export can look it up.</param>
/// <param name="Epoch">Epoch of that log.</param>
/// <param name="OccurredAt">When the event was stored (UTC).</param>
public sealed record UsageLine(Guid EventId, Guid InstanceId, string ProcessKey, int Epoch, long Leaf, DateTimeOffset OccurredAt);

/// <summary>
/// Counts completed cases from the trail, each exactly once: the lines of a stretch of leaves and the mark behind it are one transaction, and a line's key is the event
/// it names. A case that another one called is part of that one. The order is the trail's, which has every event once and none late without saying so; whatever is rebuilt from leaf 0 is the same ledger.
/// </summary>
/// <param name="source">The writer's pool: it sees every tenant.</param>
public sealed class UsageLedger(NpgsqlDataSource source)
{
    /// <summary>Alias of the event that ends a case well. Cancelled cases cost nothing.</summary>
    public const string CountedEvent = "instance.completed";

    /// <summary>Counts what is new of one tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="stretch">Leaves to look at, 1 to 100,000.</param>
    /// <param name="cancel">Gives up; nothing was counted then.</param>
    /// <returns>Leaves looked at and lines written.</returns>
    public async Task<(long Leaves, long Lines)> Count(string tenant, int stretch, CancellationToken cancel)
    {
        await using var command = source.CreateCommand($"select leaves, lines from {UsageTables.Count}($1, $2, $3)");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = CountedEvent });
        command.Parameters.Add(new() { Value = stretch });
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>Tenants whose trail has leaves behind the mark.</summary>
    public async Task<IReadOnlyList<string>> Behind(CancellationToken cancel)
    {
        // The newest leaf of each log is one look into the key.
        const string sql =
            """
            with recursive logs as (
                (select tenant_id from cs.trail_leaves order by tenant_id limit 1)
                union all
                select (select l.tenant_id from cs.trail_leaves l where l.tenant_id > g.tenant_id order by l.tenant_id limit 1) from logs g where g.tenant_id is not null
            )
            select g.tenant_id from logs g
            cross join lateral (select l.epoch, l.index from cs.trail_leaves l where l.tenant_id = g.tenant_id order by l.epoch desc, l.index desc limit 1) newest
            left join cs.usage_marks m on m.tenant_id = g.tenant_id
            where g.tenant_id is not null and (m.tenant_id is null or (newest.epoch, newest.index) > (m.epoch, m.leaf))
            """;
        await using var command = source.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var behind = new List<string>();
        while (await rows.ReadAsync(cancel))
            behind.Add(rows.GetString(0));
        return behind;
    }

    /// <summary>Counts from leaf 0 without looking at the ledger, and compares.</summary>
    /// <returns>Lines the ledger lacks and lines it should not have; both empty when it is right.</returns>
    public async Task<(IReadOnlyList<Guid> Missing, IReadOnlyList<Guid> Extra)> Rebuild(string tenant, CancellationToken cancel)
    {
        const string sql =
            $"""
            with truth as (
                select e.id from cs.trail_leaves l join cs.mt_events e on e.seq_id = l.seq_id and e.tenant_id = $1
                join cs.mt_events s on s.tenant_id = $1 and s.stream_id = e.stream_id and s.version = 1
                where l.tenant_id = $1 and e.type = '{CountedEvent}' and e.stream_id like 'instance/%' and s.data ->> 'parent' is null
                and (l.epoch, l.index) <= (select epoch, leaf from cs.usage_marks where tenant_id = $1)
            )
            select t.id, u.event_id from truth t full join (select event_id from cs.usage_lines where tenant_id = $1) u on u.event_id = t.id where t.id is null or u.event_id is null
            """;
        await using var command = source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = tenant });
        var (missing, extra) = (new List<Guid>(), new List<Guid>());
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            if (rows.IsDBNull(0))
                extra.Add(rows.GetGuid(1));
            else
                missing.Add(rows.GetGuid(0));
        }

        return (missing, extra);
    }
}
