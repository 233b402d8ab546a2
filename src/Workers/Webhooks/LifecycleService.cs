using Countersign.Workers.Hosting;
using Countersign.Workers.Instances;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Webhooks;

/// <summary>Follows the trails for endpoints that want facts of instances. When it stands still, deliveries come later; none is lost.</summary>
internal sealed partial class LifecycleService(LifecycleEvents events, Notices notices, WebhookOptions options, TimeProvider clock, ILogger<LifecycleService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var listening = notices.Listen(Channels.Trail, "");
        while (true)
        {
            var grown = listening.Next;
            try
            {
                await events.Pass(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or Marten.Exceptions.MartenCommandException or TimeoutException or IOException)
            {
                Failed(e);
            }

            // Many leaves make one pass.
            await Task.Delay(options.Poll, clock, stoppingToken);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(grown, Task.Delay(options.Idle, clock, over.Token));
            await over.CancelAsync();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Facts of instances could not be turned into webhooks; the next pass goes on from the same mark.")]
    private partial void Failed(Exception e);
}
