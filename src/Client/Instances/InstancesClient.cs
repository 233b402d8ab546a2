namespace Countersign.Client.Instances;

/// <summary>Process instances.</summary>
public sealed class InstancesClient
{
    private readonly Transport transport;

    internal InstancesClient(Transport transport) => this.transport = transport;

    /// <summary>Starts an instance. With <paramref name="wait"/> the answer is given when the instance ends or the time is over, whichever comes first.</summary>
    /// <param name="request">What to start.</param>
    /// <param name="wait">How long to wait for the end, at most 60 s; null answers at once.</param>
    /// <param name="options">Settings of this call; the same key gives the same instance.</param>
    /// <param name="cancellationToken">Ends the call; the service may have acted all the same.</param>
    public Task<InstanceView> StartAsync(StartInstanceRequest request, TimeSpan? wait = null, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<InstanceView>(Query.Of("v1/instances", ("wait", wait is { } w ? $"{(long)w.TotalMilliseconds}ms" : null)), request, options, cancellationToken);

    /// <summary>Instances, the newest first.</summary>
    public IAsyncEnumerable<InstanceListItem> ListAsync(InstanceFilter? filter = null, CancellationToken cancellationToken = default) =>
        transport.Pages<InstanceListItem>(Path(filter), cancellationToken);

    /// <summary>One page of instances, the newest first.</summary>
    public Task<Page<InstanceListItem>> ListPageAsync(InstanceFilter? filter = null, int limit = 50, string? cursor = null, CancellationToken cancellationToken = default) =>
        transport.Get<Page<InstanceListItem>>(Query.Of(Path(filter), ("limit", limit), ("cursor", cursor)), cancellationToken);

    /// <summary>An instance, with the reasons it waits.</summary>
    public Task<InstanceView> GetAsync(Guid id, CancellationToken cancellationToken = default) => transport.Get<InstanceView>($"v1/instances/{id}", cancellationToken);

    /// <summary>What happened in an instance, as sentences, the oldest first.</summary>
    public IAsyncEnumerable<HistoryEntry> GetHistoryAsync(Guid id, CancellationToken cancellationToken = default) =>
        transport.Pages<HistoryEntry>($"v1/instances/{id}/history?limit=200", cancellationToken);

    /// <summary>Cancels an instance.</summary>
    public Task<InstanceView> CancelAsync(Guid id, CancelInstanceRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<InstanceView>($"v1/instances/{id}/cancel", request, options, cancellationToken);

    /// <summary>Stops an instance for a while.</summary>
    public Task<InstanceView> SuspendAsync(Guid id, SuspendInstanceRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<InstanceView>($"v1/instances/{id}/suspend", request, options, cancellationToken);

    /// <summary>Lets a suspended instance go on.</summary>
    public Task<InstanceView> ResumeAsync(Guid id, ResumeInstanceRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<InstanceView>($"v1/instances/{id}/resume", request, options, cancellationToken);

    /// <summary>Moves tokens of an instance.</summary>
    public Task<InstanceView> ModifyAsync(Guid id, ModifyInstanceRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<InstanceView>($"v1/instances/{id}/modify", request, options, cancellationToken);

    /// <summary>Sets variables of an instance from outside.</summary>
    public Task<InstanceView> SetVariablesAsync(Guid id, SetVariablesRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<InstanceView>($"v1/instances/{id}/variables", request, options, cancellationToken);

    /// <summary>Lets an instance have more facts than the service allows by itself.</summary>
    public Task<InstanceView> RaiseLimitAsync(Guid id, RaiseInstanceLimitRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<InstanceView>($"v1/instances/{id}/raise-limit", request, options, cancellationToken);

    /// <summary>Lets an instance go on in a successor; the answer is the instance itself, and names it.</summary>
    public Task<InstanceView> ContinueAsync(Guid id, ContinueInstanceRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<InstanceView>($"v1/instances/{id}/continue", request, options, cancellationToken);

    /// <summary>Lets an instance run another version of its process, or judges whether it could.</summary>
    public Task<MigrationView> MigrateAsync(Guid id, MigrateInstanceRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<MigrationView>($"v1/instances/{id}/migrate", request, options, cancellationToken);

    private static string Path(InstanceFilter? f) => Query.Of(
        "v1/instances",
        ("process", f?.Process),
        ("status", f?.Status),
        ("businessKey", f?.BusinessKey),
        ("startedFrom", f?.StartedFrom),
        ("startedBefore", f?.StartedBefore),
        ("withIncident", f?.WithIncident),
        ("nearLimit", f?.NearLimit));
}
