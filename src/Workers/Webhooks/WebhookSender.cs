using Countersign.Projections.Webhooks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Webhooks;

/// <summary>
/// Sends what is due. A slot of this node is only given to a delivery whose endpoint has room, so that a slow receiver holds its own slots and nobody else's.
/// </summary>
public sealed partial class WebhookSender(WebhookDeliveries deliveries, WebhookAttempts attempts, WebhookWake wake, WebhookOptions options, TimeProvider clock, ILogger<WebhookSender> logger)
    : BackgroundService
{
    // How long a dead sender's deliveries wait for another; renewed while one is under way.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Untold = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, int> _busy = [];
    private readonly Dictionary<Task, TakenDelivery> _underway = [];

    /// <summary>Sends everything that is due now; the number of attempts made.</summary>
    public async Task<int> SendDue(CancellationToken cancellation)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var keeping = Keep(ends.Token);
        try
        {
            var made = 0;
            while (await Start(cancellation) is var started and > 0)
            {
                made += started;
                await Task.WhenAll(Underway());
            }

            return made;
        }
        finally
        {
            await ends.CancelAsync();
            await keeping;
        }
    }

    /// <summary>Tells jobs what became of their deliveries where a node died between the one and the other; how many.</summary>
    public async Task<int> TellUntold(TimeSpan since, CancellationToken cancellation)
    {
        var untold = await deliveries.FindUntold(since, cancellation);
        foreach (var (tenantId, delivery) in untold)
            await attempts.Report(tenantId, delivery, cancellation);
        return untold.Count;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ends = new CancellationTokenSource();
        var keeping = Keep(ends.Token);
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

                if (await Start(stoppingToken) == 0)
                    await wake.Wait(Pause(await deliveries.NextDue(stoppingToken)), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is Npgsql.NpgsqlException or Marten.Exceptions.MartenCommandException or TimeoutException)
            {
                LogNotTaken(e);
                await Task.Delay(options.Poll, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        // What has begun is bounded by its own time limit and is written down, so that a restart repeats nothing.
        await Task.WhenAll(Underway());
        await ends.CancelAsync();
        await keeping;
    }

    // What is due and was not taken waits for room, or for a dead sender's lease.
    private TimeSpan Pause(DateTimeOffset? next) => next - clock.GetUtcNow() is not { } wait || wait > options.Idle ? options.Idle : wait < options.Poll ? options.Poll : wait;

    private async Task Keep(CancellationToken ends)
    {
        using var timer = new PeriodicTimer(Lease / 3, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ends))
                await Renew(ends);
        }
        catch (OperationCanceledException)
        {
            // All are sent, or the node stops.
        }
    }

    private async Task Renew(CancellationToken ends)
    {
        TakenDelivery[] taken;
        lock (_lock)
            taken = [.. _underway.Values];
        if (taken.Length == 0)
            return;
        try
        {
            await deliveries.KeepTaken(taken, Lease, ends);
        }
        catch (Npgsql.NpgsqlException e)
        {
            // Tried again at the next tick; should a lease end before, the receiver drops the repeat by its key.
            LogNotKept(e);
        }
    }

    /// <summary>Takes what fits and begins it; how many.</summary>
    private async Task<int> Start(CancellationToken cancellation)
    {
        Dictionary<Guid, int> rooms;
        int free;
        lock (_lock)
        {
            free = options.Parallel.Node - _underway.Count;
            rooms = _busy.ToDictionary(b => b.Key, b => options.Parallel.Endpoint - b.Value);
        }

        if (free <= 0)
            return 0;
        var taken = await deliveries.TakeDue(free, options.Parallel.Endpoint, rooms, Lease, cancellation);
        foreach (var one in taken)
            Begin(one);
        return taken.Count;
    }

    private void Begin(TakenDelivery taken)
    {
        var endpoint = taken.Delivery.EndpointId;
        lock (_lock)
        {
            _busy[endpoint] = _busy.GetValueOrDefault(endpoint) + 1;
            var task = Task.Run(() => Make(taken));
            _underway.Add(task, taken);
            _ = task.ContinueWith(t => End(t, endpoint), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task Make(TakenDelivery taken)
    {
        try
        {
            await attempts.Make(taken, CancellationToken.None);
        }
        // Whatever it is, it is this delivery's trouble: its lease ends, it comes back, and the others go on.
        catch (Exception e)
        {
            LogFailed(e, taken.Delivery.Id, taken.TenantId);
        }
    }

    private void End(Task task, Guid endpoint)
    {
        lock (_lock)
        {
            _underway.Remove(task);
            if (_busy[endpoint] == 1)
                _busy.Remove(endpoint);
            else
                _busy[endpoint]--;
        }

        wake.Now();
    }

    private Task[] Underway()
    {
        lock (_lock)
            return [.. _underway.Keys];
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhooks that are due could not be taken; it is tried again.")]
    private partial void LogNotTaken(Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leases of webhooks that are being sent could not be kept.")]
    private partial void LogNotKept(Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "Webhook delivery {DeliveryId} of {TenantId} could not be attempted; it is tried again when its lease ends.")]
    private partial void LogFailed(Exception e, Guid deliveryId, string tenantId);
}
