using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>What a sweep removes, and how often.</summary>
/// <param name="What">The rows in words, for the log.</param>
/// <param name="Remove">Deletes rows older than <c>$1</c>, at most <c>$2</c> of them and none that another node holds.</param>
/// <param name="Keep">How long they are kept.</param>
/// <param name="Step">Rows of one statement at most.</param>
/// <param name="Delay">Pause before the first sweep: a start may have more urgent work.</param>
/// <param name="Period">Pause between two sweeps.</param>
public sealed record Sweeping(string What, string Remove, TimeSpan Keep, int Step, TimeSpan Delay, TimeSpan Period);

/// <summary>Removes rows whose time is over, of all tenants, in small steps. Several nodes may sweep at once; each step takes rows that no other holds.</summary>
/// <param name="source">The pool of a role that sees every tenant.</param>
/// <param name="sweeping">What is removed.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told how many were removed, and what failed.</param>
public abstract partial class Sweeper(NpgsqlDataSource source, Sweeping sweeping, TimeProvider time, ILogger logger) : BackgroundService
{
    private readonly ILogger _logger = logger;

    /// <summary>One sweep.</summary>
    /// <param name="cancellation">Gives up between two steps.</param>
    /// <returns>How many rows were removed.</returns>
    public async Task<int> Sweep(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - sweeping.Keep;
        var removed = 0;
        while (true)
        {
            await using var command = source.CreateCommand(sweeping.Remove);
            command.Parameters.AddWithValue(before);
            command.Parameters.AddWithValue(sweeping.Step);
            var some = await command.ExecuteNonQueryAsync(cancellation);
            removed += some;
            if (some < sweeping.Step)
                return removed;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(sweeping.Delay, time, stoppingToken);
        using var timer = new PeriodicTimer(sweeping.Period, time);
        do
        {
            try
            {
                if (await Sweep(stoppingToken) is > 0 and var count)
                    Removed(count, sweeping.What);
            }
            catch (NpgsqlException error)
            {
                // The database is away for a moment; the next sweep finds the same rows.
                Failed(sweeping.What, error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} {What} had served their time and were removed.")]
    private partial void Removed(int count, string what);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep of {What} failed; the next one tries again.")]
    private partial void Failed(string what, Exception error);
}
