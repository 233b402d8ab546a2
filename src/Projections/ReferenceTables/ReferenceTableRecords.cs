using System.Collections.Immutable;

namespace Countersign.Projections.ReferenceTables;

/// <summary>A reference table as requests read it, written in the transaction of its events.</summary>
/// <param name="Id">Table name.</param>
public sealed record ReferenceTableRecord(string Id, int Version, ImmutableArray<string> Columns, ImmutableArray<string> Key, int RowCount, string Hash,
    DateTimeOffset PublishedAt, string PublishedBy);

/// <summary>One row of the newest version of a table; steps look it up by <see cref="IdOf"/>.</summary>
/// <param name="Id">Table and key.</param>
/// <param name="Table">Table name.</param>
/// <param name="Version">Version of the table that the row belongs to.</param>
/// <param name="Position">Place in the table, from 0.</param>
/// <param name="Cells">Cells in the columns' order.</param>
public sealed record ReferenceRow(string Id, string Table, int Version, int Position, ImmutableArray<string?> Cells)
{
    /// <summary>Id of a row.</summary>
    /// <param name="table">Table name.</param>
    /// <param name="key">Key cells joined by U+001F, as <c>ReferenceTableDecider.KeyOf</c> gives them.</param>
    public static string IdOf(string table, string key)
    {
        // Cells are long and foreign: the id is a digest of bounded length.
        var digest = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));
        return $"{table}/{Convert.ToHexStringLower(digest)}";
    }
}
