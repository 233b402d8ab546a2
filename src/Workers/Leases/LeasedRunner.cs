using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Leases;

/// <summary>
/// Takes work that is due, one piece at a time in each node. A node that stops gives its work back, one that is killed loses its lease: either way another attempt
/// begins, here or elsewhere.
/// </summary>
public abstract partial class LeasedRunner : BackgroundService
{
    private readonly SemaphoreSlim _asked = new(0, 1);
    private readonly TimeSpan _look;
    private readonly ILogger _logger;

    private protected LeasedRunner(TimeSpan look, ILogger logger) => (_look, _logger) = (look, logger);

    /// <summary>Says that work was asked for, so that this node looks at once.</summary>
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
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Prepare();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await Take(stoppingToken) is { } taken)
                    await Work(taken, stoppingToken);
            }
            catch (NpgsqlException e)
            {
                // The database is away for a moment; leases run out by themselves.
                LogAway(e);
            }

            await _asked.WaitAsync(_look, stoppingToken);
        }
    }

    /// <summary>Once, before the first look.</summary>
    private protected virtual void Prepare()
    {
    }

    private protected abstract Task<Taken?> Take(CancellationToken cancellation);

    private protected abstract Task Work(Taken taken, CancellationToken stopping);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database cannot be asked for work.")]
    private partial void LogAway(Exception e);
}
