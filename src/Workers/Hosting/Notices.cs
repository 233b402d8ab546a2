using System.Collections.Concurrent;
using Countersign.Projections.Databases;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Hosting;

/// <summary>
/// Wakes those who wait in this process when a node's transaction says so: one listening connection, shared by all. A lost notice only
/// costs the time until the waiter looks by itself.
/// </summary>
public sealed partial class Notices(DatabaseConnections connections, TimeProvider time, ILogger<Notices> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _next = new(StringComparer.Ordinal);

    /// <summary>Ends at the next notice on a channel. Ask before looking, so that nothing slips between.</summary>
    public Task Next(string channel) => _next.GetOrAdd(channel, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Listen(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is NpgsqlException or IOException or TimeoutException)
            {
                Lost(error);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Listen(CancellationToken cancellation)
    {
        await using var connection = await connections.Writer.OpenConnectionAsync(cancellation);
        connection.Notification += (_, notice) => Wake(notice.Channel);
        await using (var listen = new NpgsqlCommand("listen cs_jobs; listen cs_timers", connection))
            await listen.ExecuteNonQueryAsync(cancellation);
        // What was said while nobody listened is caught up with by one look.
        foreach (var channel in _next.Keys)
            Wake(channel);
        while (true)
            await connection.WaitAsync(cancellation);
    }

    private void Wake(string channel)
    {
        if (_next.TryRemove(channel, out var waiting))
            waiting.TrySetResult();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection for notices was lost; listening again.")]
    private partial void Lost(Exception error);
}
