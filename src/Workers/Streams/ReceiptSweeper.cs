using Countersign.Projections.Databases;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Streams;

/// <summary>
/// Removes receipts whose time is over, of all tenants, in small steps: a repeat of a call is promised its answer for 24 hours, and what is kept longer than
/// needed is other people's data in a table that only grows. Several nodes may sweep at once; each step takes rows that no other holds.
/// </summary>
public sealed partial class ReceiptSweeper(DatabaseConnections connections, TimeProvider time, ILogger<ReceiptSweeper> logger) : BackgroundService
{
    /// <summary>How long a receipt is kept: the promised 24 hours, and as much again for a caller whose clock or queue is late.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(48);

    private const int Step = 5_000;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(15);

    /// <summary>One sweep.</summary>
    /// <param name="cancellation">Gives up between two steps.</param>
    /// <returns>How many receipts were removed.</returns>
    public async Task<int> Sweep(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - Retention;
        var removed = 0;
        while (true)
        {
            await using var command = connections.Writer.CreateCommand("""
                delete from cs.mt_doc_commandreceipt where (tenant_id, id) in
                    (select tenant_id, id from cs.mt_doc_commandreceipt where at < $1 order by at limit $2 for update skip locked)
                """);
            command.Parameters.AddWithValue(before);
            command.Parameters.AddWithValue(Step);
            var some = await command.ExecuteNonQueryAsync(cancellation);
            removed += some;
            if (some < Step)
                return removed;
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            try
            {
                if (await Sweep(stoppingToken) is > 0 and var count)
                    Removed(count);
            }
            catch (NpgsqlException error)
            {
                // The database is away for a moment; the next sweep finds the same rows.
                Failed(error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} receipts of idempotent calls had served their time and were removed.")]
    private partial void Removed(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep of receipts failed; the next one tries again.")]
    private partial void Failed(Exception error);
}
