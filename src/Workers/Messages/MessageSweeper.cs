using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Messages;

/// <summary>Ends messages whose time is over, and hands over again what a crash left between a promise and its delivery.</summary>
internal sealed partial class MessageSweeper(IServiceScopeFactory scopes, TimeProvider time, ILogger<MessageSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                if (await scope.ServiceProvider.GetRequiredService<MessagePost>().Sweep(Grace, stoppingToken) is { Told: > 0 } swept)
                    Told(swept.Told);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // The database is away for a moment, or one message's receiver is in trouble: logged, and the next sweep finds the same rows.
                Failed(error);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} messages were promised to an instance and not handed over; they were handed over again.")]
    private partial void Told(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep of messages failed; the next one tries again.")]
    private partial void Failed(Exception error);
}
