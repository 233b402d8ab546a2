using System.Collections.Immutable;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Webhooks;

/// <summary>Makes an endpoint.</summary>
/// <param name="AllowPlain">Whether http and loopback addresses are allowed (a Development setting).</param>
public sealed record CreateWebhookEndpoint(Guid EndpointId, string Url, ImmutableArray<string> EventTypes, string? Description, string SealedSecret, Actor By,
    bool AllowPlain = false);

/// <summary>Makes a new secret.</summary>
public sealed record RotateWebhookSecret(string SealedSecret, Actor By);

/// <summary>Switches an endpoint off.</summary>
public sealed record DisableWebhookEndpoint(string Cause, Actor By);

/// <summary>Switches an endpoint on again.</summary>
public sealed record EnableWebhookEndpoint(Actor By);

/// <summary>Deletes an endpoint.</summary>
public sealed record DeleteWebhookEndpoint(Actor By);

/// <summary>Pure decisions about webhook endpoints. Whether an address may be reached is checked again, on the address itself, when connecting.</summary>
public static class WebhookDecider
{
    /// <summary>How long the secret before a rotation also signs.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);

    /// <summary>Makes an endpoint; twice adds nothing.</summary>
    public static Outcome Decide(WebhookEndpointState? state, CreateWebhookEndpoint command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is not null)
            return Outcome.Nothing;
        if (WebhookTarget.Problem(command.Url, command.AllowPlain) is { } problem)
            return Outcome.Refuse(RefusalKind.Invalid, "webhook.url_refused", problem);
        if (command.EventTypes.IsDefaultOrEmpty || command.EventTypes.Length > 50 || !command.EventTypes.All(WebhookTypes.IsSubscription))
            return Outcome.Refuse(RefusalKind.Invalid, "webhook.event_type_invalid", "Name 1 to 50 event types such as 'invoice.booked', 'task.*' for all of one noun, or '*' for all.");
        if (command.Description is { Length: > 200 })
            return Outcome.Refuse(RefusalKind.Invalid, "webhook.description_too_long", "A description is at most 200 characters.");
        return Outcome.Of(new WebhookEndpointCreated(command.EndpointId, command.Url, [.. command.EventTypes.Distinct(StringComparer.Ordinal)], command.Description,
            command.SealedSecret, command.By.Id, now));
    }

    /// <summary>Makes a new secret.</summary>
    public static Outcome Decide(WebhookEndpointState? state, RotateWebhookSecret command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null or { Deleted: true })
            return NotFound();
        return state.SealedSecret == command.SealedSecret
            ? Outcome.Nothing
            : Outcome.Of(new WebhookSecretRotated(command.SealedSecret, now + Overlap, command.By.Id, now));
    }

    /// <summary>Switches off; twice adds nothing.</summary>
    public static Outcome Decide(WebhookEndpointState? state, DisableWebhookEndpoint command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null or { Deleted: true })
            return NotFound();
        return state.DisabledCause is not null ? Outcome.Nothing : Outcome.Of(new WebhookEndpointDisabled(command.Cause, command.By.Id, now));
    }

    /// <summary>Switches on; twice adds nothing.</summary>
    public static Outcome Decide(WebhookEndpointState? state, EnableWebhookEndpoint command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null or { Deleted: true })
            return NotFound();
        return state.DisabledCause is null ? Outcome.Nothing : Outcome.Of(new WebhookEndpointEnabled(command.By.Id, now));
    }

    /// <summary>Deletes; twice adds nothing.</summary>
    public static Outcome Decide(WebhookEndpointState? state, DeleteWebhookEndpoint command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            return NotFound();
        return state.Deleted ? Outcome.Nothing : Outcome.Of(new WebhookEndpointDeleted(command.By.Id, now));
    }

    private static Outcome NotFound() => Outcome.Refuse(RefusalKind.NotFound, "webhook.not_found", "There is no such webhook endpoint.");
}
