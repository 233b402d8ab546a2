using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Domain.Webhooks;
using Countersign.Workers.Webhooks;
using WebhookEndpointCreated = Countersign.Client.Webhooks.WebhookEndpointCreated;

namespace Countersign.Api.Webhooks;

internal sealed class RotateWebhookSecretEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/webhooks/{id:guid}/rotate-secret", Permission.WebhooksManage, Handle).Produces<WebhookEndpointCreated>().WithTags("Webhooks")
        .WithSummary("Makes a new secret; the one before also signs for 24 hours");

    private static Task<IResult> Handle(Guid id, Call call, Writes writes, WebhookSecrets secrets, TimeProvider clock)
    {
        var secret = WebhookSecrets.Draw();
        var command = new RotateWebhookSecret(secrets.Seal(secret, call.TenantId, id), call.Actor);
        return writes.Change(
            call,
            WebhookStreams.Change(call.TenantId, id, call.Actor, state => WebhookDecider.Decide(state, command, clock.GetUtcNow())),
            r => Answer.Ok(new WebhookEndpointCreated(WebhookViews.Of(WebhookStreams.RecordOf(r.State!, r.Version)), secret), r.Version) with { HoldsSecret = true });
    }
}
