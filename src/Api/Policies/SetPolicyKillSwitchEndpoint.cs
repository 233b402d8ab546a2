using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Policies;
using Countersign.Domain.Policies;
using Countersign.Workers.Policies;

namespace Countersign.Api.Policies;

internal sealed class SetPolicyKillSwitchEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/policies/{key}/kill-switch", Permission.PoliciesKill, Handle).Produces<PolicyListItem>().WithTags("Policies")
        .WithSummary("Sets or releases the kill switch: while set, every question goes to a person");

    private static Task<IResult> Handle(string key, JsonBody<PolicyKillSwitchRequest> body, Call call, Writes writes, TimeProvider clock) => writes.Change(
        call,
        PolicyStreams.Change(call.TenantId, key, call.Actor, state => PolicyDecider.Decide(state, new SetPolicyKillSwitch(body.Value.On, body.Value.Reason, call.Actor), clock.GetUtcNow())),
        result => Answer.Ok(PolicyViews.Of(PolicyStreams.RecordOf(result.State!, result.Version))));
}
