using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Webhooks;
using Countersign.Domain;
using Countersign.Domain.Webhooks;
using Countersign.Workers.Webhooks;
using CreateCommand = Countersign.Domain.Webhooks.CreateWebhookEndpoint;
using WebhookEndpointCreated = Countersign.Client.Webhooks.WebhookEndpointCreated;

namespace Countersign.Api.Webhooks;

internal sealed class CreateWebhookEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/webhooks", Permission.WebhooksManage, Handle).Produces<WebhookEndpointCreated>(StatusCodes.Status201Created)
        .WithTags("Webhooks").WithSummary("Subscribes an endpoint to events; its secret is shown once");

    private static async Task<IResult> Handle(JsonBody<CreateWebhookEndpointRequest> body, Call call, Writes writes, WebhookSecrets secrets, WebhookNames names, WebhookOptions options,
        TimeProvider clock)
    {
        if (await names.Problem(body.Value.Url, call.Cancellation) is { } problem)
            return Problems.Of(new Refusal(RefusalKind.Invalid, "webhook.url_refused", problem));
        var now = clock.GetUtcNow();
        var (id, secret) = (Guid.CreateVersion7(now), WebhookSecrets.Draw());
        var command = new CreateCommand(id, body.Value.Url, [.. body.Value.EventTypes], body.Value.Description, secrets.Seal(secret, call.TenantId, id), call.Actor, options.AllowLoopback);
        return await writes.Change(
            call,
            WebhookStreams.Change(call.TenantId, id, call.Actor, state => WebhookDecider.Decide(state, command, now)),
            r => Answer.Created($"/v1/webhooks/{id}", new WebhookEndpointCreated(WebhookViews.Of(WebhookStreams.RecordOf(r.State!, r.Version)), secret), r.Version) with { HoldsSecret = true });
    }
}
