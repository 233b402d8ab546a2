using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Billing.Plans;
using Countersign.Client.Usage;
using Countersign.Domain.Plans;
using Countersign.Workers.Plans;

namespace Countersign.Api.Plans;

internal sealed class ChoosePlanEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/plan/choose", Permission.PlansManage, Handle).Produces<PlanView>().WithTags("Usage")
        .WithSummary("Chooses a plan; it holds from now on");

    private static Task<IResult> Handle(JsonBody<ChoosePlanRequest> body, Call call, Writes writes, PlanCatalog plans, TimeProvider clock)
    {
        var command = new ChoosePlan(body.Value.Plan, body.Value.Reason, call.Actor);
        string[] offered = [.. plans.All.Select(p => p.Key)];
        return writes.Change(
            call,
            PlanStreams.Change(call.TenantId, call.Actor, state => PlanDecider.Decide(state ?? new PlanState(plans.Default.Key, DateTimeOffset.UnixEpoch), command, offered, clock.GetUtcNow())),
            _ => Answer.Ok(PlanViews.Of(plans.Of(command.Plan), plans.Of(command.Plan))));
    }
}
