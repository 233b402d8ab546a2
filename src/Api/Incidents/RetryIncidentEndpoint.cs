using Countersign.Api.Decisions;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Incidents;
using Countersign.Domain;
using Countersign.Domain.Instances;

namespace Countersign.Api.Incidents;

internal sealed class RetryIncidentEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/incidents/{id}/retry", Permission.IncidentsRetry, Handle).Produces<IncidentResult>().TakesIfMatch().WithTags("Incidents")
        .WithSummary("Tries again what raised an incident");

    private static async Task<IResult> Handle(string id, JsonBody<RetryIncidentRequest> body, Call call, InstanceWrites writes)
    {
        if (Reasons.Problem(body.Value.Reason) is { } problem)
            return problem;
        if (DecisionReader.InstanceOf(id) is not { } instance)
            return Problems.NotFound();
        return await writes.Execute(call, new RetryIncident(call.TenantId, instance, call.Actor, id, body.Value.Reason),
            r => Answer.Ok(new IncidentResult(id, instance, r.Outcome is Outcome.Facts), r.Version));
    }
}
