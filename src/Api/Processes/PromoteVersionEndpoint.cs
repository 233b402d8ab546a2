using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Processes;
using Countersign.Domain.Processes;
using Countersign.Projections.Processes;
using Countersign.Workers.Instances;
using Countersign.Workers.Processes;

namespace Countersign.Api.Processes;

internal sealed class PromoteVersionEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/processes/{key}/versions/{version:int}/promote", Permission.ProcessesPublish, Handle).Produces<ProcessRolloutView>().TakesIfMatch()
        .WithTags("Processes").WithSummary("Puts a candidate in force for all");

    private static async Task<IResult> Handle(string key, int version, JsonBody<PromoteVersionRequest> body, Call call, Writes writes, IProcessCatalog processes, TimeProvider clock)
    {
        if (await processes.Find(call.TenantId, ProcessVersion.IdOf(key, version), call.Cancellation) is not { } graph)
            return Problems.NotFound();
        var now = clock.GetUtcNow();
        // Timers are counted from when they begin to count.
        var timers = TimerStarts.Of(graph, now, out var wrong);
        if (!wrong.IsEmpty)
            return PublishProcessEndpoint.Invalid(wrong);
        return await writes.Change(call, ProcessDoor.Promote(call.TenantId, key, new PromoteVersion(version, body.Value.Reason, call.Actor), timers, now), ProcessRollouts.Answered);
    }
}
