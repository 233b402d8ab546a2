using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Processes;
using Countersign.Domain.Processes;
using Countersign.Workers.Processes;

namespace Countersign.Api.Processes;

internal sealed class WithdrawVersionEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/processes/{key}/versions/{version:int}/withdraw", Permission.ProcessesPublish, Handle).Produces<ProcessRolloutView>().TakesIfMatch()
        .WithTags("Processes").WithSummary("Takes a candidate back; what it started goes on under it");

    private static Task<IResult> Handle(string key, int version, JsonBody<WithdrawVersionRequest> body, Call call, Writes writes, TimeProvider clock) => writes.Change(
        call,
        ProcessDoor.Withdraw(call.TenantId, key, new WithdrawVersion(version, body.Value.Reason, call.Actor), clock.GetUtcNow()),
        ProcessRollouts.Answered);
}
