using Countersign.Api.Http;
using Countersign.Domain;
using Countersign.Projections.Instances;
using Countersign.Projections.Webhooks;
using Countersign.Workers.Streams;
using Countersign.Workers.Webhooks;
using JasperFx;
using Marten;

namespace Countersign.Api.Webhooks;

/// <summary>What the two replays share.</summary>
internal static class Replays
{
    /// <summary>Nothing is sent to an endpoint that is off: the caller is told so instead of seeing the replay fail.</summary>
    public static ProblemAnswer EndpointOff => Problems.Of(new Refusal(RefusalKind.Conflict, "webhook.endpoint_off", "The endpoint is switched off or deleted. Switch it on, then send again."));

    // A delivery that is being sent keeps its lease: it is sent again afterwards, not at the same time.
    public static WebhookDelivery Again(WebhookDelivery d, DateTimeOffset now) =>
        d with { Status = "pending", DueAt = now, DeliveredAt = null, Attempts = 0, Replays = d.Replays + 1 };

    /// <summary>Rows and receipt in one transaction; then the sender is woken.</summary>
    public static async Task<IResult> Commit(IDocumentSession session, Call call, IdempotencyStore receipts, WebhookWake wake, Answer answer, TimeProvider clock)
    {
        var scope = call.Idempotency;
        session.Insert(new CommandReceipt(CommandReceipt.IdOf(scope.CredentialId, scope.Key), scope.BodyHash, receipts.Store(answer), Guid.Empty, clock.GetUtcNow()));
        try
        {
            await session.SaveChangesAsync(call.Cancellation);
        }
        catch (DocumentAlreadyExistsException)
        {
            throw new ReceiptRaceException();
        }

        wake.Now();
        return answer;
    }
}
