using System.Collections.Concurrent;
using System.Diagnostics;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;
using Countersign.Workers.Jobs;
using Countersign.Workers.Telemetry;
using Countersign.Workers.Tenants;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Wolverine.Runtime;

namespace Countersign.Workers.Instances;

/// <summary>
/// Carries out commands on process instances, in the process that received them: many at a time in one transaction, each answered
/// when the transaction is durable. Nothing else writes the streams of instances. See docs/explanation/runner.md.
/// </summary>
public sealed class InstanceRunner : IHostedService, IAsyncDisposable
{
    private int _disposed;
    private readonly InstanceWriter[] _writers;
    private readonly WriterChoice _choice;
    private readonly ConcurrentDictionary<(string TenantId, string ReceiptId), byte> _underway = new();
    private readonly AccessLog _access;
    private readonly TimeProvider _time;

    /// <summary>Makes a runner; its writers start at once.</summary>
    public InstanceRunner(IDocumentStore store, NpgsqlDataSource writer, IWolverineRuntime runtime, InstanceContext context, FieldSealer sealer, BornAttempts attempts, AccessLog access, RunnerOptions options,
        TimeProvider time, ILogger<InstanceRunner> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_access, _time) = (access, time);
        var loader = new InstanceLoader(writer, sealer);
        var committer = new InstanceCommitter(store, runtime, sealer, attempts, Statistics, options);
        _choice = new WriterChoice(options.Writers, options.BatchOfTenant);
        // One more for the express lane.
        _writers = [.. Enumerable.Range(0, options.Writers + 1).Select(_ => new InstanceWriter(loader, new InstanceDecider(context, time), committer, Statistics, options, time, logger))];
    }

    /// <summary>What it has done, for metrics and tests.</summary>
    public RunnerStatistics Statistics { get; } = new();

    /// <summary>Commands that wait at all writers.</summary>
    internal int Waiting => _writers.Sum(w => w.Waiting);

    /// <summary>Called between every two steps of a batch; a test throws from it or ends the process.</summary>
    internal Func<string, Task>? Fault
    {
        set
        {
            foreach (var writer in _writers)
                writer.Fault = value;
        }
    }

    /// <summary>Carries out a command. When the answer is here, it is durable.</summary>
    /// <param name="command">The command; its tenant comes from a verified credential or from a row of that tenant.</param>
    /// <param name="call">The idempotency key, or null.</param>
    /// <param name="cancellation">Gives up waiting; a command that is already in a transaction is still carried out.</param>
    public async Task<CommandResult> Execute(InstanceCommand command, IdempotentCall? call, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        cancellation.ThrowIfCancellationRequested();
        using var span = RunnerSpans.Run(command);
        var work = new CommandWork(command, call, Guid.CreateVersion7(_time.GetUtcNow()), Activity.Current, cancellation);
        var underway = (command.TenantId, work.ReceiptId ?? "");
        if (work.ReceiptId is not null && !_underway.TryAdd(underway, 0))
            return CommandWork.Refused(RefusalKind.Conflict, "idempotency.in_flight", "A call with this Idempotency-Key is still being carried out. Send it again in a moment to get its answer.");
        try
        {
            var result = await Answered(work);
            // What came late to an instance that has gone on in a successor follows it, through a whole chain if need be.
            while (result.Forwarded is { } forwarded)
                result = await Answered(work = new CommandWork(forwarded, call, Guid.CreateVersion7(_time.GetUtcNow()), Activity.Current, cancellation));
            span?.SetTag(WorkersTelemetry.Outcome, result.Refusal?.Code ?? "done");
            if (result.Refusal is { Kind: RefusalKind.Denied } denied && !result.Replayed)
                await _access.Record(command.TenantId, command.By, denied.Code, MessageAliases.Of(command.GetType()) ?? command.GetType().Name, command.InstanceId, SubjectOf(command), work.TraceId, cancellation);
            return result;
        }
        finally
        {
            if (work.ReceiptId is not null)
                _underway.TryRemove(underway, out _);
        }
    }

    private async Task<CommandResult> Answered(CommandWork work)
    {
        var writer = _writers[_choice.Enter(work.Key)];
        try
        {
            if (writer.TryAdd(work))
                return await work.Done;
        }
        finally
        {
            _choice.Leave(work.Key);
        }

        Statistics.Refused();
        return CommandWork.Refused(RefusalKind.Limit, "runner.overloaded", "Too many commands are waiting. Send it again after the time in Retry-After.");
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes no more commands and ends when those that wait are answered.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(_writers.Select(w => w.Drain())).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Registered as itself and as a hosted service, it is disposed of twice by a host that was never stopped.
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await Task.WhenAll(_writers.Select(w => w.Drain()));
        foreach (var writer in _writers)
            writer.Dispose();
    }

    private static string? SubjectOf(InstanceCommand command) => command switch
    {
        ClaimTask c => c.TaskId,
        ReleaseTask c => c.TaskId,
        ReassignTask c => c.TaskId,
        CompleteTask c => c.TaskId,
        CompleteJob c => c.JobId,
        FailJob c => c.JobId,
        ThrowJobError c => c.JobId,
        RetryIncident c => c.IncidentId,
        SkipIncident c => c.IncidentId,
        RerouteIncident c => c.IncidentId,
        _ => null,
    };
}
