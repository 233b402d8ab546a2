using System.Collections.Immutable;

namespace Countersign.Domain.Webhooks;

/// <summary>A fact in the stream of one webhook endpoint.</summary>
public interface IWebhookEvent;

/// <summary>An endpoint was made.</summary>
/// <param name="EndpointId">The endpoint.</param>
/// <param name="Url">Where events go.</param>
/// <param name="EventTypes">Types such as <c>invoice.booked</c>, or <c>*</c>.</param>
/// <param name="Description">For people, or null.</param>
/// <param name="SealedSecret">The signing secret, sealed under the service's key; never in clear.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record WebhookEndpointCreated(Guid EndpointId, string Url, ImmutableArray<string> EventTypes, string? Description, string SealedSecret, string By,
    DateTimeOffset At) : IWebhookEvent;

/// <summary>A new secret was made; the one before also signs until the time given.</summary>
public sealed record WebhookSecretRotated(string SealedSecret, DateTimeOffset PreviousUntil, string By, DateTimeOffset At) : IWebhookEvent;

/// <summary>The endpoint was switched off.</summary>
/// <param name="Cause"><c>gone</c> (it answered 410), <c>failing</c> (five days without success) or <c>requested</c>.</param>
/// <param name="By">Actor id; <c>system</c> when the service did it.</param>
public sealed record WebhookEndpointDisabled(string Cause, string By, DateTimeOffset At) : IWebhookEvent;

/// <summary>The endpoint was switched on again.</summary>
public sealed record WebhookEndpointEnabled(string By, DateTimeOffset At) : IWebhookEvent;

/// <summary>The endpoint was deleted; its open deliveries end.</summary>
public sealed record WebhookEndpointDeleted(string By, DateTimeOffset At) : IWebhookEvent;
