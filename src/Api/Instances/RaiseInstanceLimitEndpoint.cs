using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;

namespace Countersign.Api.Instances;

internal sealed class RaiseInstanceLimitEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/instances/{id:guid}/raise-limit", Permission.InstancesOperate, Handle).Produces<InstanceView>().TakesIfMatch().WithTags("Instances")
        .WithSummary("Lets an instance have more facts than the service allows by itself; an incident about the limit is retried on its own");

    private static Task<IResult> Handle(Guid id, JsonBody<RaiseInstanceLimitRequest> body, Call call, InstanceActs acts) =>
        acts.Do(call, id, body.Value.Reason, new RaiseInstanceLimit(call.TenantId, id, call.Actor, body.Value.Limit, body.Value.Reason));
}
