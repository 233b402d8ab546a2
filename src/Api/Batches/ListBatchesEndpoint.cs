using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Projections.Batches;
using Marten;

namespace Countersign.Api.Batches;

internal sealed class ListBatchesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/batches", Permission.BatchesRead, Handle).Produces<Page<BatchView>>().WithTags("Batches").WithSummary("Batches, the newest first");

    private static async Task<IResult> Handle(Call call, Lists lists, BatchProgress progress)
    {
        var open = await progress.Open(call.TenantId, call.Cancellation);
        return await lists.Page(
            call,
            async (session, after, take) =>
            {
                var below = after is null ? Guid.AllBitsSet : Guid.Parse(after[0]);
                return await session.Query<BatchRecord>().Where(b => b.Id.CompareTo(below) < 0).OrderByDescending(b => b.Id).Take(take).ToListAsync(call.Cancellation);
            },
            b => [b.Id.ToString()],
            b => BatchViews.Of(b, open));
    }
}
