namespace Countersign.Client.Trail;

/// <summary>The tenant's transparency log.</summary>
public sealed class TrailClient
{
    private readonly Transport transport;

    internal TrailClient(Transport transport) => this.transport = transport;

    /// <summary>The newest signed checkpoint.</summary>
    public Task<CheckpointView> GetCheckpointAsync(CancellationToken cancellationToken = default) => transport.Get<CheckpointView>("v1/trail/checkpoint", cancellationToken);

    /// <summary>All signed checkpoints, the newest first.</summary>
    public IAsyncEnumerable<CheckpointView> ListCheckpointsAsync(CancellationToken cancellationToken = default) =>
        transport.Pages<CheckpointView>("v1/trail/checkpoints", cancellationToken);

    /// <summary>Leaves in log order.</summary>
    /// <param name="from">Index of the first leaf, from 0.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    public IAsyncEnumerable<TrailEntry> ListEntriesAsync(long from = 0, CancellationToken cancellationToken = default) =>
        transport.Pages<TrailEntry>($"v1/trail/entries?from={from}", cancellationToken);

    /// <summary>One page of leaves in log order.</summary>
    public Task<Page<TrailEntry>> ListEntriesPageAsync(long from = 0, int limit = 50, string? cursor = null, CancellationToken cancellationToken = default) =>
        transport.Get<Page<TrailEntry>>(Query.Of("v1/trail/entries", ("from", from), ("limit", limit), ("cursor", cursor)), cancellationToken);

    /// <summary>Proof that a leaf is in the tree of a checkpoint.</summary>
    /// <param name="index">Leaf.</param>
    /// <param name="size">Tree size; the newest checkpoint's when null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<InclusionProof> GetInclusionProofAsync(long index, long? size = null, CancellationToken cancellationToken = default) =>
        transport.Get<InclusionProof>(Query.Of($"v1/trail/entries/{index}/proof", ("size", size)), cancellationToken);

    /// <summary>Proof that the tree of size <paramref name="first"/> is a prefix of the tree of size <paramref name="second"/>.</summary>
    public Task<ConsistencyProof> GetConsistencyProofAsync(long first, long second, CancellationToken cancellationToken = default) =>
        transport.Get<ConsistencyProof>(Query.Of("v1/trail/consistency", ("first", first), ("second", second)), cancellationToken);

    /// <summary>A tile of hashes in the C2SP tlog-tiles form.</summary>
    /// <param name="path">Path after <c>tile/</c>, e.g. <c>0/000</c> or <c>0/x001/067.p/3</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<byte[]> GetTileAsync(string path, CancellationToken cancellationToken = default) => transport.GetBytes($"v1/trail/tile/{path}", cancellationToken);

    /// <summary>Keys that signed or sign checkpoints.</summary>
    public IAsyncEnumerable<TrailKey> ListKeysAsync(CancellationToken cancellationToken = default) => transport.Pages<TrailKey>("v1/trail/keys", cancellationToken);
}
