namespace Countersign.Client.Jobs;

/// <summary>Jobs of external workers.</summary>
public sealed class JobsClient
{
    private readonly Transport transport;

    internal JobsClient(Transport transport) => this.transport = transport;

    /// <summary>Fetches and leases due jobs of a type.</summary>
    public async Task<IReadOnlyList<JobView>> ActivateAsync(ActivateJobsRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        (await transport.Post<ActivatedJobs>("v1/jobs/activate", request, options, cancellationToken)).Items;

    /// <summary>Fetches and leases due jobs of a type; when there are none, waits for the first.</summary>
    /// <param name="request">What to fetch.</param>
    /// <param name="wait">How long to wait, at most 30 s; whole seconds count.</param>
    /// <param name="options">Settings of this call.</param>
    /// <param name="cancellationToken">Ends the waiting; the service forgets the call.</param>
    public async Task<IReadOnlyList<JobView>> ActivateAsync(ActivateJobsRequest request, TimeSpan wait, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        (await transport.Post<ActivatedJobs>(Query.Of("v1/jobs/activate", ("wait", (int)wait.TotalSeconds)), request, options, cancellationToken)).Items;

    /// <summary>Ends a job well. A late or second result adds nothing and says so.</summary>
    public Task<JobResult> CompleteAsync(string id, CompleteJobRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Act(id, "complete", request, options, cancellationToken);

    /// <summary>Reports a failed attempt.</summary>
    public Task<JobResult> FailAsync(string id, FailJobRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Act(id, "fail", request, options, cancellationToken);

    /// <summary>Keeps a leased job longer.</summary>
    public Task<JobResult> ExtendAsync(string id, ExtendJobRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Act(id, "extend", request, options, cancellationToken);

    /// <summary>Raises a BPMN error.</summary>
    public Task<JobResult> ThrowErrorAsync(string id, ThrowJobErrorRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        Act(id, "throw", request, options, cancellationToken);

    private Task<JobResult> Act(string id, string act, object body, CallOptions? options, CancellationToken cancellationToken) =>
        transport.Post<JobResult>($"v1/jobs/{Query.Escape(id)}/{act}", body, options, cancellationToken);
}
