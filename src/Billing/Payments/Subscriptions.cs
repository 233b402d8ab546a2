using Countersign.Billing.Plans;
using Countersign.Domain.Plans;
using Countersign.Projections.Plans;
using Countersign.Projections.Tenants;
using Marten;

namespace Countersign.Billing.Payments;

/// <summary>
/// Brings Stripe to what the tenants have chosen: a customer and a subscription for plans with a price, none for others. A subscription that was ended in Stripe ends the
/// choice; only a newer choice makes another.
/// </summary>
internal sealed class Subscriptions(IDocumentStore store, PlanCatalog plans, StripeGateway gateway, BillingAccounts accounts, IPlanFacts facts, TimeProvider clock)
{
    // Events may never arrive: the endpoint is not set up, or Stripe gave up sending after three days.
    private static readonly TimeSpan Reread = TimeSpan.FromHours(1);

    /// <summary>Compares one tenant's choice with its account and does what is missing; twice does nothing.</summary>
    /// <returns>The account, or null where none is needed.</returns>
    public async Task<BillingAccount?> Converge(string tenant, CancellationToken cancel)
    {
        var account = await Current(tenant, cancel);
        var chosen = await Choice(tenant, cancel);
        if (account?.SubscriptionId is not null && await See(account, chosen, cancel))
            chosen = await Choice(tenant, cancel);
        if (chosen?.EndedAt is not null || plans.Of(chosen?.Plan).StripePrice is not { } price)
            return await EndRunning(account, cancel);
        account ??= await Open(tenant, cancel);
        if (account.IsLive && account.PriceId == price)
        {
            // An end that was begun for an earlier choice and never came about.
            if (account.Ending is not null)
                await accounts.Ending(tenant, null, cancel);
            return account;
        }

        await EndRunning(account, cancel);
        var since = chosen?.Since ?? DateTimeOffset.UnixEpoch;
        var asked = clock.GetUtcNow();
        await accounts.Keep(await gateway.Subscribe(account.CustomerId, price, since, account.SubscriptionId, cancel), asked, cancel);
        await accounts.MadeFor(tenant, since, cancel);
        return await accounts.Of(tenant, cancel);
    }

    /// <summary>The account; one that was not read for an hour is read again.</summary>
    private async Task<BillingAccount?> Current(string tenant, CancellationToken cancel)
    {
        var account = await accounts.Of(tenant, cancel);
        var asked = clock.GetUtcNow();
        if (account is not { IsLive: true, SubscriptionId: { } running } || asked - account.ReadAt < Reread)
            return account;
        if (await gateway.Read(running, cancel) is { } reading)
            await accounts.Keep(reading, asked, cancel);
        else
            await accounts.Gone(running, asked, cancel);
        return await accounts.Of(tenant, cancel);
    }

    /// <summary>Writes down what the subscription says about the plan, where it says something new.</summary>
    private async Task<bool> See(BillingAccount account, PlanRecord? chosen, CancellationToken cancel)
    {
        var plan = plans.Of(chosen?.Plan);
        // The end of what was chosen no more is no news. A plan without a price owes nothing; what was owed before it waits for the next plan with one.
        if (plan.StripePrice is null || chosen?.EndedAt is not null)
            return false;
        var ended = account.EndedByOthers ? account.EndedAt ?? account.ReadAt : (DateTimeOffset?)null;
        var overdue = account.IsOverdue || await Owes(account, chosen, cancel);
        if (ended is null && overdue == chosen?.OverdueSince is not null)
            return false;
        await facts.See(account.TenantId, new SeeSubscription(plan.Key, account.SubscriptionId!, account.Status ?? "", overdue, ended, account.MadeFor), cancel);
        return true;
    }

    /// <summary>
    /// Whether a debt marked before is still open though the subscription read now has none. The one that owed says so itself as long as it goes on; one that ended, or was
    /// followed by another, does not: a new one is active before anything of it is paid.
    /// </summary>
    private async Task<bool> Owes(BillingAccount account, PlanRecord? chosen, CancellationToken cancel)
    {
        if (chosen?.OverdueSince is null || (account.IsLive && (chosen.OverdueSubscription ?? account.SubscriptionId) == account.SubscriptionId))
            return false;
        return await gateway.Owes(account.CustomerId, clock.GetUtcNow(), cancel);
    }

    private async Task<BillingAccount?> EndRunning(BillingAccount? account, CancellationToken cancel)
    {
        if (account is not { IsLive: true, SubscriptionId: { } running })
            return account;
        await accounts.Ending(account.TenantId, running, cancel);
        var asked = clock.GetUtcNow();
        if (await gateway.Cancel(running, cancel) is { } reading)
            await accounts.Keep(reading, asked, cancel);
        else
            await accounts.Gone(running, asked, cancel);
        return await accounts.Of(account.TenantId, cancel);
    }

    private async Task<BillingAccount> Open(string tenant, CancellationToken cancel)
    {
        await using var session = store.QuerySession(tenant);
        var name = (await session.LoadAsync<TenantRecord>(TenantRecord.Only, cancel))?.Name ?? tenant;
        var customer = await gateway.FindCustomer(tenant, cancel) ?? await gateway.CreateCustomer(tenant, name, cancel);
        return await accounts.Keep(tenant, customer, clock.GetUtcNow(), cancel);
    }

    private async Task<PlanRecord?> Choice(string tenant, CancellationToken cancel)
    {
        await using var session = store.QuerySession(tenant);
        return await session.LoadAsync<PlanRecord>(PlanRecord.Only, cancel);
    }
}
