namespace Countersign.Client.Batches;

/// <summary>Acts on many instances.</summary>
public sealed class BatchesClient
{
    private readonly Transport transport;

    internal BatchesClient(Transport transport) => this.transport = transport;

    /// <summary>Asks for a batch; fetch it until it has ended.</summary>
    public Task<BatchView> CreateAsync(CreateBatchRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<BatchView>("v1/batches", request, options, cancellationToken);

    /// <summary>Batches, the newest first.</summary>
    public IAsyncEnumerable<BatchView> ListAsync(CancellationToken cancellationToken = default) => transport.Pages<BatchView>("v1/batches", cancellationToken);

    /// <summary>A batch with its progress.</summary>
    public Task<BatchView> GetAsync(Guid id, CancellationToken cancellationToken = default) => transport.Get<BatchView>($"v1/batches/{id}", cancellationToken);

    /// <summary>How the parts of a batch went, in their order.</summary>
    /// <param name="id">The batch.</param>
    /// <param name="outcome">One outcome only, or null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public IAsyncEnumerable<BatchItem> GetItemsAsync(Guid id, BatchOutcome? outcome = null, CancellationToken cancellationToken = default) =>
        transport.Pages<BatchItem>(Query.Of($"v1/batches/{id}/items", ("limit", 200), ("outcome", outcome)), cancellationToken);

    /// <summary>Asks for the end of a batch.</summary>
    public Task<BatchView> CancelAsync(Guid id, CancelBatchRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<BatchView>($"v1/batches/{id}/cancel", request, options, cancellationToken);
}
