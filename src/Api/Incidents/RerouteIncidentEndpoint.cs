using Countersign.Api.Decisions;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Incidents;
using Countersign.Domain;
using Countersign.Domain.Instances;

namespace Countersign.Api.Incidents;

internal sealed class RerouteIncidentEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/incidents/{id}/reroute", Permission.IncidentsResolve, Handle).Produces<IncidentResult>().TakesIfMatch().WithTags("Incidents")
        .WithSummary("Goes on at another element of the same scope instead of where an incident was raised");

    private static async Task<IResult> Handle(string id, JsonBody<RerouteIncidentRequest> body, Call call, InstanceWrites writes)
    {
        var r = body.Value;
        if (Reasons.Problem(r.Reason) is { } problem)
            return problem;
        if (DecisionReader.InstanceOf(id) is not { } instance)
            return Problems.NotFound();
        return await writes.Execute(call, new RerouteIncident(call.TenantId, instance, call.Actor, id, r.ElementId, r.Reason),
            x => Answer.Ok(new IncidentResult(id, instance, x.Outcome is Outcome.Facts), x.Version));
    }
}
