using System.Text.Json;

namespace Countersign.Client.Incidents;

/// <summary>Something needs an operator.</summary>
/// <param name="Code">Stable code, e.g. <c>job.retries_exhausted</c>.</param>
/// <param name="Message">What happened, one sentence.</param>
/// <param name="JobId">The job, or null.</param>
/// <param name="Suspended">Whether its instance is suspended: what is done about the incident shows once somebody lets the instance go on.</param>
public sealed record IncidentView(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string Code, string Message,
    string? JobId, DateTimeOffset RaisedAt, bool Suspended = false);

/// <summary>Tries again what raised an incident.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record RetryIncidentRequest(string Reason);

/// <summary>Goes on behind what raised an incident, as if its work were done.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
/// <param name="Variables">Results to hand on instead of those of the work; none when null.</param>
public sealed record SkipIncidentRequest(string Reason, IReadOnlyDictionary<string, JsonElement>? Variables = null);

/// <summary>Goes on at another element of the same scope instead of where an incident was raised.</summary>
/// <param name="ElementId">Where to go on.</param>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record RerouteIncidentRequest(string ElementId, string Reason);

/// <summary>What became of an act on an incident.</summary>
/// <param name="Applied">False when the incident was over already.</param>
public sealed record IncidentResult(string Id, Guid InstanceId, bool Applied);
