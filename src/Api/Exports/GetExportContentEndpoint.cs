using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Domain.Exports;
using Countersign.Projections.Exports;
using Countersign.Workers.Exports;
using Marten;

namespace Countersign.Api.Exports;

internal sealed class GetExportContentEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/exports/{id:guid}/content", Permission.ExportsRead, Handle).Produces<Stream>(StatusCodes.Status200OK, "application/zip")
        .WithProblems(StatusCodes.Status409Conflict).WithTags("Exports").WithSummary("The file of an export that is ready; who fetches it is recorded");

    private static async Task<IResult> Handle(Guid id, Call call, Writes writes, ExportVault vault, TimeProvider clock)
    {
        // Recorded before the first byte goes out, parts of the file too: what cannot be recorded is not given.
        ExportRecord? record = null;
        var refused = await writes.Change(
            call,
            ExportStreams.Change(call.TenantId, id, call.Actor, state => ExportDecider.Decide(state, new DownloadExport(call.Actor), clock.GetUtcNow())),
            result =>
            {
                record = ExportRecord.Of(result.State!);
                return Answer.Ok(record);
            });
        if (record is null)
            return refused;
        call.Http.Response.Headers.CacheControl = "private, no-store";
        return Results.File(vault.Open(call.TenantId, record), "application/zip", $"countersign-{call.TenantId}-{record.RequestedAt.UtcDateTime:yyyyMMdd-HHmmss}.zip", enableRangeProcessing: true);
    }
}
