using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Exports;
using Countersign.Projections.Exports;
using Countersign.Projections.Instances;
using Countersign.Workers.Exports;
using Countersign.Workers.Streams;
using JasperFx;
using Marten;

namespace Countersign.Api.Exports;

internal sealed class CreateExportEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/exports", Permission.ExportsCreate, Handle).Produces<ExportView>(StatusCodes.Status201Created).WithTags("Exports")
        .WithSummary("Asks for an export of everything recorded in a period");

    private static async Task<IResult> Handle(JsonBody<CreateExportRequest> body, Call call, IDocumentStore store, IdempotencyStore receipts, ExportRunner runner, TimeProvider clock)
    {
        var r = body.Value;
        if (r.From >= r.Before)
            return Problems.Invalid("/before", "The period ends before it begins.");
        if (string.IsNullOrWhiteSpace(r.Purpose) || r.Purpose.Length > 500)
            return Problems.Invalid("/purpose", "Say in 1 to 500 characters why the export is made; it is printed in it.");
        if (r.Process is not null && !KeyText.TryParse(r.Process, null, out _))
            return Problems.Invalid("/process", "This is not a process key.");
        var now = clock.GetUtcNow();
        var record = new ExportRecord(Guid.CreateVersion7(now), "queued", 0, "Waits for its turn.", r.From.ToUniversalTime(), r.Before.ToUniversalTime(), r.Purpose, r.Process, r.Instance,
            call.Caller.Id, now, null, null);
        var answer = Answer.Created($"/v1/exports/{record.Id}", ExportViews.Of(record));
        var scope = call.Idempotency;
        await using var session = store.LightweightSession(call.TenantId);
        session.LastModifiedBy = call.Caller.Id;
        session.Insert(record);
        session.Insert(new CommandReceipt(CommandReceipt.IdOf(scope.CredentialId, scope.Key), scope.BodyHash, receipts.Store(answer), Guid.Empty, now));
        try
        {
            await session.SaveChangesAsync(call.Cancellation);
        }
        catch (DocumentAlreadyExistsException)
        {
            throw new ReceiptRaceException();
        }

        return runner.TryQueue(call.TenantId, record.Id) ? answer : Problems.OfStatus(StatusCodes.Status503ServiceUnavailable);
    }
}
