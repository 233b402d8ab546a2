using System.Globalization;
using Countersign.Billing.Plans;
using Countersign.Client;
using Countersign.Client.Usage;

namespace Countersign.Api.Plans;

internal static class PlanViews
{
    public static PlanView Of(Plan plan, Plan current) => new(plan.Key, plan.Name, plan.Summary, plan.CasesPerMonth, MoneyOf(plan.PricePerCase, plan.Currency), plan.Key == current.Key);

    public static PaymentTroubleView? Of(PaymentTrouble? trouble) => trouble is null ? null
        : new(trouble.Standing switch { PaymentStanding.Overdue => "overdue", PaymentStanding.Limited => "limited", _ => "ended" }, trouble.Plan.Key, trouble.Since, trouble.LimitedFrom, trouble.Remedy);

    public static Money MoneyOf(decimal amount, string currency) => new(amount.ToString("0.00##", CultureInfo.InvariantCulture), currency);
}
