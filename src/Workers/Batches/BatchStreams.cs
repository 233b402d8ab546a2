using Countersign.Domain;
using Countersign.Domain.Batches;
using Countersign.Domain.Tenants;
using Countersign.Projections.Batches;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using Marten;

namespace Countersign.Workers.Batches;

/// <summary>What a batch acts on.</summary>
/// <param name="InstanceId">The instance.</param>
/// <param name="IncidentId">The incident, for kinds that act on one; null otherwise.</param>
public readonly record struct BatchTarget(Guid InstanceId, string? IncidentId);

/// <summary>Changes to batches, with the row that requests read and the work that follows, all in one transaction.</summary>
public static class BatchStreams
{
    /// <summary>A new batch with its parts.</summary>
    public static StreamChange<BatchState, IBatchEvent> Request(string tenantId, Guid id, Actor by, Func<BatchState?, Outcome> decide, IReadOnlyList<BatchTarget> targets, SealedBatchValues? values) =>
        Change(tenantId, id, by, decide, session =>
        {
            // A constant for what is absent: the driver cannot tell the type of a null.
            if (values is null)
                session.QueueSqlCommand($"insert into {BatchTables.Work} (tenant_id, batch_id) values (?, ?)", tenantId, id);
            else
                session.QueueSqlCommand($"insert into {BatchTables.Work} (tenant_id, batch_id, key_id, variables) values (?, ?, ?, ?)", tenantId, id, values.KeyId, values.Content);
            session.QueueSqlCommand(
                $"insert into {BatchTables.Items} (tenant_id, batch_id, number, instance_id, incident_id) select ?, ?, t.number, t.instance, nullif(t.incident, '') from unnest(?, ?) with ordinality as t(instance, incident, number)",
                tenantId, id, targets.Select(t => t.InstanceId).ToArray(), targets.Select(t => t.IncidentId ?? "").ToArray());
        });

    /// <summary>A change to a batch.</summary>
    public static StreamChange<BatchState, IBatchEvent> Change(string tenantId, Guid id, Actor by, Func<BatchState?, Outcome> decide) => Change(tenantId, id, by, decide, _ => { });

    private static StreamChange<BatchState, IBatchEvent> Change(string tenantId, Guid id, Actor by, Func<BatchState?, Outcome> decide, Action<IDocumentSession> requested) => new(
        tenantId,
        StreamsOf.Batch(id),
        by,
        BatchState.Evolve,
        decide,
        (session, result) =>
        {
            session.Store(BatchRecord.Of(result.State!));
            foreach (var fact in result.Facts)
            {
                if (fact is BatchRequested)
                    requested(session);
                else if (fact is BatchCancelAsked)
                    session.QueueSqlCommand($"update {BatchTables.Work} set cancelling = true where tenant_id = ? and batch_id = ?", tenantId, id);
            }
        });

    /// <summary>The end of a batch: its parts are kept for a while, the values it set are not.</summary>
    internal static StreamChange<BatchState, IBatchEvent> Finish(string tenantId, Guid id, Func<BatchState?, Outcome> decide, DateTimeOffset keptUntil) => new(
        tenantId,
        StreamsOf.Batch(id),
        Actor.System,
        BatchState.Evolve,
        decide,
        (session, result) =>
        {
            session.Store(BatchRecord.Of(result.State!));
            session.QueueSqlCommand($"update {BatchTables.Work} set task = 'keep', node = null, key_id = null, variables = null, until = ? where tenant_id = ? and batch_id = ?", keptUntil, tenantId, id);
        });
}
