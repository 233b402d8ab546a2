using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Webhooks;
using Countersign.Projections.Webhooks;
using Marten;

namespace Countersign.Api.Webhooks;

internal sealed class GetWebhookEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/webhooks/{id:guid}", Permission.WebhooksManage, Handle).Produces<WebhookEndpointView>().WithTags("Webhooks")
        .WithSummary("A webhook endpoint, without its secret");

    private static Task<IResult> Handle(Guid id, Call call, Lists lists) => lists.One(
        call,
        async session => await session.LoadAsync<WebhookEndpointRecord>(id, call.Cancellation) is { Deleted: false } e
            ? new EndpointWithHealth(e, await session.LoadAsync<WebhookHealth>(id, call.Cancellation)) : null,
        e => Answer.Ok(WebhookViews.Of(e.Endpoint, e.Health?.FailingSince), e.Endpoint.Version));
}
