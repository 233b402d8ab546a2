using Countersign.Api.Http;
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
    public static WebhookDelivery Again(WebhookDelivery d, DateTimeOffset now) =>
        d with { Status = "pending", DueAt = now, LeasedUntil = null, DeliveredAt = null, Attempts = 0, Replays = d.Replays + 1 };

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
