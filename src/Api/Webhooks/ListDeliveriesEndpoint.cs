using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Webhooks;
using Countersign.Projections.Webhooks;
using Marten;

namespace Countersign.Api.Webhooks;

internal sealed class ListDeliveriesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/webhook-deliveries", Permission.WebhooksManage, Handle).Produces<Page<DeliveryView>>().WithTags("Webhooks")
        .WithSummary("Deliveries with their attempts, the newest first");

    private static Task<IResult> Handle(Guid? endpoint, Wire<DeliveryStatus>? status, Instant? from, Instant? before, Call call, Lists lists) => lists.Page(
        call,
        async (session, after, take) =>
        {
            IQueryable<WebhookDelivery> query = session.Query<WebhookDelivery>();
            if (endpoint is { } one)
                query = query.Where(d => d.EndpointId == one);
            if (status is { } s)
            {
                var word = ClientJson.NameOf(s.Value);
                query = query.Where(d => d.Status == word);
            }

            if (from is { } f)
                query = query.Where(d => d.CreatedAt >= f.Value);
            if (before is { } b)
                query = query.Where(d => d.CreatedAt < b.Value);
            if (after is not null)
            {
                var (at, id) = (DateTimeOffset.Parse(after[0], CultureInfo.InvariantCulture), Guid.Parse(after[1]));
                query = query.Where(d => d.CreatedAt < at || (d.CreatedAt == at && d.Id.CompareTo(id) < 0));
            }

            return await query.OrderByDescending(d => d.CreatedAt).ThenByDescending(d => d.Id).Take(take).ToListAsync(call.Cancellation);
        },
        d => [d.CreatedAt.ToString("O", CultureInfo.InvariantCulture), d.Id.ToString()],
        WebhookViews.Of);
}
