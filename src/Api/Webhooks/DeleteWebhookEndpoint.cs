using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Domain.Webhooks;
using Countersign.Workers.Webhooks;
using DeleteCommand = Countersign.Domain.Webhooks.DeleteWebhookEndpoint;

namespace Countersign.Api.Webhooks;

internal sealed class DeleteWebhookEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Delete("/webhooks/{id:guid}", Permission.WebhooksManage, Handle).Produces(StatusCodes.Status204NoContent).WithTags("Webhooks")
        .WithSummary("Deletes a webhook endpoint; its open deliveries end");

    private static Task<IResult> Handle(Guid id, Call call, Writes writes, TimeProvider clock) => writes.Change(
        call,
        WebhookStreams.Change(call.TenantId, id, call.Actor, state => WebhookDecider.Decide(state, new DeleteCommand(call.Actor), clock.GetUtcNow())),
        _ => Answer.NoContent);
}
