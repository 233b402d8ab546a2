using System.Collections.Immutable;

namespace Countersign.Domain.Webhooks;

/// <summary>State of a webhook endpoint, folded from its events.</summary>
/// <param name="SealedSecret">The secret that signs.</param>
/// <param name="PreviousSealedSecret">The secret before, or null.</param>
/// <param name="PreviousUntil">Until when the one before also signs.</param>
/// <param name="DisabledCause">Why it is off, or null when on.</param>
/// <param name="DisabledAt">Since when it is off.</param>
public sealed record WebhookEndpointState(Guid Id, string Url, ImmutableArray<string> EventTypes, string? Description, string SealedSecret,
    string? PreviousSealedSecret, DateTimeOffset? PreviousUntil, string? DisabledCause, DateTimeOffset? DisabledAt, bool Deleted, DateTimeOffset CreatedAt, string CreatedBy)
{
    /// <summary>Folds one event; never throws.</summary>
    public static WebhookEndpointState? Evolve(WebhookEndpointState? state, IWebhookEvent @event) => (state, @event) switch
    {
        (_, WebhookEndpointCreated e) => new(e.EndpointId, e.Url, e.EventTypes, e.Description, e.SealedSecret, null, null, null, null, false, e.At, e.By),
        ({ } s, WebhookSecretRotated e) => s with { PreviousSealedSecret = s.SealedSecret, PreviousUntil = e.PreviousUntil, SealedSecret = e.SealedSecret },
        ({ } s, WebhookEndpointDisabled e) => s with { DisabledCause = e.Cause, DisabledAt = e.At },
        ({ } s, WebhookEndpointEnabled) => s with { DisabledCause = null, DisabledAt = null },
        ({ } s, WebhookEndpointDeleted) => s with { Deleted = true },
        _ => state,
    };
}
