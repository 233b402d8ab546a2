namespace Countersign.Client.Incidents;

/// <summary>Something needs an operator.</summary>
/// <param name="Code">Stable code, e.g. <c>job.retries_exhausted</c>.</param>
/// <param name="Message">What happened, one sentence.</param>
/// <param name="JobId">The job, or null.</param>
public sealed record IncidentView(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string Code, string Message,
    string? JobId, DateTimeOffset RaisedAt);

/// <summary>Tries again what raised an incident.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record RetryIncidentRequest(string Reason);

/// <summary>What became of the retry.</summary>
/// <param name="Applied">False when the incident was over already.</param>
public sealed record IncidentResult(string Id, Guid InstanceId, bool Applied);
