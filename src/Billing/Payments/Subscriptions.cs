using Countersign.Billing.Plans;
using Countersign.Projections.Plans;
using Countersign.Projections.Tenants;
using Marten;

namespace Countersign.Billing.Payments;

/// <summary>Brings Stripe to what the tenants have chosen: a customer and a subscription for plans with a price, none for others.</summary>
internal sealed class Subscriptions(IDocumentStore store, PlanCatalog plans, StripeGateway gateway, BillingAccounts accounts, TimeProvider clock)
{
    /// <summary>Compares one tenant's choice with its account and does what is missing; twice does nothing.</summary>
    /// <returns>The account, or null where none is needed.</returns>
    public async Task<BillingAccount?> Converge(string tenant, CancellationToken cancel)
    {
        await using var session = store.QuerySession(tenant);
        var chosen = await session.LoadAsync<PlanRecord>(PlanRecord.Only, cancel);
        var plan = plans.Of(chosen?.Plan);
        var account = await accounts.Of(tenant, cancel);
        if (plan.StripePrice is not { } price)
        {
            if (account is { IsLive: true, SubscriptionId: { } running })
                await Keep(gateway.Cancel(running, cancel), cancel);
            return await accounts.Of(tenant, cancel);
        }

        if (account is null)
        {
            var name = (await session.LoadAsync<TenantRecord>(TenantRecord.Only, cancel))?.Name ?? tenant;
            var customer = await gateway.FindCustomer(tenant, cancel) ?? await gateway.CreateCustomer(tenant, name, cancel);
            account = await accounts.Keep(tenant, customer, clock.GetUtcNow(), cancel);
        }

        if (account.IsLive && account.PriceId == price)
            return account;
        if (account is { IsLive: true, SubscriptionId: { } old })
            await Keep(gateway.Cancel(old, cancel), cancel);
        await Keep(gateway.Subscribe(account.CustomerId, price, chosen?.Since ?? DateTimeOffset.UnixEpoch, cancel), cancel);
        return await accounts.Of(tenant, cancel);
    }

    private async Task Keep(Task<SubscriptionReading> call, CancellationToken cancel)
    {
        var asked = clock.GetUtcNow();
        await accounts.Keep(await call, asked, cancel);
    }
}
