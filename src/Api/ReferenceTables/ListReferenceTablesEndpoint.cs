using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.ReferenceTables;
using Countersign.Projections.ReferenceTables;
using Marten;

namespace Countersign.Api.ReferenceTables;

internal sealed class ListReferenceTablesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/reference-tables", Permission.TablesRead, Handle).Produces<Page<ReferenceTableView>>().WithTags("Reference tables")
        .WithSummary("Reference tables by name");

    private static Task<IResult> Handle(Call call, Lists lists) => lists.Page(
        call,
        async (session, after, take) =>
        {
            var from = after?[0] ?? "";
            return await session.Query<ReferenceTableRecord>().Where(t => t.Id.CompareTo(from) > 0).OrderBy(t => t.Id).Take(take).ToListAsync(call.Cancellation);
        },
        t => [t.Id],
        ReferenceTableViews.Of);
}
