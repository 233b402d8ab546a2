using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Policies;
using Countersign.Domain.Policies;
using Countersign.Projections.Policies;
using Marten;

namespace Countersign.Api.Policies;

internal sealed class GetPolicyVersionEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/policies/{key}/versions/{version:int}", Permission.PoliciesRead, Handle).Produces<PolicyVersionView>().WithTags("Policies")
        .WithSummary("A version of a policy");

    private static Task<IResult> Handle(string key, int version, Call call, Lists lists) => lists.One(
        call,
        session => session.LoadAsync<PolicyVersionRecord>(PolicyVersionRecord.IdOf(key, version), call.Cancellation),
        v => Answer.Ok(PolicyViews.Of(v, PolicyCompiler.Compile(v.Document, v.Gate, v.Key, v.Number))));
}
