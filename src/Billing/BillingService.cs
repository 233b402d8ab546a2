using Countersign.Billing.Payments;
using Countersign.Billing.Usage;
using Countersign.Projections.Databases;
using Marten.Exceptions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Billing;

/// <summary>
/// Counts, and tells Stripe where that is set up, on one node at a time. Nothing a tenant does waits for it: when it stands still, lines come later.
/// </summary>
internal sealed partial class BillingService(DatabaseConnections connections, UsageLedger ledger, StripeOptions options, StripeWork? stripe, TimeProvider clock, ILogger<BillingService> logger)
    : BackgroundService
{
    /// <summary>"usage" and a number nobody else takes by chance.</summary>
    private const long Lease = 0x7573616765_01;

    private const int Stretch = 5000;

    /// <summary>One pass over all tenants.</summary>
    public async Task Pass(CancellationToken cancel)
    {
        foreach (var tenant in await ledger.Behind(cancel))
        {
            while ((await ledger.Count(tenant, Stretch, cancel)).Leaves == Stretch)
            {
            }
        }

        if (stripe is not null)
            await stripe.Pass(cancel);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await connections.Writer.OpenConnectionAsync(stoppingToken);
                if (await TakeLease(connection, stoppingToken))
                    await Lead(connection, stoppingToken);
                await Task.Delay(options.Poll, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Stopping; the next pass goes on from the mark.
                break;
            }
            catch (Exception e) when (e is NpgsqlException or MartenCommandException or TimeoutException or IOException or StripeUnavailableException)
            {
                Failed(e, e.Message);
                await Task.Delay(options.Poll, clock, CancellationToken.None).WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Lead(NpgsqlConnection connection, CancellationToken cancel)
    {
        while (true)
        {
            await Pass(cancel);
            await Task.Delay(options.Poll, clock, cancel);
            // The lease lives as long as this connection: a lost one is noticed here.
            await using var alive = new NpgsqlCommand("select 1", connection);
            await alive.ExecuteScalarAsync(cancel);
        }
    }

    private static async Task<bool> TakeLease(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = Lease } } };
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Counting or telling Stripe did not succeed and is tried again: {Reason}")]
    private partial void Failed(Exception e, string reason);
}
