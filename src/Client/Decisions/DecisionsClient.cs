namespace Countersign.Client.Decisions;

/// <summary>Decision records.</summary>
public sealed class DecisionsClient
{
    private readonly Transport transport;

    internal DecisionsClient(Transport transport) => this.transport = transport;

    /// <summary>Decisions, the newest first.</summary>
    public IAsyncEnumerable<DecisionListItem> ListAsync(DecisionFilter? filter = null, CancellationToken cancellationToken = default) =>
        transport.Pages<DecisionListItem>(Path(filter), cancellationToken);

    /// <summary>One page of decisions, the newest first.</summary>
    public Task<Page<DecisionListItem>> ListPageAsync(DecisionFilter? filter = null, int limit = 50, string? cursor = null, CancellationToken cancellationToken = default) =>
        transport.Get<Page<DecisionListItem>>(Query.Of(Path(filter), ("limit", limit), ("cursor", cursor)), cancellationToken);

    /// <summary>A decision record with its reviews.</summary>
    public Task<DecisionView> GetAsync(string id, CancellationToken cancellationToken = default) => transport.Get<DecisionView>($"v1/decisions/{Query.Escape(id)}", cancellationToken);

    private static string Path(DecisionFilter? f) => Query.Of(
        "v1/decisions",
        ("policy", f?.Policy),
        ("process", f?.Process),
        ("verdict", f?.Verdict),
        ("instance", f?.Instance),
        ("from", f?.From),
        ("before", f?.Before));
}
