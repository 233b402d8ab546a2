using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Tenants;
using Countersign.Projections.Tenants;
using Marten;

namespace Countersign.Api.Tenants;

internal sealed class GetTenantEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/tenant", Permission.TenantRead, Handle).Produces<TenantView>().WithTags("Tenant").WithSummary("The caller's tenant");

    private static Task<IResult> Handle(Call call, Lists lists) => lists.One(
        call,
        session => session.LoadAsync<TenantRecord>(TenantRecord.Only, call.Cancellation),
        t => Answer.Ok(new TenantView(t.TenantId, t.Name, t.TimeZone, t.CreatedAt)));
}
