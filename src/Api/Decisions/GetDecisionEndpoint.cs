using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Decisions;

namespace Countersign.Api.Decisions;

internal sealed class GetDecisionEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/decisions/{id}", Permission.DecisionsRead, Handle).Produces<DecisionView>().WithTags("Decisions")
        .WithSummary("A decision record with its reviews");

    private static async Task<IResult> Handle(string id, Call call, InstanceReader instances, DecisionReader decisions)
    {
        if (DecisionReader.InstanceOf(id) is not { } instance || await instances.Find(call.TenantId, instance, call.Cancellation) is not { } reading)
            return Problems.NotFound();
        return await decisions.Find(call.TenantId, reading, id, call.Cancellation) is { } view ? Answer.Ok(view) : Problems.NotFound();
    }
}
