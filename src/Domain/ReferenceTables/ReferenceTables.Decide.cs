using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Countersign.Domain.ReferenceTables;

/// <summary>Pure decisions about reference tables.</summary>
public static partial class ReferenceTableDecider
{
    /// <summary>Most rows of one version.</summary>
    public const int MaxRows = 100_000;

    /// <summary>Publishes the next version; the same rows twice add nothing.</summary>
    public static Outcome Decide(ReferenceTableState? state, PublishReferenceTable command, DateTimeOffset now)
    {
        if (!NamePattern().IsMatch(command.Name))
            return Invalid("reference_table.name_invalid", "A table name is 1 to 63 lower-case letters, digits and hyphens and begins with a letter. Choose another name.");
        if (string.IsNullOrWhiteSpace(command.KeyColumn) || command.KeyColumn.Length > 128)
            return Invalid("reference_table.key_column_invalid", "Name the column that identifies a row, at most 128 characters.");
        if (command.Rows.IsDefaultOrEmpty)
            return Invalid("reference_table.empty", "A table needs at least one row.");
        if (command.Rows.Length > MaxRows)
            return Outcome.Refuse(RefusalKind.Limit, "reference_table.too_large", $"A table holds at most {MaxRows} rows. Split it or publish fewer rows.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < command.Rows.Length; i++)
        {
            if (KeyOf(command.Rows[i], command.KeyColumn) is not { Length: > 0 and <= 256 } key)
                return Invalid("reference_table.key_missing", $"Row {i + 1} has no text of 1 to 256 characters in column '{Shorten(command.KeyColumn)}'. Correct the row; nothing was published.");
            if (!seen.Add(key))
                return Invalid("reference_table.key_repeated", $"Row {i + 1} repeats a key of an earlier row. Keys must be unique; nothing was published.");
        }

        var hash = HashOf(command);
        if (state is not null && state.Hash == hash && state.KeyColumn == command.KeyColumn)
            return Outcome.Nothing;
        return Outcome.Of(new ReferenceTablePublished(command.Name, (state?.Version ?? 0) + 1, command.KeyColumn, command.Rows.Length, hash, command.By.Id, now));
    }

    /// <summary>The key of a row, or null when the row is no object or the column holds no text.</summary>
    public static string? KeyOf(JsonElement row, string column) =>
        row.ValueKind == JsonValueKind.Object && row.TryGetProperty(column, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string HashOf(PublishReferenceTable command)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in command.Rows)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(row.GetRawText()));
            hash.AppendData("\n"u8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static Outcome Invalid(string code, string detail) => Outcome.Refuse(RefusalKind.Invalid, code, detail);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,62}$", RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
