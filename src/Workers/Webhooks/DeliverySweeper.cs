using Countersign.Projections.Databases;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Countersign.Workers.Webhooks;

/// <summary>
/// Removes deliveries that ended long ago, of all tenants, in small steps: their bodies are other people's data, and nobody sends them again after
/// <see cref="WebhookOptions.Keep"/>. Several nodes may sweep at once; each step takes rows that no other holds.
/// </summary>
public sealed partial class DeliverySweeper(DatabaseConnections connections, WebhookOptions options, TimeProvider time, ILogger<DeliverySweeper> logger) : BackgroundService
{
    private const int Step = 1_000;

    // A row ends when it was taken, or at its last attempt; made before that, so the index on created_at finds it. A delivery whose job still exists is what that job knows of its
    // endpoints: without it a retry would send again to those that have taken the event.
    private const string Remove = $"""
        with old as materialized (
            select d.tenant_id, d.id from {DatabaseRoles.Schema}.mt_doc_webhookdelivery d
            where d.status in ('delivered', 'failed') and d.created_at < $1
              and coalesce((d.data ->> 'deliveredAt')::timestamptz, (d.data -> 'log' -> -1 ->> 'at')::timestamptz, d.created_at) < $1
              and not exists (select 1 from {DatabaseRoles.Schema}.mt_doc_jobrow j where j.tenant_id = d.tenant_id and j.id = d.job_id)
            order by d.created_at limit $2 for update of d skip locked)
        delete from {DatabaseRoles.Schema}.mt_doc_webhookdelivery d using old where d.tenant_id = old.tenant_id and d.id = old.id
        """;

    private static readonly TimeSpan Delay = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>One sweep.</summary>
    /// <param name="cancellation">Gives up between two steps.</param>
    /// <returns>How many deliveries were removed.</returns>
    public async Task<int> Sweep(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - options.Keep;
        var removed = 0;
        while (true)
        {
            await using var command = connections.Writer.CreateCommand(Remove);
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
        // A start has more urgent work than this.
        await Task.Delay(Delay, time, stoppingToken);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} webhook deliveries had served their time and were removed.")]
    private partial void Removed(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep of webhook deliveries failed; the next one tries again.")]
    private partial void Failed(Exception error);
}
