using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Webhooks;

/// <summary>Follows the trails for endpoints that want facts of instances. When it stands still, deliveries come later; none is lost.</summary>
internal sealed partial class LifecycleService(LifecycleEvents events, WebhookOptions options, TimeProvider clock, ILogger<LifecycleService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Poll, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await events.Pass(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or Marten.Exceptions.MartenCommandException or TimeoutException or IOException)
            {
                Failed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Facts of instances could not be turned into webhooks; the next pass goes on from the same mark.")]
    private partial void Failed(Exception e);
}
