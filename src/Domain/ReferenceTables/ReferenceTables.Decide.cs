using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Countersign.Domain.ReferenceTables;

/// <summary>Pure decisions about reference tables.</summary>
public static partial class ReferenceTableDecider
{
    /// <summary>Most rows of one version.</summary>
    public const int MaxRows = 100_000;

    /// <summary>Most characters of one cell.</summary>
    public const int MaxCell = 10_000;

    /// <summary>Publishes the next version; the same content twice adds nothing.</summary>
    public static Outcome Decide(ReferenceTableState? state, PublishReferenceTable command, DateTimeOffset now)
    {
        if (Problem(command) is { } refusal)
            return refusal;
        var key = command.Key.IsDefaultOrEmpty ? [command.Columns[0]] : command.Key;
        var hash = HashOf(command.Columns, key, command.Rows);
        return state?.Hash == hash
            ? Outcome.Nothing
            : Outcome.Of(new ReferenceTablePublished(command.Name, (state?.Version ?? 0) + 1, command.Columns, key, command.Rows.Length, hash, command.By.Id, now));
    }

    /// <summary>The key of a row as one text: its key cells joined by the unit separator (U+001F), which no cell may hold.</summary>
    /// <param name="columns">The table's columns.</param>
    /// <param name="key">The table's key columns.</param>
    /// <param name="row">Cells in the columns' order.</param>
    /// <returns>The key, or null when a key cell is empty.</returns>
    public static string? KeyOf(ImmutableArray<string> columns, ImmutableArray<string> key, ImmutableArray<string?> row)
    {
        var cells = key.Select(k => row[columns.IndexOf(k)]).ToArray();
        return cells.Any(string.IsNullOrWhiteSpace) ? null : string.Join('\u001F', cells);
    }

    private static Outcome? Problem(PublishReferenceTable command)
    {
        if (!NamePattern().IsMatch(command.Name))
            return Invalid("reference_table.name_invalid", "A table name is 1 to 63 lower-case letters, digits and hyphens and begins with a letter. Choose another name.");
        if (command.Columns.IsDefaultOrEmpty || command.Columns.Length > 200 || command.Columns.Any(c => string.IsNullOrWhiteSpace(c) || c.Length > 128))
            return Invalid("reference_table.columns_invalid", "Give 1 to 200 column names of 1 to 128 characters.");
        if (command.Columns.Distinct(StringComparer.Ordinal).Count() != command.Columns.Length)
            return Invalid("reference_table.columns_repeated", "Column names must be unique. Rename one of the equal columns.");
        if (!command.Key.IsDefaultOrEmpty && (command.Key.Any(k => !command.Columns.Contains(k)) || command.Key.Distinct(StringComparer.Ordinal).Count() != command.Key.Length))
            return Invalid("reference_table.key_invalid", "Every key column must be one of the columns, named once.");
        if (command.Rows.IsDefaultOrEmpty)
            return Invalid("reference_table.empty", "A table needs at least one row.");
        if (command.Rows.Length > MaxRows)
            return Outcome.Refuse(RefusalKind.Limit, "reference_table.too_large", $"A table holds at most {MaxRows} rows. Publish fewer rows.");
        return RowProblem(command, command.Key.IsDefaultOrEmpty ? [command.Columns[0]] : command.Key);
    }

    private static Outcome? RowProblem(PublishReferenceTable command, ImmutableArray<string> key)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < command.Rows.Length; i++)
        {
            var row = command.Rows[i];
            if (row.IsDefault || row.Length != command.Columns.Length)
                return Invalid("reference_table.row_ragged", $"Row {i + 1} has {(row.IsDefault ? 0 : row.Length)} cells, expected {command.Columns.Length}. Correct the row; nothing was published.");
            if (row.Any(c => c is { Length: > MaxCell } || c?.Contains('\u001F') == true || c?.Contains('\0') == true))
                return Invalid("reference_table.cell_invalid", $"Row {i + 1} has a cell of more than {MaxCell} characters or with control characters. Correct the row; nothing was published.");
            if (KeyOf(command.Columns, key, row) is not { } id)
                return Invalid("reference_table.key_missing", $"Row {i + 1} has an empty key cell. Correct the row; nothing was published.");
            if (!seen.Add(id))
                return Invalid("reference_table.key_repeated", $"Row {i + 1} repeats the key of an earlier row. Keys must be unique; nothing was published.");
        }

        return null;
    }

    // Every text goes in with its length in bytes, null with -1, so that no text can move from one cell into the next.
    private static string HashOf(ImmutableArray<string> columns, ImmutableArray<string> key, ImmutableArray<ImmutableArray<string?>> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var cell in columns.Concat(key).Concat(rows.SelectMany(r => r)))
        {
            var bytes = cell is null ? [] : Encoding.UTF8.GetBytes(cell);
            BinaryPrimitives.WriteInt32BigEndian(length, cell is null ? -1 : bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Outcome Invalid(string code, string detail) => Outcome.Refuse(RefusalKind.Invalid, code, detail);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}$", RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
