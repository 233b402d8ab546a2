using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Plans;
using Countersign.Billing.Payments;
using Countersign.Billing.Plans;
using Countersign.Billing.Usage;
using Countersign.Client.Usage;

namespace Countersign.Api.Usage;

internal sealed class GetUsageEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/usage", Permission.UsageRead, Handle).Produces<UsageView>().WithTags("Usage")
        .WithSummary("Completed cases of a month (2026-11; this one by default) and their price; a few seconds behind");

    private static async Task<IResult> Handle(Month? month, Call call, Entitlements entitlements, UsageQueries usage, StripeOptions stripe)
    {
        var standing = await entitlements.Of(call.TenantId, call.Cancellation);
        var first = month?.First ?? standing.Month;
        var completed = first == standing.Month ? standing.Used : (await usage.Month(call.TenantId, first, call.Cancellation)).Completed;
        var reports = await usage.Reports(call.TenantId, first, call.Cancellation);
        var days = await usage.Days(call.TenantId, first, call.Cancellation);
        return Answer.Ok(new UsageView(first, PlanViews.Of(standing.Plan, standing.Plan), completed, standing.Open, standing.MayStart, standing.MayStart ? null : standing.Sentence,
            PlanViews.MoneyOf(standing.Plan.PriceOf(completed), standing.Plan.Currency), stripe.IsOn && standing.Plan.StripePrice is not null, reports,
            [.. days.Select(d => new UsageDay(d.Day, d.ProcessKey, d.Completed))], PlanViews.Of(standing.Trouble)));
    }
}
