using System.Collections.Frozen;
using System.Diagnostics;
using System.Globalization;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Sealing;
using Countersign.Workers.Instances;
using Countersign.Workers.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Jobs;

/// <summary>Carries out one attempt of a built-in job: lease, open, work, result to the runner.</summary>
public sealed partial class JobExecutor
{
    private readonly FrozenDictionary<string, bool> _inference;
    private readonly IServiceScopeFactory _scopes;
    private readonly JobLeases _leases;
    private readonly LeaseKeeper _keeper;
    private readonly FieldSealer _sealer;
    private readonly TimeProvider _time;
    private readonly ILogger<JobExecutor> _logger;
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    /// <summary>An executor for the workers that are registered; each attempt gets a worker in a scope of its own.</summary>
    public JobExecutor(IServiceScopeFactory scopes, JobLeases leases, LeaseKeeper keeper, FieldSealer sealer, TimeProvider time, ILogger<JobExecutor> logger)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        (_scopes, _leases, _keeper, _sealer, _time, _logger) = (scopes, leases, keeper, sealer, time, logger);
        using var scope = scopes.CreateScope();
        _inference = scope.ServiceProvider.GetServices<IJobWorker>().ToFrozenDictionary(w => w.Type, w => w.IsInference, StringComparer.Ordinal);
    }

    /// <summary>Whether attempts of this type run through Hangfire.</summary>
    public bool IsInference(string type) => _inference.GetValueOrDefault(type);

    /// <summary>Whether this node has a worker for the type.</summary>
    public bool Carries(string type) => _inference.ContainsKey(type);

    /// <summary>Carries out the attempt; does nothing when it is no longer due or somebody else has it.</summary>
    public async Task Run(string tenantId, Guid instanceId, string jobId, int attempt, CancellationToken cancellation)
    {
        using var span = Tagged(WorkersTelemetry.Source.StartActivity(WorkersTelemetry.AttemptSpan), tenantId, instanceId, jobId, attempt);
        // The token tells two executions in one process apart, so that the one does not give back the other's lease.
        var name = string.Create(CultureInfo.InvariantCulture, $"{_name}/{Guid.CreateVersion7(_time.GetUtcNow()):N}");
        if (await _leases.Take(tenantId, jobId, attempt, name, LeaseKeeper.Lease, cancellation) is not { } row)
            return;
        using var held = _keeper.Keep(tenantId, jobId, attempt, name);
        if (await Carry(row, tenantId, attempt, span, cancellation))
            return;
        await _leases.Release(tenantId, jobId, attempt, name, CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Carries out an attempt that was born with this node's lease, which is kept meanwhile.</summary>
    internal async Task Run(BornAttempt born, CancellationToken cancellation)
    {
        var (row, attempt) = (born.Job, born.Job.Attempt);
        using var span = Tagged(TraceContext.Start(WorkersTelemetry.AttemptSpan, ActivityKind.Internal, born.TraceParent), born.TenantId, row.InstanceId, row.Id, attempt);
        if (born.Doubtful)
        {
            if (await _leases.Take(born.TenantId, row.Id, attempt, born.Worker, LeaseKeeper.Lease, cancellation) is not { } found)
                return;
            row = found;
            born.Held = _keeper.Keep(born.TenantId, row.Id, attempt, born.Worker);
        }

        if (!await Carry(row, born.TenantId, attempt, span, cancellation))
            await _keeper.GiveBack([born], CancellationToken.None);
    }

    private static Activity? Tagged(Activity? span, string tenantId, Guid instanceId, string jobId, int attempt) =>
        span?.SetTag(WorkersTelemetry.Tenant, tenantId).SetTag(WorkersTelemetry.Instance, instanceId).SetTag(WorkersTelemetry.Job, jobId).SetTag(WorkersTelemetry.Attempt, attempt);

    /// <summary>False when the attempt was not carried out, and another node may begin at once: this one is stopping, or has no worker for it.</summary>
    private async Task<bool> Carry(JobRow row, string tenantId, int attempt, Activity? span, CancellationToken cancellation)
    {
        span?.SetTag(WorkersTelemetry.JobType, row.Type);
        await using var scope = _scopes.CreateAsyncScope();
        if (scope.ServiceProvider.GetServices<IJobWorker>().FirstOrDefault(w => w.Type == row.Type) is not { } worker)
        {
            NoWorker(row.Type, row.Id);
            return false;
        }

        var began = _time.GetTimestamp();
        var outcome = await Attempt(worker, row, tenantId, attempt, cancellation);
        var result = ResultOf(outcome);
        span?.SetTag(WorkersTelemetry.Outcome, result);
        Instruments.Attempted(row.Type, result, _time.GetElapsedTime(began));
        if (outcome is null)
            return false;
        if (outcome is JobOutcome.Pending pending)
            await _leases.Extend(tenantId, row.Id, attempt, null, pending.Until, cancellation);
        else
            await Hand(scope.ServiceProvider.GetRequiredService<CommandDoor>(), CommandFor(outcome, row, tenantId, attempt), cancellation);
        return true;
    }

    private async Task<JobOutcome?> Attempt(IJobWorker worker, JobRow row, string tenantId, int attempt, CancellationToken cancellation)
    {
        try
        {
            var variables = await _sealer.OpenForReading(row.Variables, tenantId, row.InstanceId, cancellation);
            var context = new JobContext(tenantId, row.InstanceId, row.ProcessKey, row.ProcessVersion, row.ElementId, row.Id, attempt, row.Headers, variables,
                EffectIds.Of(tenantId, row))
            { FirstInstanceId = row.FirstInstanceId ?? row.InstanceId, IsTakenOver = row.FirstId is not null };
            return await worker.Run(context, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception error)
        {
            // The exception's text may hold personal data: it goes to the log, the trail gets its kind.
            WorkerFailed(row.Type, row.Id, attempt, error);
            return new JobOutcome.Failed("worker.exception", $"The worker for {row.Type} failed with {error.GetType().Name}. Its log entry has the details.");
        }
    }

    private static string ResultOf(JobOutcome? outcome) => outcome switch
    {
        JobOutcome.Completed => "completed",
        JobOutcome.Failed => "failed",
        JobOutcome.Error => "error",
        JobOutcome.Pending => "pending",
        _ => "stopped",
    };

    private static InstanceCommand CommandFor(JobOutcome outcome, JobRow row, string tenantId, int attempt) => outcome switch
    {
        JobOutcome.Completed c => new CompleteJob(tenantId, row.InstanceId, Actor.System, row.Id, attempt, c.Variables, c.Inference),
        JobOutcome.Failed f => new FailJob(tenantId, row.InstanceId, Actor.System, row.Id, attempt, f.ErrorCode, f.Message, f.Retryable, f.RetryAfter),
        JobOutcome.Error e => new ThrowJobError(tenantId, row.InstanceId, Actor.System, row.Id, attempt, e.ErrorCode, e.Message, e.Variables),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>Hands a result to the runner. An overloaded runner is asked again: the work is done, and doing it again costs more.</summary>
    private async Task Hand(CommandDoor door, InstanceCommand command, CancellationToken cancellation)
    {
        for (var wait = TimeSpan.FromMilliseconds(100); ; wait = wait < TimeSpan.FromSeconds(10) ? wait * 2 : wait)
        {
            var result = await door.Execute(command, null, cancellation);
            if (result.Refusal is not { } refusal)
                return;
            if (refusal.Kind != RefusalKind.Limit || refusal.Code != "runner.overloaded")
            {
                ResultRefused(command.InstanceId, refusal.Code, refusal.Detail);
                await RefusedResult(door, command, refusal, cancellation);
                return;
            }

            await Task.Delay(wait * (0.5 + Random.Shared.NextDouble()), _time, cancellation);
        }
    }

    // A result that the engine does not take (too large, say) would otherwise be worked out again for ever.
    private static async Task RefusedResult(CommandDoor door, InstanceCommand command, Refusal refusal, CancellationToken cancellation)
    {
        if (command is CompleteJob job && refusal.Kind is RefusalKind.Invalid or RefusalKind.Limit)
            await door.Execute(new FailJob(job.TenantId, job.InstanceId, Actor.System, ((CompleteJob)command).JobId, ((CompleteJob)command).Attempt, refusal.Code, refusal.Detail, Retryable: false), null, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No worker for job type {Type} on this node; job {JobId} waits for a node that has one.")]
    private partial void NoWorker(string type, string jobId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Worker for {Type} failed in job {JobId}, attempt {Attempt}.")]
    private partial void WorkerFailed(string type, string jobId, int attempt, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The result of a job of instance {InstanceId} was refused: {Code} {Detail}")]
    private partial void ResultRefused(Guid instanceId, string code, string detail);
}
