using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Webhooks;
using Countersign.Workers.Instances;
using Countersign.Workers.Streams;
using Countersign.Workers.Telemetry;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Webhooks;

/// <summary>Makes one attempt: sends, writes the log, reports to the waiting job, switches off an endpoint that is gone or fails for days and tells the tenant.</summary>
public sealed partial class WebhookAttempts(IDocumentStore store, WebhookDeliveries deliveries, WebhookPoster poster, StreamDoor streams, IServiceScopeFactory scopes, WebhookWake wake,
    TimeProvider clock, ILogger<WebhookAttempts> logger)
{
    /// <summary>Attempts kept in a delivery's log; replays push out the oldest.</summary>
    private const int KeptAttempts = 100;

    /// <summary>Makes the attempt.</summary>
    public async Task Make(TakenDelivery taken, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(taken);
        using var span = TraceContext.Start(WorkersTelemetry.DeliverSpan, ActivityKind.Producer, taken.Delivery.TraceParent);
        span?.SetTag(WorkersTelemetry.Tenant, taken.TenantId).SetTag(WorkersTelemetry.Instance, taken.Delivery.InstanceId).SetTag("messaging.message.id", taken.Delivery.MessageId);
        await using var session = store.LightweightSession(taken.TenantId);
        var endpoint = await session.LoadAsync<WebhookEndpointRecord>(taken.Delivery.EndpointId, cancellation);
        var delivery = endpoint is null or { Deleted: true } or { DisabledCause: not null }
            ? taken.Delivery with { Status = "failed", DueAt = null, LeasedUntil = null, Log = Logged(taken.Delivery, new PostResult(null, "The endpoint is switched off or deleted.", null, null), 0) }
            : await Attempt(session, taken, endpoint, cancellation);
        span?.SetTag(WorkersTelemetry.Outcome, delivery.Status);
        Instruments.Delivered(delivery);
        session.Store(delivery);
        await session.SaveChangesAsync(cancellation);
        if (delivery.Status != "pending")
            await Report(taken.TenantId, delivery, cancellation);
    }

    private async Task<WebhookDelivery> Attempt(IDocumentSession session, TakenDelivery taken, WebhookEndpointRecord endpoint, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var result = await poster.Post(taken.TenantId, endpoint, taken.Delivery, cancellation);
        var now = clock.GetUtcNow();
        var made = taken.Delivery.Attempts + 1;
        var delivery = taken.Delivery with { Attempts = made, LeasedUntil = null, Log = Logged(taken.Delivery, result, Stopwatch.GetElapsedTime(began).TotalMilliseconds) };
        var health = await session.LoadAsync<WebhookHealth>(endpoint.Id, cancellation);
        if (result.Succeeded)
        {
            if (health?.FailingSince is not null)
                session.Store(new WebhookHealth(endpoint.Id, null));
            return delivery with { Status = "delivered", DueAt = null, DeliveredAt = now };
        }

        var since = health?.FailingSince ?? now;
        if (health?.FailingSince is null)
            session.Store(new WebhookHealth(endpoint.Id, since));
        if (result.Status == 410 || now - since >= WebhookSchedule.DisableAfter)
        {
            await Disable(taken.TenantId, endpoint, result.Status == 410 ? "gone" : "failing", cancellation);
            return delivery with { Status = "failed", DueAt = null };
        }

        // Jitter is no decision that must be repeatable, only a spread.
        var next = WebhookSchedule.Next(made, now, Random.Shared.NextDouble(), result.Status is 429 or 503 ? result.RetryAfter : null);
        return next is null ? delivery with { Status = "failed", DueAt = null } : delivery with { DueAt = next };
    }

    private ImmutableArray<WebhookAttempt> Logged(WebhookDelivery delivery, PostResult result, double milliseconds)
    {
        var log = delivery.Log;
        var number = log.IsEmpty ? 1 : log[^1].Number + 1;
        var kept = log.Length < KeptAttempts ? log : log.RemoveRange(0, log.Length - KeptAttempts + 1);
        return kept.Add(new WebhookAttempt(number, clock.GetUtcNow(), result.Status, result.Error, Math.Round(milliseconds, 1), result.Response));
    }

    private async Task Disable(string tenantId, WebhookEndpointRecord endpoint, string cause, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var change = WebhookStreams.Change(tenantId, endpoint.Id, Actor.System, s => WebhookDecider.Decide(s, new DisableWebhookEndpoint(cause, Actor.System), now));
        var result = await streams.Execute(change, null, null, cancellation);
        if (result.Outcome is not Outcome.Facts)
            return;
        LogDisabled(tenantId, endpoint.Id, cause);
        await Tell(tenantId, endpoint, cause, result.Version, cancellation);
    }

    // The trail, the console and the API say it; an administrator's own systems hear it where they subscribed to it.
    private async Task Tell(string tenantId, WebhookEndpointRecord endpoint, string cause, long version, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession(tenantId);
        var others = (await session.Query<WebhookEndpointRecord>().ToListAsync(cancellation)).Where(e => e.Id != endpoint.Id && e.Wants(WebhookTypes.Disabled)).ToList();
        if (others.Count == 0)
            return;
        var data = JsonSerializer.SerializeToElement(new { endpointId = endpoint.Id, url = endpoint.Url, description = endpoint.Description, cause });
        foreach (var other in others)
            session.Store(deliveries.Make(tenantId, other.Id, $"webhook-{endpoint.Id:N}-{version}", WebhookTypes.Disabled, null, data, null));
        await session.SaveChangesAsync(cancellation);
        wake.Now();
    }

    /// <summary>Tells a job, which ends when all its deliveries have: well, or with an incident that names how many did not arrive.</summary>
    public async Task Report(string tenantId, WebhookDelivery delivery, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        if (delivery.JobId is not { } job || delivery.InstanceId is not { } instance)
            return;
        await using var session = store.QuerySession(tenantId);
        var all = await session.Query<WebhookDelivery>().Where(d => d.JobId == job).ToListAsync(cancellation);
        if (all.Any(d => d.Status == "pending"))
            return;
        var failed = SendEventWorker.Failed(all.Count(d => d.Status == "failed"));
        InstanceCommand command = all.All(d => d.Status == "delivered")
            ? new CompleteJob(tenantId, instance, Actor.System, job, delivery.Attempt, SendEventWorker.Note("Every subscribed endpoint has taken it.", all.Count))
            : new FailJob(tenantId, instance, Actor.System, job, delivery.Attempt, failed.ErrorCode, failed.Message, Retryable: false);
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<CommandDoor>().Execute(command, null, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook endpoint {EndpointId} of {TenantId} was switched off: {Cause}.")]
    private partial void LogDisabled(string tenantId, Guid endpointId, string cause);
}
