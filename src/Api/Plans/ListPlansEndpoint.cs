using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Billing.Plans;
using Countersign.Client;
using Countersign.Client.Usage;

namespace Countersign.Api.Plans;

internal sealed class ListPlansEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/plans", Permission.UsageRead, Handle).Produces<Page<PlanView>>().WithTags("Usage")
        .WithSummary("The plans that are offered");

    private static async Task<IResult> Handle(Call call, Lists lists, PlanCatalog plans, Entitlements entitlements)
    {
        var current = (await entitlements.Of(call.TenantId, call.Cancellation)).Plan;
        return await lists.Page<(int Number, Plan Plan), PlanView>(
            call,
            (_, after, take) => Task.FromResult<IReadOnlyList<(int, Plan)>>(
                [.. plans.All.Select((p, i) => (i, p)).Skip(after is null ? 0 : int.Parse(after[0], CultureInfo.InvariantCulture) + 1).Take(take)]),
            row => [row.Number.ToString(CultureInfo.InvariantCulture)],
            row => PlanViews.Of(row.Plan, current));
    }
}
