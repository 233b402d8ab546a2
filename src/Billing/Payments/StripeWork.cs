using Countersign.Projections.Plans;
using Marten;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Billing.Payments;

/// <summary>What is done at Stripe in one pass: events that came in, accounts, cases.</summary>
internal sealed partial class StripeWork(NpgsqlDataSource source, StripeEvents events, Subscriptions subscriptions, MeterReports reports, IDocumentStore store, ILogger<StripeWork> logger)
{
    public async Task Pass(CancellationToken cancel)
    {
        while (await events.HandleDue(cancel) > 0)
        {
        }

        foreach (var tenant in await Tenants(cancel))
        {
            try
            {
                await Tenant(tenant, cancel);
            }
            catch (Exception e) when (e is StripeUnavailableException or StripeRefusalException)
            {
                // One tenant's trouble is not another's.
                Stuck(tenant, e.Message);
            }
        }
    }

    private async Task Tenant(string tenant, CancellationToken cancel)
    {
        if (await subscriptions.Converge(tenant, cancel) is not { IsLive: true } account)
            return;
        await using var session = store.QuerySession(tenant);
        // Cases from before the plan was chosen are not of this plan.
        var since = (await session.LoadAsync<PlanRecord>(PlanRecord.Only, cancel))?.Since ?? DateTimeOffset.UnixEpoch;
        int told;
        do
        {
            told = await reports.TellDue(tenant, account.CustomerId, since, cancel);
        }
        while (told == MeterReports.AtOnce);
    }

    private async Task<IReadOnlyList<string>> Tenants(CancellationToken cancel)
    {
        await using var command = source.CreateCommand("select tenant_id from cs.usage_marks order by tenant_id");
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var tenants = new List<string>();
        while (await rows.ReadAsync(cancel))
            tenants.Add(rows.GetString(0));
        return tenants;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Billing of tenant {Tenant} at Stripe did not succeed and is tried again: {Reason}")]
    private partial void Stuck(string tenant, string reason);
}
