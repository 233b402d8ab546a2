using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Countersign.Projections.Databases;

/// <summary>
/// Starts a local server again when it dies under the running service. A configured server has its own keeper.
/// </summary>
public sealed partial class LocalServerWatch(Database database, TimeProvider clock, ILogger<LocalServerWatch> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (database.IsServerAlive())
                continue;
            Died();
            try
            {
                await database.Revive(stoppingToken);
                Runs();
            }
            catch (StartUpException e)
            {
                // Said again at each try: readiness fails meanwhile, and nothing is lost but time.
                StaysDown(e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The local PostgreSQL server ended unexpectedly; starting it again")]
    private partial void Died();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The local PostgreSQL server runs again")]
    private partial void Runs();

    [LoggerMessage(Level = LogLevel.Critical, Message = "The local PostgreSQL server stays down: {Reason}")]
    private partial void StaysDown(string reason);
}
