using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Trail;
using Countersign.Workers.Trail;

namespace Countersign.Api.Trail;

internal sealed class GetInclusionProofEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/trail/entries/{index:long}/proof", Permission.TrailRead, Handle).Produces<InclusionProof>().WithTags("Trail")
        .WithSummary("Proof that a leaf is in the tree of a checkpoint");

    private static async Task<IResult> Handle(long index, long? size, Call call, TrailReader trail) =>
        await trail.Inclusion(call.TenantId, index, size, call.Cancellation) is { } p
            ? Answer.Ok(new InclusionProof(index, p.Size, Convert.ToBase64String(p.Leaf), Convert.ToBase64String(p.Root), [.. p.Path.Select(Convert.ToBase64String)]))
            : Problems.NotFound();
}
