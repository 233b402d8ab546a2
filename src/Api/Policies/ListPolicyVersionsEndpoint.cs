using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client;
using Countersign.Client.Policies;
using Countersign.Projections.Policies;
using Marten;

namespace Countersign.Api.Policies;

internal sealed class ListPolicyVersionsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/policies/{key}/versions", Permission.PoliciesRead, Handle).Produces<Page<PolicyVersionView>>().WithTags("Policies")
        .WithSummary("Versions of a policy, the newest first");

    private static async Task<IResult> Handle(string key, Call call, Lists lists)
    {
        await using (var session = lists.Open(call))
        {
            if (await session.LoadAsync<PolicyRecord>(key, call.Cancellation) is null)
                return Problems.NotFound();
        }

        return await lists.Page(
            call,
            async (session, after, take) =>
            {
                var below = after is null ? int.MaxValue : int.Parse(after[0], CultureInfo.InvariantCulture);
                return await session.Query<PolicyVersionRecord>().Where(v => v.Key == key && v.Number < below).OrderByDescending(v => v.Number).Take(take).ToListAsync(call.Cancellation);
            },
            v => [v.Number.ToString(CultureInfo.InvariantCulture)],
            PolicyViews.Of);
    }
}
