using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Webhooks;
using Countersign.Projections.Webhooks;
using Countersign.Workers.Webhooks;
using Marten;

namespace Countersign.Api.Webhooks;

/// <summary>Sends a delivery again under the same message id: a repeat of the call, or of the message, is harmless to a receiver that dedupes.</summary>
internal sealed class ReplayDeliveryEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/webhook-deliveries/{id:guid}/replay", Permission.WebhooksManage, Handle).Produces<DeliveryView>().WithTags("Webhooks")
        .WithSummary("Sends a delivery again, with the same message id");

    private static async Task<IResult> Handle(Guid id, Call call, IDocumentStore store, IdempotencyStore receipts, WebhookWake wake, TimeProvider clock)
    {
        await using var session = store.LightweightSession(call.TenantId);
        if (await session.LoadAsync<WebhookDelivery>(id, call.Cancellation) is not { } delivery)
            return Problems.NotFound();
        if (await session.LoadAsync<WebhookEndpointRecord>(delivery.EndpointId, call.Cancellation) is not { Deleted: false, DisabledCause: null })
            return Replays.EndpointOff;
        var again = Replays.Again(delivery, clock.GetUtcNow());
        session.Store(again);
        return await Replays.Commit(session, call, receipts, wake, Answer.Ok(WebhookViews.Of(again)), clock);
    }
}
