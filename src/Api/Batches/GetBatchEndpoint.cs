using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Batches;
using Countersign.Projections.Batches;
using Marten;

namespace Countersign.Api.Batches;

internal sealed class GetBatchEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/batches/{id:guid}", Permission.BatchesRead, Handle).Produces<BatchView>().WithTags("Batches").WithSummary("A batch with its progress");

    private static async Task<IResult> Handle(Guid id, Call call, Lists lists, BatchProgress progress)
    {
        var open = await progress.Open(call.TenantId, call.Cancellation);
        return await lists.One(call, session => session.LoadAsync<BatchRecord>(id, call.Cancellation), b => Answer.Ok(BatchViews.Of(b, open)));
    }
}
