using Countersign.Api.Decisions;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Jobs;
using Countersign.Workers.Jobs;

namespace Countersign.Api.Jobs;

internal sealed class ExtendJobEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/jobs/{id}/extend", Permission.JobsWork, Handle).Produces<JobResult>().WithTags("Jobs")
        .WithSummary("Keeps a leased job longer");

    private static async Task<IResult> Handle(string id, JsonBody<ExtendJobRequest> body, Call call, ExternalJobs jobs, Writes writes)
    {
        if (body.Value.LeaseSeconds is < 5 or > 3_600)
            return Problems.Invalid("/leaseSeconds", "A lease is 5 to 3,600 seconds.");
        if (DecisionReader.InstanceOf(id) is not { } instance)
            return Problems.NotFound();
        if (!JobResults.TryToken(body.Value.LeaseToken, out var token))
            return JobResults.WrongToken();
        var until = await jobs.Extend(call.TenantId, id, body.Value.Attempt, token, TimeSpan.FromSeconds(body.Value.LeaseSeconds), call.Cancellation);
        return until is null ? token is null ? Problems.NotFound() : JobResults.LeaseLost() : await writes.Keep(call, Answer.Ok(new JobResult(id, instance, true, until)));
    }
}
