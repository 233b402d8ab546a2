using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Policies;
using Countersign.Projections.Policies;
using Marten;

namespace Countersign.Api.Policies;

internal sealed class ListPoliciesEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/policies", Permission.PoliciesRead, Handle).Produces<Page<PolicyListItem>>().WithTags("Policies").WithSummary("Policies by key");

    private static Task<IResult> Handle(Call call, Lists lists) => lists.Page(
        call,
        async (session, after, take) =>
        {
            var from = after?[0] ?? "";
            return await session.Query<PolicyRecord>().Where(p => p.Id.CompareTo(from) > 0).OrderBy(p => p.Id).Take(take).ToListAsync(call.Cancellation);
        },
        p => [p.Id],
        PolicyViews.Of);
}
