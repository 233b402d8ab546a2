using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Workers.Telemetry;
using JasperFx;
using Marten.Exceptions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Instances;

/// <summary>
/// Takes what waits and carries it out in one transaction; no timer, so an idle runner answers at once and a busy one fills its
/// batches. A batch that fails is carried out again one by one from fresh state, so that one lost race costs its neighbours nothing
/// but time.
/// </summary>
internal sealed partial class InstanceWriter : IDisposable
{
    private readonly CommandQueue _queue;
    private readonly StateCache _cache;
    private readonly InstanceLoader _loader;
    private readonly InstanceDecider _decider;
    private readonly InstanceCommitter _committer;
    private readonly RunnerStatistics _statistics;
    private readonly RunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<(InstanceKey, LoadedInstance)> _leaving = [];
    private readonly Task _run;

    public InstanceWriter(InstanceLoader loader, InstanceDecider decider, InstanceCommitter committer, RunnerStatistics statistics, RunnerOptions options, TimeProvider time, ILogger logger)
    {
        (_loader, _decider, _committer, _statistics, _options, _time, _logger) = (loader, decider, committer, statistics, options, time, logger);
        _queue = new CommandQueue(options.Waiting, options.WaitingOfTenant);
        _cache = new StateCache(options.CachedStates, options.CachedBytes);
        _run = Task.Run(Run);
    }

    public Func<string, Task>? Fault { get; set; }

    public int Waiting => _queue.Count;

    public bool TryAdd(CommandWork work) => _queue.TryAdd(work);

    public async Task Drain()
    {
        _queue.Close();
        await _run;
    }

    public void Dispose() => _queue.Dispose();

    private async Task Run()
    {
        while (true)
        {
            var batch = await _queue.Take(_options.BatchCommands, _options.BatchOfTenant, _options.BatchBytes);
            if (batch.Count == 0)
                return;
            foreach (var work in batch.Where(w => w.Cancellation.IsCancellationRequested))
                work.Cancel();
            batch.RemoveAll(w => w.Cancellation.IsCancellationRequested);
            if (batch.Count > 0)
                await CarryOut(batch);
            _statistics.Answered(batch.Count);
        }
    }

    private async Task CarryOut(List<CommandWork> batch)
    {
        _statistics.Began();
        try
        {
            await Commit(batch);
            return;
        }
        catch (Exception error)
        {
            _statistics.Failed();
            BatchFailed(batch.Count, error);
            Forget(batch);
        }

        for (var i = 0; i < batch.Count; i++)
        {
            if (await CarryOutAlone(batch[i]) is not { } broken)
                continue;
            // The database is gone, not the command wrong: the rest would only wait the same time for the same answer.
            foreach (var work in batch.Skip(i + 1))
                work.Fail(broken);
            return;
        }
    }

    /// <summary>Answers a command alone; hands out the error when the database could not be reached.</summary>
    private async Task<Exception?> CarryOutAlone(CommandWork work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await Commit([work]);
                return null;
            }
            catch (Exception error) when (attempt < _options.Attempts && (IsLostRace(error) || IsBroken(error)))
            {
                Forget([work]);
                TriedAgain(work.Command.InstanceId, attempt, error);
                await Task.Delay(IsBroken(error) ? TimeSpan.FromMilliseconds(100 << attempt) : TimeSpan.FromMilliseconds(Random.Shared.Next(1, 4 << attempt)), _time);
            }
            catch (Exception error) when (IsLostRace(error))
            {
                Forget([work]);
                work.Answer(CommandWork.Refused(RefusalKind.Conflict, "instance.busy", "Others changed the instance again and again at the same moment. Read it and send the command again."));
                return null;
            }
            catch (Exception error)
            {
                Forget([work]);
                work.Fail(error);
                return IsBroken(error) ? error : null;
            }
        }
    }

    private async Task Commit(List<CommandWork> batch)
    {
        using var span = RunnerSpans.Commit(batch);
        try
        {
            var began = _time.GetTimestamp();
            await Carry(batch);
            Instruments.Committed(batch.Count, _time.GetElapsedTime(began));
        }
        catch (Exception error)
        {
            span.Failed(error);
            throw;
        }
    }

    private async Task Carry(List<CommandWork> batch)
    {
        if (Fault is { } fault)
            await fault("taken");
        var loaded = await _loader.Load(batch, _cache.Find, CancellationToken.None);
        await At("loaded");
        var changes = await _decider.Decide(batch, loaded, CancellationToken.None);
        await At("decided");
        await _committer.Commit(changes, _leaving, _time.GetUtcNow(), Fault, CancellationToken.None);
        await At("after-commit");
        foreach (var change in changes)
        {
            _cache.Keep(change.Key, change.After ?? change.Before, _leaving);
            foreach (var near in change.Facts.Select(f => f.Fact).OfType<InstanceLimitNeared>())
                NearLimit(change.Key.InstanceId, change.Key.TenantId, near.Facts, near.Limit);
        }

        foreach (var work in batch.Where(w => !w.Done.IsCompleted))
            work.Answer();
    }

    private Task At(string point) => Fault?.Invoke(point) ?? Task.CompletedTask;

    private void Forget(List<CommandWork> batch)
    {
        foreach (var work in batch)
            _cache.Forget(work.Key);
    }

    private static bool IsLostRace(Exception error) => error is ConcurrencyException or ExistingStreamIdCollisionException or DocumentAlreadyExistsException or NonExistentStreamException
        || Postgres(error) is { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable };

    internal static bool IsBroken(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is PostgresException { SqlState: var state })
                return state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57", StringComparison.Ordinal) || state.StartsWith("53", StringComparison.Ordinal);
            if (inner is NpgsqlException or TimeoutException or IOException)
                return true;
        }

        return false;
    }

    private static PostgresException? Postgres(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is PostgresException postgres)
                return postgres;
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A batch of {Count} commands failed and is carried out one by one.")]
    private partial void BatchFailed(int count, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Instance {InstanceId} of tenant {TenantId} has {Facts} facts and stops at {Limit}: raise its limit or continue it in a successor.")]
    private partial void NearLimit(Guid instanceId, string tenantId, int facts, int limit);

    [LoggerMessage(Level = LogLevel.Information, Message = "A command on instance {InstanceId} is tried again from fresh state (attempt {Attempt}).")]
    private partial void TriedAgain(Guid instanceId, int attempt, Exception error);
}
