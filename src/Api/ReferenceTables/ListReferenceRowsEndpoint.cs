using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.ReferenceTables;
using Countersign.Projections.ReferenceTables;
using Marten;

namespace Countersign.Api.ReferenceTables;

internal sealed class ListReferenceRowsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/reference-tables/{name}/rows", Permission.TablesRead, Handle).Produces<Page<ReferenceTableRow>>()
        .WithTags("Reference tables").WithSummary("Rows of the newest version, in published order");

    private static async Task<IResult> Handle(string name, Call call, Lists lists)
    {
        await using var session = lists.Open(call);
        if (await session.LoadAsync<ReferenceTableRecord>(name, call.Cancellation) is not { } table)
            return Problems.NotFound();
        return await lists.Page(
            call,
            async (s, after, take) =>
            {
                var from = after is null ? -1 : int.Parse(after[0], CultureInfo.InvariantCulture);
                return await s.Query<ReferenceRow>().Where(r => r.Table == name && r.Position > from).OrderBy(r => r.Position).Take(take).ToListAsync(call.Cancellation);
            },
            r => [r.Position.ToString(CultureInfo.InvariantCulture)],
            r => new ReferenceTableRow(table.Columns.Zip(r.Cells).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal)));
    }
}
