using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Exports;
using Countersign.Projections.Exports;
using Marten;

namespace Countersign.Api.Exports;

internal sealed class ListExportsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/exports", Permission.ExportsRead, Handle).Produces<Page<ExportView>>().WithTags("Exports").WithSummary("Exports, the newest first");

    private static async Task<IResult> Handle(Call call, Lists lists, ExportSteps steps)
    {
        var open = await steps.Of(call.TenantId, call.Cancellation);
        return await lists.Page(
            call,
            async (session, after, take) =>
            {
                var below = after is null ? Guid.AllBitsSet : Guid.Parse(after[0]);
                return await session.Query<ExportRecord>().Where(e => e.Id.CompareTo(below) < 0).OrderByDescending(e => e.Id).Take(take).ToListAsync(call.Cancellation);
            },
            e => [e.Id.ToString()],
            e => ExportViews.Of(e, open.GetValueOrDefault(e.Id)));
    }
}
