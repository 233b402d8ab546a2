using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Batches;
using Countersign.Domain.Batches;
using Countersign.Projections.Batches;
using Countersign.Workers.Batches;

namespace Countersign.Api.Batches;

internal sealed class CancelBatchEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/batches/{id:guid}/cancel", Permission.BatchesRun, Handle).Produces<BatchView>().WithTags("Batches")
        .WithSummary("Ends a batch early: what is under way is finished, the rest is left as it is");

    private static async Task<IResult> Handle(Guid id, JsonBody<CancelBatchRequest> body, Call call, Writes writes, BatchSteps steps)
    {
        if (Reasons.Problem(body.Value.Reason) is { } problem)
            return problem;
        var command = new CancelBatch(body.Value.Reason, call.Actor);
        var open = await steps.Progress.Open(call.TenantId, call.Cancellation);
        var answer = await writes.Change(call, BatchStreams.Change(call.TenantId, id, call.Actor, s => BatchDecider.Decide(s, command, steps.Now)),
            result => Answer.Ok(BatchViews.Of(BatchRecord.Of(result.State!), open)));
        steps.Runner.Wake();
        return answer;
    }
}
