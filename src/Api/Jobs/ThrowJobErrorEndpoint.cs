using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Jobs;
using Countersign.Domain.Instances;

namespace Countersign.Api.Jobs;

internal sealed class ThrowJobErrorEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/jobs/{id}/throw", Permission.JobsWork, Handle).ReceiptByRunner().Produces<JobResult>().WithTags("Jobs").WithSummary("Raises a BPMN error");

    private static async Task<IResult> Handle(string id, JsonBody<ThrowJobErrorRequest> body, Call call, InstanceWrites writes)
    {
        var r = body.Value;
        if (JobResults.Problem(r.ErrorCode, r.Message) is { } problem)
            return problem;
        return await JobResults.Act(id, r.Attempt, r.LeaseToken, r.Variables, call, writes,
            (instance, variables) => new ThrowJobError(call.TenantId, instance, call.Actor, id, r.Attempt, r.ErrorCode, r.Message, variables));
    }
}
