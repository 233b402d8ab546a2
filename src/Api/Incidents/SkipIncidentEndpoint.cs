using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Api.Decisions;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Api.Instances;
using Countersign.Client.Incidents;
using Countersign.Domain;
using Countersign.Domain.Instances;

namespace Countersign.Api.Incidents;

internal sealed class SkipIncidentEndpoint : IEndpoint
{
    private const long MaxBytes = (2 * 1024 * 1024) + (16 * 1024);

    public static void Map(RouteTable routes) => routes.Post("/incidents/{id}/skip", Permission.IncidentsResolve, Handle).Produces<IncidentResult>().TakesIfMatch()
        .WithMetadata(new BodyLimit(MaxBytes)).WithTags("Incidents").WithSummary("Goes on behind what raised an incident, as if its work were done");

    private static async Task<IResult> Handle(string id, JsonBody<SkipIncidentRequest> body, Call call, InstanceWrites writes)
    {
        var r = body.Value;
        if ((Reasons.Problem(r.Reason) ?? (r.Variables is { Count: > 0 } v ? SetVariablesEndpoint.Problem(v.Keys) : null)) is { } problem)
            return problem;
        if (DecisionReader.InstanceOf(id) is not { } instance)
            return Problems.NotFound();
        var command = new SkipIncident(call.TenantId, instance, call.Actor, id, r.Variables?.ToImmutableDictionary(StringComparer.Ordinal) ?? ImmutableDictionary<string, JsonElement>.Empty, r.Reason);
        return await writes.Execute(call, command, x => Answer.Ok(new IncidentResult(id, instance, x.Outcome is Outcome.Facts), x.Version));
    }
}
