using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Jobs;
using Countersign.Domain.Instances;

namespace Countersign.Api.Jobs;

internal sealed class FailJobEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/jobs/{id}/fail", Permission.JobsWork, Handle).ReceiptByRunner().Produces<JobResult>().WithTags("Jobs")
        .WithSummary("Reports a failed attempt; the engine decides about the next");

    private static async Task<IResult> Handle(string id, JsonBody<FailJobRequest> body, Call call, InstanceWrites writes)
    {
        var r = body.Value;
        if (JobResults.Problem(r.ErrorCode, r.Message) is { } problem)
            return problem;
        if (r.RetryAfterSeconds is < 0 or > 604_800)
            return Problems.Invalid("/retryAfterSeconds", "A pause is 0 to 604,800 seconds.");
        return await JobResults.Act(id, r.Attempt, r.LeaseToken, null, call, writes, (instance, _) => new FailJob(call.TenantId, instance, call.Actor, id, r.Attempt, r.ErrorCode, r.Message, r.Retryable,
            r.RetryAfterSeconds is { } s ? TimeSpan.FromSeconds(s) : null));
    }
}
