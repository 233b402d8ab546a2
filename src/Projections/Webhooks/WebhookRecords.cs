using System.Collections.Immutable;
using Countersign.Domain.Webhooks;

namespace Countersign.Projections.Webhooks;

/// <summary>A webhook endpoint as requests and the sender read it, written in the transaction of its events.</summary>
/// <param name="FailingSince">Since when no delivery succeeded though some were tried; null while it works.</param>
/// <param name="Version">Version of the endpoint's stream.</param>
public sealed record WebhookEndpointRecord(Guid Id, string Url, ImmutableArray<string> EventTypes, string? Description, string SealedSecret, string? PreviousSealedSecret,
    DateTimeOffset? PreviousUntil, string? DisabledCause, bool Deleted, DateTimeOffset CreatedAt, string CreatedBy, long Version)
{
    /// <summary>Whether it gets events of a type now.</summary>
    public bool Wants(string type) => !Deleted && DisabledCause is null && WebhookTypes.Include(EventTypes, type);
}

/// <summary>The delivery of one event to one endpoint.</summary>
/// <param name="Id">Derived from message and endpoint, so that the same event is never delivered under two ids.</param>
/// <param name="MessageId">Stable effect id: <c>webhook-id</c> and <c>Idempotency-Key</c>.</param>
/// <param name="EventType">CloudEvents type.</param>
/// <param name="Body">CloudEvents JSON, sealed.</param>
/// <param name="Status"><c>pending</c>, <c>delivered</c>, <c>failed</c>.</param>
/// <param name="DueAt">When the next attempt is due; null when none is.</param>
/// <param name="LeasedUntil">Until when a sender has it; null when none has.</param>
/// <param name="JobId">The job that waits for it, or null.</param>
/// <param name="Attempt">Attempt of that job.</param>
/// <param name="Attempts">Attempts made.</param>
public sealed record WebhookDelivery(Guid Id, Guid EndpointId, string MessageId, string EventType, string Body, string Status, DateTimeOffset CreatedAt,
    DateTimeOffset? DueAt, DateTimeOffset? LeasedUntil, DateTimeOffset? DeliveredAt, int Attempts, int Replays, Guid? InstanceId, string? JobId, int Attempt,
    ImmutableArray<WebhookAttempt> Log)
{
    /// <summary>W3C trace context of what made the delivery, or null.</summary>
    public string? TraceParent { get; init; }
}

/// <summary>One attempt.</summary>
public sealed record WebhookAttempt(int Number, DateTimeOffset At, int? Status, string? Error, double Milliseconds, string? Response);

/// <summary>How an endpoint fares: no fact of the trail until it is switched off.</summary>
/// <param name="Id">The endpoint.</param>
/// <param name="FailingSince">First failure since the last success, or null.</param>
public sealed record WebhookHealth(Guid Id, DateTimeOffset? FailingSince);
