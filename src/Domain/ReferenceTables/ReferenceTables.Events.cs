using System.Collections.Immutable;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.ReferenceTables;

/// <summary>A fact in the stream of one reference table (vendors, purchase orders, cost centres): data that steps look up.</summary>
public interface IReferenceTableEvent;

/// <summary>A new version of the table's rows was published. Rows are stored beside the stream, by version; the hash is over them.</summary>
/// <param name="Name">Table name, <c>[a-z][a-z0-9-]{0,62}</c>.</param>
/// <param name="Version">Version number, from 1.</param>
/// <param name="Columns">Column names, in order.</param>
/// <param name="Key">Columns whose values together identify a row.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Hash">Lower-case hex SHA-256 of columns, key and rows (see <see cref="ReferenceTableDecider"/>).</param>
/// <param name="By">Actor id.</param>
public sealed record ReferenceTablePublished(string Name, int Version, ImmutableArray<string> Columns, ImmutableArray<string> Key, int Rows, string Hash, string By, DateTimeOffset At)
    : IReferenceTableEvent;

/// <summary>State of a reference table.</summary>
public sealed record ReferenceTableState(string Name, int Version, ImmutableArray<string> Columns, ImmutableArray<string> Key, int Rows, string Hash)
{
    /// <summary>Folds one event; never throws.</summary>
    public static ReferenceTableState? Evolve(ReferenceTableState? state, IReferenceTableEvent @event) =>
        @event is ReferenceTablePublished e ? new ReferenceTableState(e.Name, e.Version, e.Columns, e.Key, e.Rows, e.Hash) : state;
}

/// <summary>Publishes rows as the table's next version, all or nothing.</summary>
/// <param name="Columns">1 to 200 unique column names of 1 to 128 characters.</param>
/// <param name="Rows">At most 100,000 rows of cells in the columns' order; a cell is text of at most 10,000 characters or null.</param>
/// <param name="Key">Columns that identify a row; empty means the first column.</param>
public sealed record PublishReferenceTable(string Name, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string?>> Rows, ImmutableArray<string> Key, Actor By);
