namespace Countersign.Client.Keys;

/// <summary>API keys.</summary>
public sealed class KeysClient
{
    private readonly Transport transport;

    internal KeysClient(Transport transport) => this.transport = transport;

    /// <summary>Makes a key. Its secret is in the answer and nowhere else; only a repeat of the same call (same idempotency key, within 24 hours) gives it again.</summary>
    public Task<KeyCreated> CreateAsync(CreateKeyRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<KeyCreated>("v1/keys", request, options, cancellationToken);

    /// <summary>All keys, the newest first.</summary>
    public IAsyncEnumerable<KeyView> ListAsync(CancellationToken cancellationToken = default) => transport.Pages<KeyView>("v1/keys", cancellationToken);

    /// <summary>Replaces a key; the old one works during the overlap.</summary>
    public Task<KeyCreated> RotateAsync(Guid id, RotateKeyRequest? request = null, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<KeyCreated>($"v1/keys/{id}/rotate", request ?? new RotateKeyRequest(), options, cancellationToken);

    /// <summary>Ends a key at once; everywhere within ten seconds.</summary>
    public Task<KeyView> RevokeAsync(Guid id, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<KeyView>($"v1/keys/{id}/revoke", null, options, cancellationToken);
}
