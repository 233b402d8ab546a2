using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Exports;
using Countersign.Domain.Exports;
using Countersign.Projections.Exports;
using Countersign.Workers.Exports;

namespace Countersign.Api.Exports;

internal sealed class CreateExportEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/exports", Permission.ExportsCreate, Handle).Produces<ExportView>(StatusCodes.Status201Created).WithTags("Exports")
        .WithSummary("Asks for an export of everything recorded in a period");

    private static async Task<IResult> Handle(JsonBody<CreateExportRequest> body, Call call, Writes writes, ExportRunner runner, TimeProvider clock)
    {
        var r = body.Value;
        if (r.Process is not null && !KeyText.TryParse(r.Process, null, out _))
            return Problems.Invalid("/process", "This is not a process key.");
        var now = clock.GetUtcNow();
        var command = new RequestExport(Guid.CreateVersion7(now), r.From.ToUniversalTime(), r.Before.ToUniversalTime(), r.Purpose, r.Process, r.Instance,
            await runner.Open(call.TenantId, call.Cancellation), call.Actor);
        var answer = await writes.Change(
            call,
            ExportStreams.Change(call.TenantId, command.ExportId, call.Actor, state => ExportDecider.Decide(state, command, now)),
            result => Answer.Created($"/v1/exports/{command.ExportId}", ExportViews.Of(ExportRecord.Of(result.State!), null)));
        runner.Wake();
        return answer;
    }
}
