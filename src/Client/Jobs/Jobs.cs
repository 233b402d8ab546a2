using System.Text.Json;

namespace Countersign.Client.Jobs;

/// <summary>Fetches jobs for an external worker and leases them.</summary>
/// <param name="Type">Job type; types that start with <c>countersign:</c> belong to the service itself.</param>
/// <param name="Worker">Name of the worker, for operators; 1 to 200 characters.</param>
/// <param name="MaxJobs">At most this many, 1 to 100.</param>
/// <param name="LeaseSeconds">How long they stay with the worker, 5 to 3,600.</param>
public sealed record ActivateJobsRequest(string Type, string Worker, int MaxJobs = 10, int LeaseSeconds = 60);

/// <summary>The jobs that were leased; empty when there are none.</summary>
public sealed record ActivatedJobs(IReadOnlyList<JobView> Items);

/// <summary>A job.</summary>
/// <param name="Attempt">The fence: results name it, a late one adds nothing.</param>
/// <param name="Retries">Attempts allowed in all.</param>
/// <param name="LeasedUntil">End of the lease (UTC), or null when not leased.</param>
/// <param name="EffectId">Stable key for the outside call: send it as <c>Idempotency-Key</c>.</param>
/// <param name="TraceParent">W3C trace context of what made the job due: continue it to keep the case in one trace; null when there was none.</param>
/// <param name="LeaseToken">Names this lease. A result that carries it is refused (<c>job.lease_lost</c>) once the lease is another worker's.</param>
public sealed record JobView(string Id, Guid InstanceId, string ProcessKey, int ProcessVersion, string ElementId, string Type, int Attempt, int Retries,
    DateTimeOffset? LeasedUntil, string EffectId, IReadOnlyDictionary<string, string> Headers, IReadOnlyDictionary<string, JsonElement> Variables, string? TraceParent = null, string? LeaseToken = null);

/// <summary>Ends a job well.</summary>
/// <param name="Attempt">Attempt that did it.</param>
/// <param name="Variables">Result variables; none when null.</param>
/// <param name="LeaseToken">Token of the lease, as fetched; null takes the result from whoever brings it first.</param>
public sealed record CompleteJobRequest(int Attempt, IReadOnlyDictionary<string, JsonElement>? Variables = null, string? LeaseToken = null);

/// <summary>Reports a failed attempt; the engine decides about the next.</summary>
/// <param name="ErrorCode">Stable code, 1 to 100 characters.</param>
/// <param name="Message">One sentence without personal data, at most 2,000 characters.</param>
/// <param name="Retryable">False ends the retries at once.</param>
/// <param name="RetryAfterSeconds">What the other side asked for, or null.</param>
/// <param name="LeaseToken">Token of the lease, as fetched; null takes the result from whoever brings it first.</param>
public sealed record FailJobRequest(int Attempt, string ErrorCode, string Message, bool Retryable = true, int? RetryAfterSeconds = null, string? LeaseToken = null);

/// <summary>Keeps a leased job longer.</summary>
/// <param name="LeaseSeconds">From now, 5 to 3,600.</param>
/// <param name="LeaseToken">Token of the lease, as fetched; null extends whoever's lease it is.</param>
public sealed record ExtendJobRequest(int Attempt, int LeaseSeconds, string? LeaseToken = null);

/// <summary>Raises a BPMN error to be caught by a boundary event.</summary>
/// <param name="ErrorCode">The error's code in the diagram.</param>
/// <param name="LeaseToken">Token of the lease, as fetched; null takes the result from whoever brings it first.</param>
public sealed record ThrowJobErrorRequest(int Attempt, string ErrorCode, string Message, IReadOnlyDictionary<string, JsonElement>? Variables = null, string? LeaseToken = null);

/// <summary>What became of an act on a job.</summary>
/// <param name="Applied">False when the attempt was no longer open: nothing was added.</param>
/// <param name="LeasedUntil">End of the lease (UTC) after an extension; null otherwise.</param>
public sealed record JobResult(string Id, Guid InstanceId, bool Applied, DateTimeOffset? LeasedUntil = null);
