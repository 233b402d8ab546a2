using Countersign.Workers.Leases;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Batches;

/// <summary>Carries out batches in turns, and removes the parts of those whose time is over.</summary>
public sealed partial class BatchRunner : LeasedRunner
{
    private readonly BatchQueue _queue;
    private readonly BatchJob _job;
    private readonly BatchOptions _options;
    private readonly ILogger<BatchRunner> _logger;

    internal BatchRunner(BatchQueue queue, BatchJob job, BatchOptions options, ILogger<BatchRunner> logger)
        : base(options.Look, logger) => (_queue, _job, _options, _logger) = (queue, job, options, logger);

    /// <summary>Batches of a tenant that wait or are carried out.</summary>
    public Task<int> Open(string tenantId, CancellationToken cancellation) => _queue.Open(tenantId, cancellation);

    private protected override Task<Taken?> Take(CancellationToken cancellation) => _queue.Take(_options.Lease, cancellation);

    private protected override async Task Work(Taken taken, CancellationToken stopping)
    {
        try
        {
            if (taken.IsWork)
                await _job.Work(taken, stopping);
            else
                await _job.Remove(taken, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await _queue.Release(taken, TimeSpan.Zero, CancellationToken.None);
            throw;
        }
        catch (LeaseLostException)
        {
            LogLost(taken.Id, taken.TenantId, taken.Attempt);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            // What was done is known by its receipts; what was not is tried again.
            LogFailed(e, taken.Id, taken.TenantId);
            await _queue.Release(taken, TimeSpan.FromSeconds(5), stopping);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn at batch {Id} of {TenantId} failed; it is tried again.")]
    private partial void LogFailed(Exception e, Guid id, string tenantId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another node has taken batch {Id} of {TenantId}; attempt {Attempt} was ended here.")]
    private partial void LogLost(Guid id, string tenantId, int attempt);
}
