using Npgsql;
using NpgsqlTypes;

namespace Countersign.Billing.Payments;

/// <summary>A tenant at Stripe, as last read there.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="CustomerId">Stripe's id of the customer.</param>
/// <param name="SubscriptionId">Stripe's id of the subscription, or null.</param>
/// <param name="Status">Stripe's word for its status, or null.</param>
/// <param name="PriceId">Its price, or null.</param>
/// <param name="ReadAt">When Stripe was last asked (UTC).</param>
/// <param name="EndedAt">When the subscription ended (UTC), or null.</param>
/// <param name="MadeFor">Time of the choice the last subscription of this service was made for (UTC), or null.</param>
/// <param name="Ending">The subscription this service was about to end last, or null.</param>
public sealed record BillingAccount(string TenantId, string CustomerId, string? SubscriptionId, string? Status, string? PriceId, DateTimeOffset ReadAt, DateTimeOffset? EndedAt, DateTimeOffset? MadeFor, string? Ending)
{
    /// <summary>Whether the subscription goes on. A word of Stripe's that is not known here is taken for one that goes on: nothing is made twice for it.</summary>
    public bool IsLive => Status is not (null or "canceled" or "incomplete_expired");

    /// <summary>Whether Stripe waits for its payment.</summary>
    public bool IsOverdue => Status is "past_due" or "unpaid" or "incomplete" or "paused";

    /// <summary>Whether it was ended, and not by this service.</summary>
    public bool EndedByOthers => SubscriptionId is not null && !IsLive && Ending != SubscriptionId;
}

/// <summary>Rows of <c>billing_accounts</c>: a copy of what Stripe says, never a source.</summary>
/// <param name="source">The writer's pool.</param>
public sealed class BillingAccounts(NpgsqlDataSource source)
{
    private const string Columns = "tenant_id, customer_id, subscription_id, status, price_id, read_at, ended_at, made_for, ending";

    /// <summary>The account of a tenant, or null.</summary>
    public Task<BillingAccount?> Of(string tenant, CancellationToken cancel) => One("tenant_id", tenant, cancel);

    /// <summary>The account of a customer, or null.</summary>
    public Task<BillingAccount?> OfCustomer(string customer, CancellationToken cancel) => One("customer_id", customer, cancel);

    /// <summary>Keeps the customer of a tenant; the first one stays.</summary>
    public async Task<BillingAccount> Keep(string tenant, string customer, DateTimeOffset now, CancellationToken cancel)
    {
        await using (var command = source.CreateCommand("insert into cs.billing_accounts (tenant_id, customer_id, read_at) values ($1, $2, $3) on conflict (tenant_id) do nothing"))
        {
            command.Parameters.Add(new() { Value = tenant });
            command.Parameters.Add(new() { Value = customer });
            command.Parameters.Add(new() { Value = now });
            await command.ExecuteNonQueryAsync(cancel);
        }

        return (await Of(tenant, cancel))!;
    }

    /// <summary>
    /// Keeps a reading. An older reading than the one kept changes nothing; a reading of another subscription replaces only one that has ended, or is the one that goes on.
    /// </summary>
    /// <param name="reading">What Stripe said.</param>
    /// <param name="asked">When it was asked, before the call (UTC).</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False: no tenant has this customer.</returns>
    public async Task<bool> Keep(SubscriptionReading reading, DateTimeOffset asked, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(reading);
        await using var command = source.CreateCommand(
            """
            with account as (select * from cs.billing_accounts where customer_id = $1 for update), kept as (
                update cs.billing_accounts b set subscription_id = $2, status = $3, price_id = $4, period_end = $5, read_at = $6, ended_at = $7
                from account a where b.tenant_id = a.tenant_id and
                     case when a.subscription_id is null or a.subscription_id = $2 then a.read_at <= $6
                          else $3 not in ('canceled', 'incomplete_expired') end
                returning 1
            )
            select count(*) from account
            """);
        command.Parameters.Add(new() { Value = reading.CustomerId });
        command.Parameters.Add(new() { Value = reading.Id });
        command.Parameters.Add(new() { Value = reading.Status });
        command.Parameters.Add(new() { Value = (object?)reading.PriceId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)reading.PeriodEnd ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = asked });
        command.Parameters.Add(new() { Value = (object?)reading.EndedAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return (long)(await command.ExecuteScalarAsync(cancel))! > 0;
    }

    /// <summary>Notes for which choice the subscription was made.</summary>
    public Task MadeFor(string tenant, DateTimeOffset choice, CancellationToken cancel) => Note("made_for", tenant, new NpgsqlParameter { Value = choice }, cancel);

    /// <summary>Notes that this service is about to end a subscription, before it does: its end is then not taken for Stripe's. Null: it is wanted again.</summary>
    public Task Ending(string tenant, string? subscription, CancellationToken cancel) =>
        Note("ending", tenant, new NpgsqlParameter { Value = (object?)subscription ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }, cancel);

    /// <summary>Notes that Stripe knows a subscription no more: it has ended.</summary>
    public async Task Gone(string subscription, DateTimeOffset asked, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(
            "update cs.billing_accounts set status = 'canceled', ended_at = coalesce(ended_at, $2), read_at = $2 where subscription_id = $1 and read_at <= $2");
        command.Parameters.Add(new() { Value = subscription });
        command.Parameters.Add(new() { Value = asked });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task Note(string column, string tenant, NpgsqlParameter value, CancellationToken cancel)
    {
        await using var command = source.CreateCommand($"update cs.billing_accounts set {column} = $2 where tenant_id = $1");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(value);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task<BillingAccount?> One(string column, string value, CancellationToken cancel)
    {
        await using var command = source.CreateCommand($"select {Columns} from cs.billing_accounts where {column} = $1");
        command.Parameters.Add(new() { Value = value });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? new BillingAccount(row.GetString(0), row.GetString(1), Text(row, 2), Text(row, 3), Text(row, 4), row.GetFieldValue<DateTimeOffset>(5), Time(row, 6), Time(row, 7), Text(row, 8)) : null;
    }

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
