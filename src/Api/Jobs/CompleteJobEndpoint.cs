using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Jobs;
using Countersign.Domain.Instances;

namespace Countersign.Api.Jobs;

internal sealed class CompleteJobEndpoint : IEndpoint
{
    private const long MaxBytes = 2 * 1024 * 1024 + 16 * 1024;

    public static void Map(RouteTable routes) => routes.Post("/jobs/{id}/complete", Permission.JobsWork, Handle).ReceiptByRunner().Produces<JobResult>().WithMetadata(new BodyLimit(MaxBytes))
        .WithTags("Jobs").WithSummary("Ends a job well; a late or second result adds nothing");

    private static Task<IResult> Handle(string id, JsonBody<CompleteJobRequest> body, Call call, InstanceWrites writes) => JobResults.Act(id, body.Value.Attempt, body.Value.LeaseToken, body.Value.Variables, call, writes,
        (instance, variables) => new CompleteJob(call.TenantId, instance, call.Actor, id, body.Value.Attempt, variables));
}
