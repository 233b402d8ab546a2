using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Domain.Webhooks;
using Countersign.Projections.Webhooks;
using Countersign.Workers.Instances;
using Countersign.Workers.Streams;
using Countersign.Workers.Telemetry;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Webhooks;

/// <summary>Sends what is due, writes the log, reports to waiting jobs, switches off endpoints that are gone or fail for days.</summary>
public sealed partial class WebhookSender(IDocumentStore store, WebhookDeliveries deliveries, WebhookPoster poster, StreamDoor streams, IServiceScopeFactory scopes, WebhookWake wake,
    WebhookOptions options, TimeProvider clock, ILogger<WebhookSender> logger) : BackgroundService
{
    // How long a dead sender's deliveries wait for another; renewed while one is under way or waits for its endpoint's turn.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Untold = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _gates = new();

    /// <summary>Sends everything that is due now, once; the number of attempts made.</summary>
    public async Task<int> SendDue(CancellationToken cancellation)
    {
        var taken = await deliveries.TakeDue(100, Lease, cancellation);
        if (taken.Count == 0)
            return 0;
        using var sent = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var keeping = Keep(taken, sent.Token);
        try
        {
            await Parallel.ForEachAsync(taken, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel.Node, CancellationToken = cancellation }, async (t, c) => await One(t, c));
        }
        finally
        {
            await sent.CancelAsync();
            await keeping;
        }

        return taken.Count;
    }

    /// <summary>Tells jobs what became of their deliveries where a node died between the one and the other; how many.</summary>
    public async Task<int> TellUntold(TimeSpan since, CancellationToken cancellation)
    {
        var untold = await deliveries.FindUntold(since, cancellation);
        foreach (var (tenantId, delivery) in untold)
            await Report(tenantId, delivery, cancellation);
        return untold.Count;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var looked = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (clock.GetElapsedTime(looked) > Untold)
                {
                    await TellUntold(Untold, stoppingToken);
                    looked = clock.GetTimestamp();
                }

                while (await SendDue(stoppingToken) > 0)
                {
                    // Until nothing is due.
                }

                await wake.Wait(options.Poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or Marten.Exceptions.MartenCommandException or TimeoutException or JasperFx.ConcurrencyException)
            {
                // What was taken comes back when its lease ends.
                LogFailed(e);
                await Task.Delay(options.Poll, clock, stoppingToken);
            }
        }
    }

    private async Task Keep(List<TakenDelivery> taken, CancellationToken sent)
    {
        using var timer = new PeriodicTimer(Lease / 3, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(sent))
                await Renew(taken, sent);
        }
        catch (OperationCanceledException)
        {
            // All are sent, or the node stops.
        }
    }

    private async Task Renew(List<TakenDelivery> taken, CancellationToken sent)
    {
        try
        {
            await deliveries.KeepTaken(taken, Lease, sent);
        }
        catch (Npgsql.NpgsqlException e)
        {
            // Tried again at the next tick; should a lease end before, the receiver drops the repeat by its key.
            LogNotKept(e);
        }
    }

    private async Task One(TakenDelivery taken, CancellationToken cancellation)
    {
        var gate = _gates.GetOrAdd(taken.Delivery.EndpointId, _ => new SemaphoreSlim(options.Parallel.Endpoint));
        await gate.WaitAsync(cancellation);
        using var span = TraceContext.Start(WorkersTelemetry.DeliverSpan, ActivityKind.Producer, taken.Delivery.TraceParent);
        span?.SetTag(WorkersTelemetry.Tenant, taken.TenantId).SetTag(WorkersTelemetry.Instance, taken.Delivery.InstanceId).SetTag("messaging.message.id", taken.Delivery.MessageId);
        try
        {
            await using var session = store.LightweightSession(taken.TenantId);
            var endpoint = await session.LoadAsync<WebhookEndpointRecord>(taken.Delivery.EndpointId, cancellation);
            var delivery = endpoint is null or { Deleted: true } or { DisabledCause: not null }
                ? taken.Delivery with { Status = "failed", DueAt = null, LeasedUntil = null, Log = Logged(taken.Delivery, null, "The endpoint is switched off or deleted.", null, 0) }
                : await Attempt(session, taken, endpoint, cancellation);
            span?.SetTag(WorkersTelemetry.Outcome, delivery.Status);
            Instruments.Delivered(delivery);
            session.Store(delivery);
            await session.SaveChangesAsync(cancellation);
            if (delivery.Status != "pending")
                await Report(taken.TenantId, delivery, cancellation);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<WebhookDelivery> Attempt(IDocumentSession session, TakenDelivery taken, WebhookEndpointRecord endpoint, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var result = await poster.Post(taken.TenantId, endpoint, taken.Delivery, cancellation);
        var now = clock.GetUtcNow();
        var (d, attempts) = (taken.Delivery, taken.Delivery.Attempts + 1);
        d = d with { Attempts = attempts, LeasedUntil = null, Log = Logged(d, result.Status, result.Error, result.Response, Stopwatch.GetElapsedTime(began).TotalMilliseconds) };
        var health = await session.LoadAsync<WebhookHealth>(endpoint.Id, cancellation);
        if (result.Succeeded)
        {
            if (health?.FailingSince is not null)
                session.Store(new WebhookHealth(endpoint.Id, null));
            return d with { Status = "delivered", DueAt = null, DeliveredAt = now };
        }

        var since = health?.FailingSince ?? now;
        if (health?.FailingSince is null)
            session.Store(new WebhookHealth(endpoint.Id, since));
        if (result.Status == 410 || now - since >= WebhookSchedule.DisableAfter)
        {
            await Disable(taken.TenantId, endpoint.Id, result.Status == 410 ? "gone" : "failing", cancellation);
            return d with { Status = "failed", DueAt = null };
        }

        // Jitter is no decision that must be repeatable, only a spread.
        var next = WebhookSchedule.Next(attempts, now, Random.Shared.NextDouble(), result.Status is 429 or 503 ? result.RetryAfter : null);
        return next is null ? d with { Status = "failed", DueAt = null } : d with { DueAt = next };
    }

    private ImmutableArray<WebhookAttempt> Logged(WebhookDelivery d, int? status, string? error, string? response, double milliseconds) =>
        d.Log.Add(new WebhookAttempt(d.Log.Length + 1, clock.GetUtcNow(), status, error, Math.Round(milliseconds, 1), response));

    private async Task Disable(string tenantId, Guid endpointId, string cause, CancellationToken cancellation)
    {
        var change = WebhookStreams.Change(tenantId, endpointId, Actor.System, s => WebhookDecider.Decide(s, new DisableWebhookEndpoint(cause, Actor.System), clock.GetUtcNow()));
        await streams.Execute(change, null, null, cancellation);
        LogDisabled(tenantId, endpointId, cause);
    }

    // The job ends when all its deliveries have: well, or with an incident that names how many did not arrive.
    private async Task Report(string tenantId, WebhookDelivery delivery, CancellationToken cancellation)
    {
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leases of webhooks that are being sent could not be kept.")]
    private partial void LogNotKept(Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhooks that were due could not be sent; they are tried again.")]
    private partial void LogFailed(Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook endpoint {EndpointId} of {TenantId} was switched off: {Cause}.")]
    private partial void LogDisabled(string tenantId, Guid endpointId, string cause);
}
