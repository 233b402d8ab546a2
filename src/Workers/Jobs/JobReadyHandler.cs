using System.Diagnostics;
using Countersign.Domain.Instances;
using Countersign.Workers.Telemetry;
using Hangfire;
using Hangfire.States;

namespace Countersign.Workers.Jobs;

/// <summary>Starts an attempt that is due: inference goes to Hangfire, the rest is carried out here.</summary>
public static class JobReadyHandler
{
    /// <summary>Hands the attempt to where it runs.</summary>
    public static Task Handle(JobReady message, JobDispatcher dispatcher, CancellationToken cancellation) => dispatcher.Dispatch(message, cancellation);
}

/// <summary>Where attempts run.</summary>
public sealed class JobDispatcher(JobExecutor executor, JobLeases leases, IBackgroundJobClientV2 hangfire) : IDisposable
{
    // Enqueuing blocks a thread and a connection of a small pool: a crowd of attempts must not starve the workers that would thin it out.
    private readonly SemaphoreSlim _enqueuing = new(3);
    // Long enough to enqueue; a process that dies in between holds nothing up for longer.
    private static readonly TimeSpan Enqueuing = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Waiting = TimeSpan.FromMinutes(5);

    /// <summary>Starts an attempt. Ids only go on: what the job is about is read when it runs.</summary>
    public async Task Dispatch(JobReady message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!executor.IsInference(message.Type))
        {
            await executor.Run(message.TenantId, message.InstanceId, message.JobId, message.Attempt, cancellation);
            return;
        }

        await _enqueuing.WaitAsync(cancellation);
        try
        {
            // Not taken: gone, or held by somebody.
            if (await leases.Take(message.TenantId, message.JobId, message.Attempt, JobLeases.Queued, Enqueuing, cancellation) is not null)
                await Enqueue(message.TenantId, message.InstanceId, message.JobId, message.Attempt, null, cancellation);
        }
        finally
        {
            _enqueuing.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _enqueuing.Dispose();

    /// <summary>Hands an inference that was born with a lease to Hangfire.</summary>
    internal async Task Enqueue(BornAttempt born, CancellationToken cancellation)
    {
        var job = born.Job;
        if (born.Doubtful && await leases.Take(born.TenantId, job.Id, job.Attempt, JobLeases.Queued, Enqueuing, cancellation) is null)
            return;
        await Enqueue(born.TenantId, job.InstanceId, job.Id, job.Attempt, born.TraceParent, cancellation);
    }

    private async Task Enqueue(string tenantId, Guid instanceId, string jobId, int attempt, string? traceParent, CancellationToken cancellation)
    {
        using var span = TraceContext.Start(WorkersTelemetry.EnqueueSpan, ActivityKind.Producer, traceParent);
        span?.SetTag("messaging.system", "hangfire").SetTag("messaging.operation.type", "send").SetTag("messaging.destination.name", InferenceJob.Queue);
        hangfire.Create<InferenceJob>(job => job.Run(tenantId, instanceId, jobId, attempt, CancellationToken.None), new EnqueuedState(InferenceJob.Queue));
        // The sweeper leaves alone what waits in Hangfire's queue.
        await leases.Queue(tenantId, jobId, attempt, Waiting, cancellation);
    }
}

/// <summary>One attempt of an inference as a Hangfire job: ids only, never retried by Hangfire, fenced by the attempt.</summary>
[HangfireTrace]
public sealed class InferenceJob(JobExecutor executor, JobStorage storage)
{
    /// <summary>Its queue.</summary>
    public const string Queue = "inference";

    /// <summary>Carries out the attempt.</summary>
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Fail)]
    public Task Run(string tenantId, Guid instanceId, string jobId, int attempt, CancellationToken cancellation)
    {
        // Wakes that come together count as one: whoever has found something wakes the next.
        InferenceWake.One(storage);
        return executor.Run(tenantId, instanceId, jobId, attempt, cancellation);
    }
}
