using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;

namespace Countersign.Api.Instances;

internal sealed class CancelInstanceEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/instances/{id:guid}/cancel", Permission.InstancesCancel, Handle).Produces<InstanceView>().TakesIfMatch().WithTags("Instances")
        .WithSummary("Cancels an instance with everything open in it");

    private static async Task<IResult> Handle(Guid id, JsonBody<CancelInstanceRequest> body, Call call, InstanceWrites writes)
    {
        if (Reasons.Problem(body.Value.Reason) is { } problem)
            return problem;
        return await writes.Execute(call, new CancelInstance(call.TenantId, id, call.Actor, body.Value.Reason), r => Answer.Ok(InstanceViews.Of(r.State!, r.Version, null), r.Version));
    }
}
