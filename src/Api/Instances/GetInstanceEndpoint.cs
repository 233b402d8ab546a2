using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Instances;

namespace Countersign.Api.Instances;

internal sealed class GetInstanceEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/instances/{id:guid}", Permission.InstancesRead, Handle).Produces<InstanceView>().WithTags("Instances")
        .WithSummary("An instance, with the reasons it waits and its variables");

    private static async Task<IResult> Handle(Guid id, Call call, InstanceReader reader) =>
        await reader.Find(call.TenantId, id, call.Cancellation) is { } r ? Answer.Ok(InstanceViews.Of(r.State, r.Version, r.Graph), r.Version) : Problems.NotFound();
}
