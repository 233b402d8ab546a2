using Countersign.Client.Webhooks;
using Countersign.Projections.Webhooks;

namespace Countersign.Api.Webhooks;

internal static class WebhookViews
{
    public static WebhookEndpointView Of(WebhookEndpointRecord e, DateTimeOffset? failingSince = null) => new(e.Id, e.Url, [.. e.EventTypes], e.Description,
        e.DisabledCause is null ? WebhookEndpointStatus.Enabled : WebhookEndpointStatus.Disabled, Because(e.DisabledCause), e.CreatedAt, e.CreatedBy, e.PreviousUntil, failingSince, e.Version);

    public static DeliveryView Of(WebhookDelivery d) => new(d.Id, d.EndpointId, d.MessageId, d.EventType, d.Status switch
    {
        "delivered" => DeliveryStatus.Delivered,
        "failed" => DeliveryStatus.Failed,
        _ => DeliveryStatus.Pending,
    }, d.Attempts, d.CreatedAt, d.DueAt, d.DeliveredAt, [.. d.Log.Select(a => new DeliveryAttempt(a.Number, a.At, a.Status, a.Error, a.Milliseconds, a.Response))]);

    private static string? Because(string? cause) => cause switch
    {
        null => null,
        "gone" => "The receiver answered 410 Gone.",
        "failing" => "No delivery succeeded for five days.",
        _ => "Switched off by a person.",
    };
}

/// <summary>An endpoint with how it fares.</summary>
internal sealed record EndpointWithHealth(WebhookEndpointRecord Endpoint, WebhookHealth? Health);
