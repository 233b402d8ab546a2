using Countersign.Projections.Databases;
using Microsoft.Extensions.Logging;

namespace Countersign.Workers.Webhooks;

/// <summary>
/// Removes deliveries that ended long ago: their bodies are other people's data, and nobody sends them again after <see cref="WebhookOptions.Keep"/>.
/// </summary>
public sealed class DeliverySweeper(DatabaseConnections connections, WebhookOptions options, TimeProvider time, ILogger<DeliverySweeper> logger)
    : Sweeper(connections.Statements, new Sweeping("webhook deliveries", Remove, options.Keep, 1_000, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)), time, logger)
{
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
}
