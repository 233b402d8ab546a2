namespace Countersign.Client.Processes;

/// <summary>Process definitions and their versions.</summary>
public sealed class ProcessesClient
{
    private readonly Transport transport;

    internal ProcessesClient(Transport transport) => this.transport = transport;

    /// <summary>Publishes a version, to all or to some first. The sources of the version in force, or of the candidate with the same target, give that version back. Errors of the compiler are a 422 with one entry each.</summary>
    public Task<ProcessVersionView> PublishAsync(PublishProcessRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<ProcessVersionView>("v1/processes", request, options, cancellationToken);

    /// <summary>What is in force and what is rolled out beside it, with how the instances of each fare.</summary>
    public Task<ProcessRolloutView> GetRolloutAsync(string key, CancellationToken cancellationToken = default) =>
        transport.Get<ProcessRolloutView>($"v1/processes/{Query.Escape(key)}/rollout", cancellationToken);

    /// <summary>Gives a candidate another share of the starts, or other groups.</summary>
    /// <param name="key">Process key.</param>
    /// <param name="version">Number of the candidate.</param>
    /// <param name="request">Whom it is for from here on, and why.</param>
    /// <param name="options">Idempotency key and, where nobody may have changed anything since, the version that was read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ProcessRolloutView> ChangeRolloutAsync(string key, int version, RolloutRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<ProcessRolloutView>($"v1/processes/{Query.Escape(key)}/versions/{version}/rollout", request, options, cancellationToken);

    /// <summary>Puts a candidate in force for all.</summary>
    public Task<ProcessRolloutView> PromoteAsync(string key, int version, PromoteVersionRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<ProcessRolloutView>($"v1/processes/{Query.Escape(key)}/versions/{version}/promote", request, options, cancellationToken);

    /// <summary>Takes a candidate back: starts run the version in force again, and what the candidate started goes on under it.</summary>
    public Task<ProcessRolloutView> WithdrawAsync(string key, int version, WithdrawVersionRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<ProcessRolloutView>($"v1/processes/{Query.Escape(key)}/versions/{version}/withdraw", request, options, cancellationToken);

    /// <summary>Asks how a BPMN file of another tool would run here, and what must be changed for it. Nothing is stored; a refused file is an answer, not an error.</summary>
    public Task<ProcessImportView> ImportAsync(ImportProcessRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<ProcessImportView>("v1/processes/import", request, options, cancellationToken);

    /// <summary>Runs a process, published or not, on a simulated clock with scripted answers. Nothing is written.</summary>
    public Task<TestRunView> TestRunAsync(TestRunRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<TestRunView>("v1/processes/test-runs", request, options, cancellationToken);

    /// <summary>All processes by key.</summary>
    public IAsyncEnumerable<ProcessListItem> ListAsync(CancellationToken cancellationToken = default) => transport.Pages<ProcessListItem>("v1/processes", cancellationToken);

    /// <summary>Versions of a process, the newest first.</summary>
    public IAsyncEnumerable<ProcessVersionView> ListVersionsAsync(string key, CancellationToken cancellationToken = default) =>
        transport.Pages<ProcessVersionView>($"v1/processes/{Query.Escape(key)}/versions", cancellationToken);

    /// <summary>One version, with the compiler's findings.</summary>
    public Task<ProcessVersionView> GetVersionAsync(string key, int version, CancellationToken cancellationToken = default) =>
        transport.Get<ProcessVersionView>($"v1/processes/{Query.Escape(key)}/versions/{version}", cancellationToken);

    /// <summary>The sources of a version, byte for byte as published.</summary>
    public Task<ProcessSourcesView> GetSourcesAsync(string key, int version, CancellationToken cancellationToken = default) =>
        transport.Get<ProcessSourcesView>($"v1/processes/{Query.Escape(key)}/versions/{version}/sources", cancellationToken);
}
