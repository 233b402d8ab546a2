using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Hangfire;
using Hangfire.PostgreSql;
using Microsoft.Extensions.Hosting;

namespace Countersign.Workers.Jobs;

/// <summary>
/// Wakes a worker of this node when some node has enqueued an inference. One connection listens for all that wait here; Hangfire's own would be one for
/// each idle worker.
/// </summary>
internal sealed class InferenceWake(Notices notices, JobStorage storage) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = notices.Listen(Channels.Inference, "");
        var next = listening.Next;
        while (true)
        {
            await next.WaitAsync(stoppingToken);
            // Asked for before waking, so that a notice in between is not missed.
            next = listening.Next;
            One(storage);
        }
    }

    /// <summary>
    /// Wakes one worker of this node; when none waits, the next one that would looks once more. Notices and wakes that come together count as one, so a worker
    /// that has found something wakes the next: of a crowd, all begin.
    /// </summary>
    public static void One(JobStorage storage) => ((PostgreSqlJobQueue)((PostgreSqlStorage)storage).QueueProviders.GetProvider(InferenceJob.Queue).GetJobQueue()).FetchNextJob();
}
