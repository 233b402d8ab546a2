using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Tenants;

/// <summary>Writes the counts of repeated refused attempts once a minute, and what is left when the service stops.</summary>
internal sealed partial class AccessLogHost(AccessLog access, TimeProvider time, ILogger<AccessLogHost> logger) : BackgroundService
{
    /// <summary>How often; also the longest time a count is known to this process alone.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Flush(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Flush(stoppingToken);
    }

    private async Task Flush(CancellationToken cancellation)
    {
        try
        {
            await access.Flush(cancellation);
        }
        catch (Exception error) when (error is NpgsqlException or Marten.Exceptions.MartenCommandException or JasperFx.ConcurrencyException)
        {
            // The counts were given back: the next minute writes them.
            Failed(error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Counts of refused attempts could not be written; they are kept for the next minute.")]
    private partial void Failed(Exception error);
}
