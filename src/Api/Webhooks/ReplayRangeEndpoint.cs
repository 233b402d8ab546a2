using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Webhooks;
using Countersign.Projections.Webhooks;
using Countersign.Workers.Webhooks;
using Marten;

namespace Countersign.Api.Webhooks;

internal sealed class ReplayRangeEndpoint : IEndpoint
{
    private const int Most = 10_000;

    public static void Map(RouteTable routes) => routes.Post("/webhooks/{id:guid}/replay", Permission.WebhooksManage, Handle).Produces<ReplayResult>().WithTags("Webhooks")
        .WithSummary("Sends the deliveries of a period to an endpoint again");

    private static async Task<IResult> Handle(Guid id, JsonBody<ReplayDeliveriesRequest> body, Call call, IDocumentStore store, IdempotencyStore receipts, WebhookWake wake, TimeProvider clock)
    {
        var (from, before) = (body.Value.From.ToUniversalTime(), body.Value.Before.ToUniversalTime());
        if (from >= before)
            return Problems.Invalid("/before", "The period ends before it begins.");
        await using var session = store.LightweightSession(call.TenantId);
        if (await session.LoadAsync<WebhookEndpointRecord>(id, call.Cancellation) is not { Deleted: false } endpoint)
            return Problems.NotFound();
        if (endpoint.DisabledCause is not null)
            return Replays.EndpointOff;
        var query = session.Query<WebhookDelivery>().Where(d => d.EndpointId == id && d.CreatedAt >= from && d.CreatedAt < before);
        query = body.Value.OnlyFailed ? query.Where(d => d.Status == "failed") : query.Where(d => d.Status != "pending");
        var found = await query.Take(Most + 1).ToListAsync(call.Cancellation);
        if (found.Count > Most)
            return Problems.Invalid("/before", "The period holds more than 10,000 deliveries. Choose a shorter one.");
        var now = clock.GetUtcNow();
        session.Store(found.Select(d => Replays.Again(d, now)).ToArray());
        return await Replays.Commit(session, call, receipts, wake, Answer.Ok(new ReplayResult(found.Count)), clock);
    }
}
