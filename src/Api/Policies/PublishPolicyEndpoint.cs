using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Policies;
using Countersign.Domain.Policies;
using Countersign.Workers.Policies;

namespace Countersign.Api.Policies;

internal sealed class PublishPolicyEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/policies/{key}/versions/{version:int}/publish", Permission.PoliciesApprove, Handle).Produces<PolicyVersionView>().WithTags("Policies")
        .WithSummary("Approves a draft and puts it in force; who drafted it is refused");

    private static Task<IResult> Handle(string key, int version, JsonBody<PublishPolicyRequest> body, Call call, Writes writes, TimeProvider clock) => writes.Change(
        call,
        PolicyStreams.Change(call.TenantId, key, call.Actor, state => PolicyDecider.Decide(state, new PublishPolicy(version, body.Value.Hash, call.Actor), clock.GetUtcNow())),
        result => Answer.Ok(PolicyViews.Of(result.State!.Versions[version])));
}
