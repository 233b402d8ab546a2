using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Members;
using Countersign.Projections.Tenants;
using Marten;

namespace Countersign.Api.Members;

internal sealed class GetMemberEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/members/{id}", Permission.MembersRead, Handle).Produces<MemberView>().WithTags("Members").WithSummary("A member");

    private static Task<IResult> Handle(string id, Call call, Lists lists, MemberViews views) =>
        lists.One(call, async session => await views.Of(call.TenantId, await session.LoadAsync<MemberRecord>(id, call.Cancellation), call.Cancellation), m => Answer.Ok(m, m.Version));
}
