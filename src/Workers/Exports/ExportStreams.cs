using Countersign.Domain;
using Countersign.Domain.Exports;
using Countersign.Domain.Tenants;
using Countersign.Projections.Exports;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using Marten;

namespace Countersign.Workers.Exports;

/// <summary>Changes to exports, with the row that requests read and the work that follows, all in one transaction.</summary>
public static class ExportStreams
{
    /// <summary>A change to an export.</summary>
    public static StreamChange<ExportState, IExportEvent> Change(string tenantId, Guid id, Actor by, Func<ExportState?, Outcome> decide) => new(
        tenantId,
        StreamsOf.Export(id),
        by,
        ExportState.Evolve,
        decide,
        (session, result) =>
        {
            session.Store(ExportRecord.Of(result.State!));
            foreach (var fact in result.Facts)
                Work(session, tenantId, id, fact);
        });

    private static void Work(IDocumentSession session, string tenantId, Guid id, object fact)
    {
        switch (fact)
        {
            case ExportRequested e:
                session.QueueSqlCommand($"insert into {ExportTables.Work} (tenant_id, export_id, task, step, requested_at) values (?, ?, 'write', 'Waits for its turn', ?)", tenantId, id, e.At);
                break;
            case ExportCompleted e:
                session.QueueSqlCommand($"update {ExportTables.Work} set task = 'keep', node = null, progress = 1, until = ? where tenant_id = ? and export_id = ?", e.KeptUntil, tenantId, id);
                break;
            case ExportFailed or ExportExpired:
                session.QueueSqlCommand($"delete from {ExportTables.Work} where tenant_id = ? and export_id = ?", tenantId, id);
                break;
        }
    }
}
