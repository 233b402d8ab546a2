using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Webhooks;
using Countersign.Projections.Webhooks;
using Marten;

namespace Countersign.Api.Webhooks;

internal sealed class ListWebhooksEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/webhooks", Permission.WebhooksManage, Handle).Produces<Page<WebhookEndpointView>>().WithTags("Webhooks")
        .WithSummary("Webhook endpoints, the newest first");

    private static Task<IResult> Handle(Call call, Lists lists) => lists.Page(
        call,
        async (session, after, take) =>
        {
            var below = after is null ? Guid.AllBitsSet : Guid.Parse(after[0]);
            var endpoints = await session.Query<WebhookEndpointRecord>().Where(e => !e.Deleted && e.Id.CompareTo(below) < 0).OrderByDescending(e => e.Id).Take(take).ToListAsync(call.Cancellation);
            var healths = (await session.LoadManyAsync<WebhookHealth>(call.Cancellation, endpoints.Select(e => e.Id))).ToDictionary(h => h.Id);
            return (IReadOnlyList<EndpointWithHealth>)[.. endpoints.Select(e => new EndpointWithHealth(e, healths.GetValueOrDefault(e.Id)))];
        },
        e => [e.Endpoint.Id.ToString()],
        e => WebhookViews.Of(e.Endpoint, e.Health?.FailingSince));
}
