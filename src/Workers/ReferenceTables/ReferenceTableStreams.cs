using System.Collections.Immutable;
using Countersign.Domain.ReferenceTables;
using Countersign.Projections.ReferenceTables;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using Marten;

namespace Countersign.Workers.ReferenceTables;

/// <summary>Changes to reference tables, with the rows that requests and steps read.</summary>
public static class ReferenceTableStreams
{
    /// <summary>Publishes rows as the next version. Rows of the version before leave in the same transaction.</summary>
    public static StreamChange<ReferenceTableState, IReferenceTableEvent> Publish(string tenantId, PublishReferenceTable command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        return new(tenantId, StreamsOf.ReferenceTable(command.Name), command.By, ReferenceTableState.Evolve, state => ReferenceTableDecider.Decide(state, command, now), Rows);

        void Rows(IDocumentSession session, StreamResult<ReferenceTableState> result)
        {
            var s = result.State!;
            session.DeleteWhere<ReferenceRow>(r => r.Table == s.Name);
            for (var i = 0; i < command.Rows.Length; i++)
            {
                var key = ReferenceTableDecider.KeyOf(s.Columns, s.Key, command.Rows[i])!;
                session.Store(new ReferenceRow(ReferenceRow.IdOf(s.Name, key), s.Name, s.Version, i, command.Rows[i]));
            }

            session.Store(new ReferenceTableRecord(s.Name, s.Version, s.Columns, s.Key, s.Rows, s.Hash, now, command.By.Id));
        }
    }
}
