using Npgsql;

namespace Countersign.Billing.Payments;

/// <summary>
/// Tells Stripe each line of the ledger once: the call's identifier is the line's event. A line is marked before the first attempt, so that a crash in between is an attempt
/// under the same identifier. Stripe takes cases of at most 35 days ago; older ones are marked as rejected and shown.
/// </summary>
internal sealed class MeterReports(NpgsqlDataSource source, StripeGateway gateway, TimeProvider clock)
{
    /// <summary>Lines told at once.</summary>
    public const int AtOnce = 500;

    private const int Together = 4;

    // Stripe forgets identifiers after a day: what is still unanswered then may have arrived, so a person looks at it.
    private static readonly TimeSpan Certain = TimeSpan.FromHours(23);

    /// <summary>Tells what is due of one tenant.</summary>
    /// <returns>How many lines were looked at; as many as there may be at once: there may be more.</returns>
    public async Task<int> TellDue(string tenant, string customer, DateTimeOffset since, CancellationToken cancel)
    {
        var due = await Due(tenant, since, cancel);
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = cancel }, async (line, stop) => await Tell(tenant, customer, line, stop));
        return due.Count;
    }

    private async Task<List<(Guid EventId, DateTimeOffset At, DateTimeOffset First, int Attempts)>> Due(string tenant, DateTimeOffset since, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using var connection = await source.OpenConnectionAsync(cancel);
        await using (var begin = new NpgsqlCommand(
            """
            insert into cs.usage_reports (tenant_id, event_id, state, attempts, first_attempt_at, next_attempt_at)
            select l.tenant_id, l.event_id, 'waiting', 0, $2, $2 from cs.usage_lines l
            where l.tenant_id = $1 and l.occurred_at >= $4 and not exists (select from cs.usage_reports r where r.tenant_id = l.tenant_id and r.event_id = l.event_id)
            order by l.epoch, l.leaf limit $3
            on conflict do nothing
            """, connection)
        { Parameters = { new() { Value = tenant }, new() { Value = now }, new() { Value = AtOnce }, new() { Value = since } } })
            await begin.ExecuteNonQueryAsync(cancel);
        await using var command = new NpgsqlCommand(
            """
            select r.event_id, l.occurred_at, r.first_attempt_at, r.attempts from cs.usage_reports r join cs.usage_lines l on l.tenant_id = r.tenant_id and l.event_id = r.event_id
            where r.tenant_id = $1 and r.state = 'waiting' and r.next_attempt_at <= $2 order by r.next_attempt_at limit $3
            """, connection)
        { Parameters = { new() { Value = tenant }, new() { Value = now }, new() { Value = AtOnce } } };
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var due = new List<(Guid, DateTimeOffset, DateTimeOffset, int)>();
        while (await rows.ReadAsync(cancel))
            due.Add((rows.GetGuid(0), rows.GetFieldValue<DateTimeOffset>(1), rows.GetFieldValue<DateTimeOffset>(2), rows.GetInt32(3)));
        return due;
    }

    private async Task Tell(string tenant, string customer, (Guid EventId, DateTimeOffset At, DateTimeOffset First, int Attempts) line, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (line.Attempts > 0 && now - line.First > Certain)
        {
            await Mark(tenant, line.EventId, "rejected", now, "No answer within 23 hours: it may have arrived. Compare the meter's summary in Stripe with this month's lines, and add or drop this one by hand.", cancel);
            return;
        }

        await Mark(tenant, line.EventId, "waiting", now + Backoff.After(line.Attempts), null, cancel);
        try
        {
            await gateway.Meter(customer, line.EventId, line.At, cancel);
            await Mark(tenant, line.EventId, "sent", now, null, cancel);
        }
        catch (StripeRefusalException e)
        {
            await Mark(tenant, line.EventId, "rejected", now, e.Message, cancel);
        }
        catch (StripeUnavailableException e)
        {
            await Mark(tenant, line.EventId, "waiting", now + Backoff.After(line.Attempts), e.Message, cancel, again: false);
        }
    }

    private async Task Mark(string tenant, Guid eventId, string state, DateTimeOffset next, string? detail, CancellationToken cancel, bool again = true)
    {
        await using var command = source.CreateCommand(
            "update cs.usage_reports set state = $3, next_attempt_at = $4, detail = $5, attempts = attempts + $6 where tenant_id = $1 and event_id = $2 and state = 'waiting'");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = eventId });
        command.Parameters.Add(new() { Value = state });
        command.Parameters.Add(new() { Value = next });
        command.Parameters.Add(new() { Value = (object?)detail ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = state == "waiting" && again ? 1 : 0 });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
