using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.ReferenceTables;
using Countersign.Projections.ReferenceTables;
using Marten;

namespace Countersign.Api.ReferenceTables;

internal sealed class GetReferenceTableEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/reference-tables/{name}", Permission.TablesRead, Handle).Produces<ReferenceTableView>().WithTags("Reference tables")
        .WithSummary("A table with its newest version");

    private static Task<IResult> Handle(string name, Call call, Lists lists) =>
        lists.One(call, session => session.LoadAsync<ReferenceTableRecord>(name, call.Cancellation), t => Answer.Ok(ReferenceTableViews.Of(t), t.Version));
}
