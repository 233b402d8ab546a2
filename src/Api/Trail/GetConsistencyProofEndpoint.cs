using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Trail;
using Countersign.Workers.Trail;

namespace Countersign.Api.Trail;

internal sealed class GetConsistencyProofEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/trail/consistency", Permission.TrailRead, Handle).Produces<ConsistencyProof>().WithTags("Trail")
        .WithSummary("Proof that one tree is a prefix of another");

    private static async Task<IResult> Handle(long? first, long? second, Call call, TrailReader trail)
    {
        if (first is not { } one || second is not { } two)
            return Problems.BadParameter("first", "send the sizes 'first' and 'second'.");
        return await trail.Consistency(call.TenantId, one, two, call.Cancellation) is { } path
            ? Answer.Ok(new ConsistencyProof(one, two, [.. path.Select(Convert.ToBase64String)]))
            : Problems.NotFound();
    }
}
