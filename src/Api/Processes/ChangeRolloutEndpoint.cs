using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Processes;
using Countersign.Domain.Processes;
using Countersign.Workers.Processes;

namespace Countersign.Api.Processes;

internal sealed class ChangeRolloutEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/processes/{key}/versions/{version:int}/rollout", Permission.ProcessesPublish, Handle).Produces<ProcessRolloutView>().TakesIfMatch()
        .WithTags("Processes").WithSummary("Gives a candidate another share of the starts, or other groups");

    private static Task<IResult> Handle(string key, int version, JsonBody<RolloutRequest> body, Call call, Writes writes, TimeProvider clock) => writes.Change(
        call,
        ProcessDoor.ChangeRollout(call.TenantId, key, new ChangeRollout(version, ProcessViews.TargetOf(body.Value)!, body.Value.Reason, call.Actor), clock.GetUtcNow()),
        ProcessRollouts.Answered);
}
