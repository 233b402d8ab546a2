using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Billing.Payments;

/// <summary>
/// Removes Stripe's events that were handled long ago, in small steps. Their ids are what makes a second copy one event, so they stay for longer than Stripe can send one again; one that
/// waits stays until it is handled. Several nodes may sweep at once; each step takes rows that no other holds.
/// </summary>
internal sealed partial class StripeSweeper(NpgsqlDataSource source, StripeOptions options, TimeProvider clock, ILogger<StripeSweeper> logger) : BackgroundService
{
    private const int Step = 1_000;
    private static readonly TimeSpan Delay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>One sweep.</summary>
    /// <returns>How many events were removed.</returns>
    public async Task<int> Sweep(CancellationToken cancel)
    {
        var before = clock.GetUtcNow() - options.Keep;
        var removed = 0;
        while (true)
        {
            await using var command = source.CreateCommand("""
                with old as materialized (select id from cs.stripe_events where handled_at < $1 order by handled_at limit $2 for update skip locked)
                delete from cs.stripe_events e using old where e.id = old.id
                """);
            command.Parameters.Add(new() { Value = before });
            command.Parameters.Add(new() { Value = Step });
            var some = await command.ExecuteNonQueryAsync(cancel);
            removed += some;
            if (some < Step)
                return removed;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A start has more urgent work than this.
        await Task.Delay(Delay, clock, stoppingToken);
        using var timer = new PeriodicTimer(Period, clock);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} events of Stripe were handled long ago and were removed.")]
    private partial void Removed(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep of Stripe's events failed; the next one tries again.")]
    private partial void Failed(Exception error);
}
