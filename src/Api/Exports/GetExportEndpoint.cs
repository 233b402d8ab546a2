using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Exports;
using Countersign.Projections.Exports;
using Marten;

namespace Countersign.Api.Exports;

internal sealed class GetExportEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/exports/{id:guid}", Permission.ExportsRead, Handle).Produces<ExportView>().WithTags("Exports").WithSummary("An export with its progress");

    private static async Task<IResult> Handle(Guid id, Call call, Lists lists, ExportSteps steps)
    {
        var open = await steps.Of(call.TenantId, call.Cancellation);
        return await lists.One(call, session => session.LoadAsync<ExportRecord>(id, call.Cancellation), e => Answer.Ok(ExportViews.Of(e, open.GetValueOrDefault(e.Id))));
    }
}
