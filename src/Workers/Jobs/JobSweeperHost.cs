using System.Diagnostics;
using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Countersign.Workers.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Jobs;

/// <summary>Starts again what is due and held by nobody: the last resort after a crash between two steps.</summary>
internal sealed partial class JobSweeperHost(JobLeases leases, IServiceScopeFactory scopes, Notices notices, TimeProvider time, ILogger<JobSweeperHost> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>One sweep; answers how many attempts it started.</summary>
    public async Task<int> Sweep(TimeSpan grace, CancellationToken cancellation)
    {
        var lost = await leases.Abandoned(grace, 100, cancellation);
        await Parallel.ForEachAsync(lost, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, async (found, token) =>
        {
            using var span = TraceContext.Start(WorkersTelemetry.SweepSpan, ActivityKind.Consumer, found.TraceParent);
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<JobDispatcher>().Dispatch(found.Job, token);
        });
        return lost.Length;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = notices.Listen(Channels.Attempts, "");
        var woken = listening.Next;
        while (true)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(woken, Task.Delay(Period, time, over.Token));
            await over.CancelAsync();
            stoppingToken.ThrowIfCancellationRequested();
            // Asked for before looking, so that what a stopping node gives back meanwhile is not missed.
            woken = listening.Next;
            try
            {
                if (await Sweep(Grace, stoppingToken) is > 0 and var count)
                    Started(count);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                // The database or the queue is away or crowded for a moment, or one job in trouble; the next sweep finds the same rows. Nothing of it may end the node.
                Failed(error);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} jobs were due and held by nobody; they were started again.")]
    private partial void Started(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep for abandoned jobs failed.")]
    private partial void Failed(Exception error);
}
