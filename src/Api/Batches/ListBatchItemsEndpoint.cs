using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Batches;
using Countersign.Projections.Batches;
using Marten;

namespace Countersign.Api.Batches;

internal sealed class ListBatchItemsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/batches/{id:guid}/items", Permission.BatchesRead, Handle).Produces<Page<BatchItem>>().WithTags("Batches")
        .WithSummary("How each part of a batch went, in their order; kept for 90 days after its end");

    private static async Task<IResult> Handle(Guid id, Wire<BatchOutcome>? outcome, Call call, Lists lists, BatchProgress progress)
    {
        await using (var session = lists.Open(call))
        {
            if (await session.LoadAsync<BatchRecord>(id, call.Cancellation) is null)
                return Problems.NotFound();
        }

        var word = outcome is { } one ? ClientJson.NameOf(one.Value) : null;
        return await lists.Page(
            call,
            (_, after, take) => progress.Items(call.TenantId, id, word, after is null ? 0 : int.Parse(after[0], CultureInfo.InvariantCulture), take, call.Cancellation),
            i => [i.Number.ToString(CultureInfo.InvariantCulture)],
            BatchViews.Of);
    }
}
