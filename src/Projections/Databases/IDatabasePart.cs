namespace Countersign.Projections.Databases;

/// <summary>
/// A floor's or library's share of the database: it makes its objects, and says which of them need other rights than the
/// usual ones. Parts are applied in the order given, after roles and schemas, before rights and row security.
/// </summary>
public interface IDatabasePart
{
    /// <summary>Shown while the service starts: <c>event store</c>, <c>messages</c>, <c>jobs</c>.</summary>
    string Name { get; }

    /// <summary>Makes or changes the objects as the migrator; asked again it changes nothing.</summary>
    Task Apply(DatabaseConnections connections, CancellationToken cancel);

    /// <summary>Tables in schema <c>cs</c> in which the writer may insert and select, never update or delete; without the schema.</summary>
    IReadOnlyCollection<string> AppendOnlyTables => [];

    /// <summary>
    /// Tables in schema <c>cs</c> without a column <c>tenant_id</c> that the reader may still select from, because what they
    /// hold belongs to no tenant; without the schema.
    /// </summary>
    IReadOnlyCollection<string> SharedTables => [];

    /// <summary>Tables in schema <c>cs</c> that the reader may not see at all, though they name a tenant; without the schema.</summary>
    IReadOnlyCollection<string> HiddenTables => [];
}
