using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Members;
using Countersign.Projections.Tenants;
using Marten;

namespace Countersign.Api.Members;

internal sealed class ListMembersEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/members", Permission.MembersRead, Handle).Produces<Page<MemberView>>().WithTags("Members").WithSummary("Members by id");

    private static Task<IResult> Handle(Call call, Lists lists, MemberViews views) => lists.Page(
        call,
        async (session, after, take) =>
        {
            var from = after?[0] ?? "";
            var rows = await session.Query<MemberRecord>().Where(m => m.Id.CompareTo(from) > 0).OrderBy(m => m.Id).Take(take).ToListAsync(call.Cancellation);
            return await views.Of(call.TenantId, rows, call.Cancellation);
        },
        m => [m.Id],
        m => m);
}
