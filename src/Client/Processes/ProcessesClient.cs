namespace Countersign.Client.Processes;

/// <summary>Process definitions and their versions.</summary>
public sealed class ProcessesClient
{
    private readonly Transport transport;

    internal ProcessesClient(Transport transport) => this.transport = transport;

    /// <summary>Publishes a version. The same sources as the newest version give that version back. Errors of the compiler are a 422 with one entry each.</summary>
    public Task<ProcessVersionView> PublishAsync(PublishProcessRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<ProcessVersionView>("v1/processes", request, options, cancellationToken);

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
