using System.Text.Json;

namespace Countersign.Client.Webhooks;

/// <summary>Subscribes an endpoint to events.</summary>
/// <param name="Url">https address on the public internet, port 443 or 1024 to 65535, without user info or fragment, at most 2,048 characters.</param>
/// <param name="EventTypes">Types such as <c>invoice.booked</c>, <c>task.*</c> for all of one noun, or <c>*</c> for all; 1 to 50.</param>
/// <param name="Description">For people, at most 200 characters.</param>
public sealed record CreateWebhookEndpointRequest(string Url, IReadOnlyList<string> EventTypes, string? Description = null);

/// <summary>Where an endpoint stands.</summary>
public enum WebhookEndpointStatus
{
    /// <summary>Gets events.</summary>
    Enabled,

    /// <summary>Switched off: answered 410, failed for five days, or by a person.</summary>
    Disabled,
}

/// <summary>A webhook endpoint. Its secret is never shown again.</summary>
/// <param name="Version">Version of the resource: <c>If-Match</c> for a change is <c>"version"</c>.</param>
/// <param name="PreviousSecretUntil">Until when the secret before the last rotation also signs (UTC), or null.</param>
/// <param name="FailingSince">First failed attempt since the last success (UTC), or null while it works. After five days the endpoint is switched off.</param>
/// <param name="DisabledBecause">Why it is switched off, or null.</param>
public sealed record WebhookEndpointView(Guid Id, string Url, IReadOnlyList<string> EventTypes, string? Description, WebhookEndpointStatus Status,
    string? DisabledBecause, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? PreviousSecretUntil, DateTimeOffset? FailingSince, long Version);

/// <summary>A new endpoint or a new secret: the only time the secret is shown.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Secret">Signing secret in the Standard Webhooks form, <c>whsec_...</c>.</param>
public sealed record WebhookEndpointCreated(WebhookEndpointView Endpoint, string Secret);

/// <summary>Where a delivery stands.</summary>
public enum DeliveryStatus
{
    /// <summary>Not answered with 2xx yet; another attempt is due.</summary>
    Pending,

    /// <summary>Answered with 2xx.</summary>
    Delivered,

    /// <summary>All attempts failed; may be replayed.</summary>
    Failed,
}

/// <summary>The delivery of one event to one endpoint.</summary>
/// <param name="MessageId">Stable id of the effect: <c>webhook-id</c> and <c>Idempotency-Key</c> of every attempt.</param>
/// <param name="EventType">CloudEvents type, e.g. <c>com.countersign.invoice.booked.v1</c>.</param>
/// <param name="NextAttemptAt">When the next attempt is due (UTC), or null.</param>
public sealed record DeliveryView(Guid Id, Guid EndpointId, string MessageId, string EventType, DeliveryStatus Status, int Attempts, DateTimeOffset CreatedAt,
    DateTimeOffset? NextAttemptAt, DateTimeOffset? DeliveredAt, IReadOnlyList<DeliveryAttempt> Log);

/// <summary>One attempt of a delivery.</summary>
/// <param name="Status">HTTP status, or null when there was no answer.</param>
/// <param name="Error">Why there was no answer, one sentence, or null.</param>
/// <param name="Response">First part of the answer's body as text, at most 1,000 characters.</param>
public sealed record DeliveryAttempt(int Number, DateTimeOffset At, int? Status, string? Error, double Milliseconds, string? Response);

/// <summary>Which deliveries to list; a null member does not filter.</summary>
public sealed record DeliveryFilter(Guid? Endpoint = null, DeliveryStatus? Status = null, DateTimeOffset? From = null, DateTimeOffset? Before = null);

/// <summary>Sends past deliveries of an endpoint again.</summary>
/// <param name="From">Made at or after (UTC).</param>
/// <param name="Before">Made before (UTC).</param>
/// <param name="OnlyFailed">True for failed ones only.</param>
public sealed record ReplayDeliveriesRequest(DateTimeOffset From, DateTimeOffset Before, bool OnlyFailed = true);

/// <summary>How many deliveries were queued again.</summary>
public sealed record ReplayResult(int Queued);
