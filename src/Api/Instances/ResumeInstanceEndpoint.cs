using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;

namespace Countersign.Api.Instances;

internal sealed class ResumeInstanceEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/instances/{id:guid}/resume", Permission.InstancesOperate, Handle).Produces<InstanceView>().TakesIfMatch().WithTags("Instances")
        .WithSummary("Lets a suspended instance go on, its clocks moved by the time it stood still");

    private static Task<IResult> Handle(Guid id, JsonBody<ResumeInstanceRequest> body, Call call, InstanceActs acts) =>
        acts.Do(call, id, body.Value.Reason, new ResumeInstance(call.TenantId, id, call.Actor, body.Value.Reason));
}
