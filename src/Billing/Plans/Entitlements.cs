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
/// <param name="Limit">Cases that may be completed or open in the month, by the plan and its payment; null: no limit.</param>
/// <param name="Trouble">What is wrong with the payment, or null.</param>
public sealed record Standing(Plan Plan, DateTimeOffset? Since, DateOnly Month, long Used, long Open, int? Limit, PaymentTrouble? Trouble)
{
    /// <summary>Whether another case may be started.</summary>
    public bool MayStart => Limit is not { } limit || Used + Open < limit;

    /// <summary>Code of the problem that refuses a start.</summary>
    public string Code => Trouble is { Standing: PaymentStanding.Limited } ? "plan.payment_overdue" : "plan.limit_reached";

    /// <summary>What to do about a reached limit, in a few sentences.</summary>
    public string Sentence => Trouble is { Standing: not PaymentStanding.Overdue } trouble
        ? $"{trouble.Remedy} {Limit} cases a month go without payment: {Used} were completed and {Open} are open. What is open goes on."
        : $"The plan '{Plan.Name}' has {Limit} cases a month: {Used} were completed and {Open} are open. What is open goes on. Choose another plan, or start new cases from {Month.AddMonths(1):yyyy-MM-dd} (UTC).";
}

/// <summary>
/// What a plan allows. A limit refuses new starts and nothing else: no open case waits, no task, document or answer is lost. Starts that come in at the same moment may pass
/// it by as many as there are. A payment that stays overdue, or a subscription that was ended, is such a limit and no more.
/// </summary>
public sealed class Entitlements(PointReads reads, UsageQueries usage, PlanCatalog plans, TimeProvider clock)
{
    /// <summary>Where a tenant stands now.</summary>
    public async Task<Standing> Of(string tenant, CancellationToken cancel) => await Count(tenant, await PlanOf(tenant, cancel), cancel);

    /// <summary>Whether a tenant may start another case; null: yes.</summary>
    /// <returns>Where it stands when it may not.</returns>
    public async Task<Standing?> Barred(string tenant, CancellationToken cancel)
    {
        // Plans without a limit cost one read by key.
        var plan = await PlanOf(tenant, cancel);
        if (plan.Limit is null)
            return null;
        var standing = await Count(tenant, plan, cancel);
        return standing.MayStart ? null : standing;
    }

    private async Task<Standing> Count(string tenant, Held held, CancellationToken cancel)
    {
        var month = UsageQueries.MonthOf(clock.GetUtcNow());
        var used = await usage.Month(tenant, month, cancel);
        return new Standing(held.Plan, held.Since, month, used.Completed, used.Open, held.Limit, held.Trouble);
    }

    private async Task<Held> PlanOf(string tenant, CancellationToken cancel)
    {
        var record = await reads.Plan(tenant, cancel);
        var chosen = plans.Of(record?.Plan);
        if (record?.EndedAt is { } ended)
            return new Held(plans.Default, ended, plans.UnpaidCasesPerMonth, new PaymentTrouble(PaymentStanding.Ended, chosen, ended, ended));
        // What is owed for an earlier plan does not limit one that costs nothing.
        if (record?.OverdueSince is not { } overdue || chosen.StripePrice is null)
            return new Held(chosen, record?.Since, chosen.CasesPerMonth, null);
        var from = overdue + plans.Grace;
        var limited = from <= clock.GetUtcNow();
        return new Held(chosen, record.Since, limited ? Least(chosen.CasesPerMonth, plans.UnpaidCasesPerMonth) : chosen.CasesPerMonth,
            new PaymentTrouble(limited ? PaymentStanding.Limited : PaymentStanding.Overdue, chosen, overdue, from));
    }

    private static int? Least(int? one, int? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);

    private sealed record Held(Plan Plan, DateTimeOffset? Since, int? Limit, PaymentTrouble? Trouble);
}
