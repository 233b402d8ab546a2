using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Billing.Usage;
using Countersign.Client;
using Countersign.Client.Usage;

namespace Countersign.Api.Usage;

internal sealed class ListUsageLinesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/usage/lines", Permission.UsageRead, Handle).Produces<Page<UsageLineView>>().WithTags("Usage")
        .WithSummary("Each completed case of a month with the event that says so, in the order of the trail");

    private static Task<IResult> Handle(Month? month, Call call, Lists lists, UsageQueries usage, TimeProvider clock) => lists.Page<UsageLine, UsageLineView>(
        call,
        (_, after, take) => usage.Lines(call.TenantId, month?.First ?? UsageQueries.MonthOf(clock.GetUtcNow()),
            after is null ? null : (int.Parse(after[0], CultureInfo.InvariantCulture), long.Parse(after[1], CultureInfo.InvariantCulture)), take, call.Cancellation),
        line => [line.Epoch.ToString(CultureInfo.InvariantCulture), line.Leaf.ToString(CultureInfo.InvariantCulture)],
        line => new UsageLineView(line.EventId, line.InstanceId, line.ProcessKey, line.Leaf, line.OccurredAt));
}
