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
        var queue = (PostgreSqlJobQueue)((PostgreSqlStorage)storage).QueueProviders.GetProvider(InferenceJob.Queue).GetJobQueue();
        using var listening = notices.Listen(Channels.Inference, "");
        var next = listening.Next;
        while (true)
        {
            await next.WaitAsync(stoppingToken);
            // Asked for before waking, so that a notice in between is not missed.
            next = listening.Next;
            queue.FetchNextJob();
        }
    }
}
