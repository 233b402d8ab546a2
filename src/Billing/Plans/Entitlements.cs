using Countersign.Billing.Usage;
using Countersign.Projections.Plans;
using Countersign.Projections.Store;

namespace Countersign.Billing.Plans;

/// <summary>Where a tenant stands in its plan.</summary>
/// <param name="Plan">The plan in force.</param>
/// <param name="Since">Since when; null: since the tenant exists.</param>
/// <param name="Month">First day of the month (UTC).</param>
/// <param name="Used">Cases completed in the month.</param>
/// <param name="Open">Cases that run now.</param>
public sealed record Standing(Plan Plan, DateTimeOffset? Since, DateOnly Month, long Used, long Open)
{
    /// <summary>Whether another case may be started.</summary>
    public bool MayStart => Plan.CasesPerMonth is not { } limit || Used + Open < limit;

    /// <summary>What to do about a reached limit, in one sentence.</summary>
    public string Sentence =>
        $"The plan '{Plan.Name}' has {Plan.CasesPerMonth} cases a month: {Used} were completed and {Open} are open. What is open goes on. Choose another plan, or start new cases from {Month.AddMonths(1):yyyy-MM-dd} (UTC).";
}

/// <summary>
/// What a plan allows. A limit refuses new starts and nothing else: no open case waits, no task, document or answer is lost. Starts that come in at the same moment may pass
/// it by as many as there are.
/// </summary>
public sealed class Entitlements(IReaderStore store, UsageQueries usage, PlanCatalog plans, TimeProvider clock)
{
    /// <summary>Where a tenant stands now.</summary>
    public async Task<Standing> Of(string tenant, CancellationToken cancel)
    {
        var (plan, since) = await PlanOf(tenant, cancel);
        var month = UsageQueries.MonthOf(clock.GetUtcNow());
        var used = await usage.Month(tenant, month, cancel);
        return new Standing(plan, since, month, used.Completed, used.Open);
    }

    /// <summary>Whether a tenant may start another case; null: yes.</summary>
    /// <returns>Where it stands when it may not.</returns>
    public async Task<Standing?> Barred(string tenant, CancellationToken cancel)
    {
        // Plans without a limit cost one read by key.
        var (plan, _) = await PlanOf(tenant, cancel);
        if (plan.CasesPerMonth is null)
            return null;
        var standing = await Of(tenant, cancel);
        return standing.MayStart ? null : standing;
    }

    private async Task<(Plan Plan, DateTimeOffset? Since)> PlanOf(string tenant, CancellationToken cancel)
    {
        await using var session = store.QuerySession(tenant);
        var record = await session.LoadAsync<PlanRecord>(PlanRecord.Only, cancel);
        return (plans.Of(record?.Plan), record?.Since);
    }
}
