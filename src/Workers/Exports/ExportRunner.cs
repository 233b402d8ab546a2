using Countersign.Domain.Exports;
using Countersign.Domain.Tenants;
using Countersign.Workers.Leases;
using Countersign.Workers.Streams;
using Countersign.Workers.Trail.Exports;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Exports;

/// <summary>Writes exports that are due and removes files whose time is over.</summary>
public sealed partial class ExportRunner : LeasedRunner
{
    private readonly ExportQueue _queue;
    private readonly ExportJob _job;
    private readonly StreamDoor _streams;
    private readonly ExportOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ExportRunner> _logger;

    internal ExportRunner(ExportQueue queue, ExportJob job, StreamDoor streams, ExportOptions options, TimeProvider clock, ILogger<ExportRunner> logger)
        : base(options.Look, logger) => (_queue, _job, _streams, _options, _clock, _logger) = (queue, job, streams, options, clock, logger);

    /// <summary>Exports of a tenant that wait or are being written.</summary>
    public Task<int> Open(string tenantId, CancellationToken cancellation) => _queue.Open(tenantId, cancellation);

    private protected override void Prepare() => _job.RemoveLeftovers();

    private protected override Task<Taken?> Take(CancellationToken cancellation) => _queue.Take(_options.Lease, cancellation);

    private protected override async Task Work(Taken taken, CancellationToken stopping)
    {
        try
        {
            if (!taken.IsWork)
                await _job.Expire(taken, stopping);
            else if (taken.Attempt > _options.Attempts)
                await GiveUp(taken, $"It was tried {_options.Attempts} times, and each time the node stopped. Ask for a shorter period; if that fails too, tell support the export's id.", stopping);
            else
                await _job.Write(taken, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await _queue.Release(taken, TimeSpan.Zero, "Waits for its turn", CancellationToken.None);
            throw;
        }
        catch (ExportException e)
        {
            LogFailed(e, taken.Id, taken.TenantId);
            await GiveUp(taken, e.Message, stopping);
        }
        catch (LeaseLostException)
        {
            LogLost(taken.Id, taken.TenantId, taken.Attempt);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            LogFailed(e, taken.Id, taken.TenantId);
            if (taken.IsWork && taken.Attempt >= _options.Attempts)
                await GiveUp(taken, "It could not be written. Ask for it again; if it fails again, tell support its id.", stopping);
            else
                await _queue.Release(taken, TimeSpan.FromSeconds(Math.Min(300, 5 << Math.Min(6, taken.Attempt))), "Is tried again soon", stopping);
        }
    }

    private Task GiveUp(Taken taken, string reason, CancellationToken cancellation) =>
        _streams.Execute(ExportStreams.Change(taken.TenantId, taken.Id, Actor.System, s => Fail(s, new FailExport(taken.Attempt, reason))), null, null, cancellation);

    // An export that never began an attempt cannot fail one: the decider would say nothing.
    private Domain.Outcome Fail(ExportState? state, FailExport command)
    {
        var now = _clock.GetUtcNow();
        return state is not null && state.Attempt < command.Attempt
            ? Domain.Outcome.Of(new ExportBegun(command.Attempt, now), new ExportFailed(command.Attempt, command.Reason, now))
            : ExportDecider.Decide(state, command, now);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Export {Id} of {TenantId} failed.")]
    private partial void LogFailed(Exception e, Guid id, string tenantId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another node has taken export {Id} of {TenantId}; attempt {Attempt} was ended here.")]
    private partial void LogLost(Guid id, string tenantId, int attempt);
}
