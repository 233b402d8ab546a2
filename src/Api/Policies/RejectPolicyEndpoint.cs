using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Policies;
using Countersign.Domain.Policies;
using Countersign.Workers.Policies;

namespace Countersign.Api.Policies;

internal sealed class RejectPolicyEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/policies/{key}/versions/{version:int}/reject", Permission.PoliciesApprove, Handle).Produces<PolicyVersionView>().WithTags("Policies")
        .WithSummary("Turns a draft down");

    private static Task<IResult> Handle(string key, int version, JsonBody<RejectPolicyRequest> body, Call call, Writes writes, TimeProvider clock) => writes.Change(
        call,
        PolicyStreams.Change(call.TenantId, key, call.Actor, state => PolicyDecider.Decide(state, new RejectPolicyDraft(version, body.Value.Reason, call.Actor), clock.GetUtcNow())),
        result => Answer.Ok(PolicyViews.Of(result.State!.Versions[version])));
}
