namespace Countersign.Client.ReferenceTables;

/// <summary>Publishes the rows of a reference table (vendors, purchase orders, ...) as a new version; all or nothing. The same content changes nothing.</summary>
/// <param name="Columns">Column names in order, 1 to 200, unique.</param>
/// <param name="Rows">Rows of cells in the columns' order; text as given, null for an empty cell.</param>
/// <param name="Key">Columns that identify a row; the first column when null.</param>
public sealed record PublishReferenceTableRequest(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, IReadOnlyList<string>? Key = null);

/// <summary>A reference table with its newest version.</summary>
/// <param name="Name">Table name, <c>[a-z][a-z0-9-]{0,63}</c>.</param>
/// <param name="Version">Number of the newest version, from 1.</param>
/// <param name="Hash">SHA-256 over the content, lower-case hex.</param>
public sealed record ReferenceTableView(string Name, int Version, IReadOnlyList<string> Columns, IReadOnlyList<string> Key, int RowCount, string Hash,
    DateTimeOffset PublishedAt, string PublishedBy);

/// <summary>One row of a reference table.</summary>
/// <param name="Cells">Cell text by column name; null for an empty cell.</param>
public sealed record ReferenceTableRow(IReadOnlyDictionary<string, string?> Cells);
