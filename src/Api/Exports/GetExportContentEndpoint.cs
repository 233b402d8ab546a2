using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Projections.Exports;
using Countersign.Workers.Exports;
using Marten;

namespace Countersign.Api.Exports;

internal sealed class GetExportContentEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/exports/{id:guid}/content", Permission.ExportsRead, Handle).Produces<Stream>(StatusCodes.Status200OK, "application/zip")
        .ProducesProblem(StatusCodes.Status409Conflict).WithTags("Exports").WithSummary("The file of an export that is ready");

    private static async Task<IResult> Handle(Guid id, Call call, Lists lists, ExportFiles files)
    {
        await using var session = lists.Open(call);
        if (await session.LoadAsync<ExportRecord>(id, call.Cancellation) is not { } record)
            return Problems.NotFound();
        var path = files.PathOf(call.TenantId, id);
        if (record.Status != "ready" || !File.Exists(path))
            return Problems.Of("export.not_ready", $"The export is not ready: {record.Sentence}");
        call.Http.Response.Headers.CacheControl = "private, no-store";
        return Results.File(path, "application/zip", $"countersign-{call.TenantId}-{record.RequestedAt.UtcDateTime:yyyyMMdd-HHmmss}.zip", enableRangeProcessing: true);
    }
}
