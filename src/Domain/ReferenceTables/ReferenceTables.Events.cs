using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.ReferenceTables;

/// <summary>A fact in the stream of one reference table (vendors, purchase orders, cost centres): data that steps look up.</summary>
public interface IReferenceTableEvent;

/// <summary>A new version of the table's rows was published. Rows are stored beside the stream, by version; the hash is over them.</summary>
/// <param name="Name">Table name, <c>[a-z][a-z0-9-]{0,62}</c>.</param>
/// <param name="Version">Version number, from 1.</param>
/// <param name="KeyColumn">Column whose value identifies a row.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Hash">Lower-case hex SHA-256 of the canonical rows.</param>
/// <param name="By">Actor id.</param>
public sealed record ReferenceTablePublished(string Name, int Version, string KeyColumn, int Rows, string Hash, string By, DateTimeOffset At) : IReferenceTableEvent;

/// <summary>State of a reference table.</summary>
public sealed record ReferenceTableState(string Name, int Version, string KeyColumn, int Rows, string Hash)
{
    /// <summary>Folds one event; never throws.</summary>
    public static ReferenceTableState? Evolve(ReferenceTableState? state, IReferenceTableEvent @event) =>
        @event is ReferenceTablePublished e ? new ReferenceTableState(e.Name, e.Version, e.KeyColumn, e.Rows, e.Hash) : state;
}

/// <summary>Publishes rows as the table's next version.</summary>
/// <param name="KeyColumn">Column that identifies a row; each value must be a non-empty string and occur once.</param>
/// <param name="Rows">Rows as JSON objects, at most 100,000.</param>
public sealed record PublishReferenceTable(string Name, string KeyColumn, ImmutableArray<JsonElement> Rows, Actor By);
