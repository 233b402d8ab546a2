using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Webhooks;
using Countersign.Domain.Webhooks;
using Countersign.Workers.Webhooks;
using EnableCommand = Countersign.Domain.Webhooks.EnableWebhookEndpoint;

namespace Countersign.Api.Webhooks;

internal sealed class EnableWebhookEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/webhooks/{id:guid}/enable", Permission.WebhooksManage, Handle).Produces<WebhookEndpointView>().WithTags("Webhooks")
        .WithSummary("Switches a disabled endpoint on again");

    private static Task<IResult> Handle(Guid id, Call call, Writes writes, TimeProvider clock) => writes.Change(
        call,
        WebhookStreams.Change(call.TenantId, id, call.Actor, state => WebhookDecider.Decide(state, new EnableCommand(call.Actor), clock.GetUtcNow())),
        r => Answer.Ok(WebhookViews.Of(WebhookStreams.RecordOf(r.State!, r.Version)), r.Version));
}
