using Npgsql;
using NpgsqlTypes;

namespace Countersign.Billing.Payments;

/// <summary>A tenant at Stripe, as last read there.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="CustomerId">Stripe's id of the customer.</param>
/// <param name="SubscriptionId">Stripe's id of the subscription, or null.</param>
/// <param name="Status">Stripe's word for its status, or null.</param>
/// <param name="PriceId">Its price, or null.</param>
public sealed record BillingAccount(string TenantId, string CustomerId, string? SubscriptionId, string? Status, string? PriceId)
{
    /// <summary>Whether the subscription goes on.</summary>
    public bool IsLive => Status is "active" or "trialing" or "past_due" or "unpaid" or "incomplete";
}

/// <summary>Rows of <c>billing_accounts</c>: a copy of what Stripe says, never a source.</summary>
/// <param name="source">The writer's pool.</param>
public sealed class BillingAccounts(NpgsqlDataSource source)
{
    private const string Columns = "tenant_id, customer_id, subscription_id, status, price_id";

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
                update cs.billing_accounts b set subscription_id = $2, status = $3, price_id = $4, period_end = $5, read_at = $6
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
        return (long)(await command.ExecuteScalarAsync(cancel))! > 0;
    }

    private async Task<BillingAccount?> One(string column, string value, CancellationToken cancel)
    {
        await using var command = source.CreateCommand($"select {Columns} from cs.billing_accounts where {column} = $1");
        command.Parameters.Add(new() { Value = value });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? new BillingAccount(row.GetString(0), row.GetString(1), Text(row, 2), Text(row, 3), Text(row, 4)) : null;
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
