using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;

namespace Countersign.Api.Instances;

internal sealed class ContinueInstanceEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/instances/{id:guid}/continue", Permission.InstancesOperate, Handle).Produces<InstanceView>().TakesIfMatch().WithTags("Instances")
        .WithSummary("Lets an instance go on in a successor, which takes over everything that is open; the answer names it");

    private static Task<IResult> Handle(Guid id, JsonBody<ContinueInstanceRequest> body, Call call, InstanceActs acts) =>
        acts.Do(call, id, body.Value.Reason, new ContinueInstance(call.TenantId, id, call.Actor, body.Value.Reason));
}
