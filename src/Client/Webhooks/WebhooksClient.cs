namespace Countersign.Client.Webhooks;

/// <summary>Webhook endpoints and deliveries.</summary>
public sealed class WebhooksClient
{
    private readonly Transport transport;

    internal WebhooksClient(Transport transport) => this.transport = transport;

    /// <summary>Makes an endpoint. Its secret is in the answer and never shown again.</summary>
    public Task<WebhookEndpointCreated> CreateAsync(CreateWebhookEndpointRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<WebhookEndpointCreated>("v1/webhooks", request, options, cancellationToken);

    /// <summary>All endpoints.</summary>
    public IAsyncEnumerable<WebhookEndpointView> ListAsync(CancellationToken cancellationToken = default) => transport.Pages<WebhookEndpointView>("v1/webhooks", cancellationToken);

    /// <summary>An endpoint.</summary>
    public Task<WebhookEndpointView> GetAsync(Guid id, CancellationToken cancellationToken = default) => transport.Get<WebhookEndpointView>($"v1/webhooks/{id}", cancellationToken);

    /// <summary>Deletes an endpoint; its open deliveries end.</summary>
    /// <param name="id">The endpoint.</param>
    /// <param name="version">Its version as last read; a newer one is a 412.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task DeleteAsync(Guid id, long version, CancellationToken cancellationToken = default) => transport.Delete($"v1/webhooks/{id}", version, cancellationToken);

    /// <summary>Switches a disabled endpoint on again.</summary>
    public Task<WebhookEndpointView> EnableAsync(Guid id, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<WebhookEndpointView>($"v1/webhooks/{id}/enable", null, options, cancellationToken);

    /// <summary>Makes a new secret; the old one also signs for 24 hours.</summary>
    public Task<WebhookEndpointCreated> RotateSecretAsync(Guid id, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<WebhookEndpointCreated>($"v1/webhooks/{id}/rotate-secret", null, options, cancellationToken);

    /// <summary>Deliveries, the newest first.</summary>
    public IAsyncEnumerable<DeliveryView> ListDeliveriesAsync(DeliveryFilter? filter = null, CancellationToken cancellationToken = default) =>
        transport.Pages<DeliveryView>(
            Query.Of("v1/webhook-deliveries", ("endpoint", filter?.Endpoint), ("status", filter?.Status), ("from", filter?.From), ("before", filter?.Before)),
            cancellationToken);

    /// <summary>Sends one delivery again, with the same message id.</summary>
    public Task<DeliveryView> ReplayAsync(Guid deliveryId, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<DeliveryView>($"v1/webhook-deliveries/{deliveryId}/replay", null, options, cancellationToken);

    /// <summary>Sends the deliveries of a period to an endpoint again.</summary>
    public Task<ReplayResult> ReplayRangeAsync(Guid id, ReplayDeliveriesRequest request, CallOptions? options = null, CancellationToken cancellationToken = default) =>
        transport.Post<ReplayResult>($"v1/webhooks/{id}/replay", request, options, cancellationToken);
}
