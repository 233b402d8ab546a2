using Countersign.Domain.Exports;
using Countersign.Domain.Tenants;
using Countersign.Workers.Streams;
using Countersign.Workers.Trail.Exports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Exports;

/// <summary>
/// Takes exports that are due, one at a time in each node, and writes them; removes files whose time is over. A node that stops gives its export back, one that
/// is killed loses its lease: either way another attempt begins, here or elsewhere.
/// </summary>
public sealed partial class ExportRunner : BackgroundService
{
    private readonly ExportQueue _queue;
    private readonly ExportJob _job;
    private readonly StreamDoor _streams;
    private readonly ExportOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ExportRunner> _logger;
    private readonly SemaphoreSlim _asked = new(0, 1);

    internal ExportRunner(ExportQueue queue, ExportJob job, StreamDoor streams, ExportOptions options, TimeProvider clock, ILogger<ExportRunner> logger) =>
        (_queue, _job, _streams, _options, _clock, _logger) = (queue, job, streams, options, clock, logger);

    /// <summary>Exports of a tenant that wait or are being written.</summary>
    public Task<int> Open(string tenantId, CancellationToken cancellation) => _queue.Open(tenantId, cancellation);

    /// <summary>Says that an export was asked for, so that this node looks at once.</summary>
    public void Wake()
    {
        try
        {
            _asked.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake.
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _asked.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _job.RemoveLeftovers();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await _queue.Take(_options.Lease, stoppingToken) is { } taken)
                    await Work(taken, stoppingToken);
            }
            catch (NpgsqlException e)
            {
                // The database is away for a moment; leases run out by themselves.
                LogAway(e);
            }

            await _asked.WaitAsync(_options.Look, stoppingToken);
        }
    }

    private async Task Work(TakenExport taken, CancellationToken stopping)
    {
        try
        {
            if (!taken.IsWrite)
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
            if (taken.IsWrite && taken.Attempt >= _options.Attempts)
                await GiveUp(taken, "It could not be written. Ask for it again; if it fails again, tell support its id.", stopping);
            else
                await _queue.Release(taken, TimeSpan.FromSeconds(Math.Min(300, 5 << Math.Min(6, taken.Attempt))), "Is tried again soon", stopping);
        }
    }

    private Task GiveUp(TakenExport taken, string reason, CancellationToken cancellation) =>
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database cannot be asked for exports.")]
    private partial void LogAway(Exception e);
}

/// <summary>Another node has the export now.</summary>
internal sealed class LeaseLostException() : Exception("Another node has taken the export.");
