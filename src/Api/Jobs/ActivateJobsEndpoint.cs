using System.Globalization;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Jobs;
using Countersign.Workers.Jobs;

namespace Countersign.Api.Jobs;

/// <summary>
/// Fetches jobs. A repeat of the call gets the jobs that the lost answer had leased; its receipt is sealed, for variables may be personal. A call that found none did
/// nothing, so its repeat looks again. Without the receipt (a crash between lease and receipt) the jobs come back when the lease ends, and a result names its attempt.
/// </summary>
internal sealed class ActivateJobsEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/jobs/activate", Permission.JobsWork, Handle).Produces<ActivatedJobs>().WithTags("Jobs")
        .WithSummary("Fetches and leases due jobs; with ?wait=20 waits up to so many seconds, at most 30, for the first");

    private static async Task<IResult> Handle(JsonBody<ActivateJobsRequest> body, string? wait, Call call, ExternalJobs jobs, Writes writes)
    {
        var r = body.Value;
        if (Seconds(wait) is not { } patience)
            return Problems.BadParameter("wait", "send 0 to 30 seconds, such as 20 or 20s.");
        if (r.Type.Length is 0 or > 200 || r.Type.StartsWith("countersign:", StringComparison.Ordinal))
            return Problems.Invalid("/type", "A job type is 1 to 200 characters; types of the service itself are not handed out.");
        if (r.Worker.Length is 0 or > 200)
            return Problems.Invalid("/worker", "Name the worker with 1 to 200 characters.");
        if (r.MaxJobs is < 1 or > 100)
            return Problems.Invalid("/maxJobs", "Fetch 1 to 100 jobs at once.");
        if (r.LeaseSeconds is < 5 or > 3_600)
            return Problems.Invalid("/leaseSeconds", "A lease is 5 to 3,600 seconds.");
        var room = call.Http.RequestServices.GetRequiredService<WaitingRoom>();
        using var place = patience == 0 ? null : room.TryEnter(call.TenantId);
        // Without a place it looks once: whoever finds work need not wait for it.
        var found = await jobs.Activate(call.TenantId, r.Type, r.Worker, r.MaxJobs, TimeSpan.FromSeconds(r.LeaseSeconds), TimeSpan.FromSeconds(place is null ? 0 : patience), call.Cancellation);
        if (found.Length == 0 && patience > 0 && place is null)
        {
            return new ProblemAnswer(ProblemTable.Kinds["job.too_many_waiting"],
                $"{WaitingRoom.UsualPlaces.ToString(CultureInfo.InvariantCulture)} calls of your tenant wait for jobs already. Let fewer workers wait, let each fetch more jobs at once, and repeat as Retry-After says.", [])
            {
                RetryAfter = TimeSpan.FromSeconds(5),
            };
        }

        var answer = Answer.Ok(new ActivatedJobs([.. found.Select(Of)])) with { HoldsSecret = true };
        return found.Length == 0 ? answer : await writes.Keep(call, answer);
    }

    private static int? Seconds(string? wait)
    {
        if (wait is null)
            return 0;
        var number = wait.AsSpan().TrimEnd('s');
        return wait.Length - number.Length <= 1 && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 30 ? seconds : null;
    }

    private static JobView Of(ActivatedJob a) => new(a.Job.Id, a.Job.InstanceId, a.Job.ProcessKey, a.Job.ProcessVersion, a.Job.ElementId, a.Job.Type, a.Job.Attempt, a.Job.Retries,
        a.Until, a.EffectId, a.Job.Headers, a.Job.Variables, a.Job.TraceParent, a.Token.ToString("N"));
}
