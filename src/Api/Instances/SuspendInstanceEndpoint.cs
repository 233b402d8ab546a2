using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;

namespace Countersign.Api.Instances;

internal sealed class SuspendInstanceEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/instances/{id:guid}/suspend", Permission.InstancesOperate, Handle).Produces<InstanceView>().TakesIfMatch().WithTags("Instances")
        .WithSummary("Stops an instance for a while: its clocks stand still, its tasks and jobs are not offered");

    private static Task<IResult> Handle(Guid id, JsonBody<SuspendInstanceRequest> body, Call call, InstanceActs acts) =>
        acts.Do(call, id, body.Value.Reason, new SuspendInstance(call.TenantId, id, call.Actor, body.Value.Reason));
}
