using System.Collections.Immutable;
using System.Text;

namespace Countersign.Api.ReferenceTables;

/// <summary>A CSV file as a table of texts (RFC 4180; comma or semicolon, whichever the first line has more of; UTF-8 with or without a mark). Nothing is
/// interpreted: numbers and dates stay as they were written, an empty cell is null.</summary>
internal sealed record CsvTable(ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string?>> Rows)
{
    private const int MaxCell = 10_000;
    private const int MaxRows = 100_001;
    private const int MaxColumns = 200;

    /// <summary>Reads a file.</summary>
    /// <returns>The table, or a sentence with the line that is wrong.</returns>
    public static (CsvTable? Table, string? Problem) Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[3..];
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return (null, "The file is not UTF-8. Save it as 'CSV UTF-8' and send it again.");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
            return (null, "The file holds the character NUL, so it is no CSV in UTF-8. Save it as 'CSV UTF-8' and send it again.");
        var firstLine = text.AsSpan(0, text.AsSpan().IndexOfAny('\r', '\n') is >= 0 and var end ? end : text.Length);
        var separator = firstLine.Count(';') > firstLine.Count(',') ? ';' : ',';
        var (lines, problem) = Split(text, separator);
        if (problem is not null)
            return (null, problem);
        if (lines.Count == 0 || lines[0].Any(string.IsNullOrWhiteSpace))
            return (null, "The first line must name every column.");
        var columns = lines[0].Select(c => c!.Trim()).ToImmutableArray();
        for (var i = 1; i < lines.Count; i++)
        {
            if (lines[i].Count != columns.Length)
                return (null, $"Line {i + 1} has {lines[i].Count} cells where {columns.Length} columns are named. Nothing was published.");
        }

        return (new CsvTable(columns, [.. lines.Skip(1).Select(l => l.ToImmutableArray())]), null);
    }

    private static (List<List<string?>> Lines, string? Problem) Split(string text, char separator)
    {
        var lines = new List<List<string?>>();
        var line = new List<string?>();
        var cell = new StringBuilder();
        var (quoted, wasQuoted) = (false, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (cell.Length > MaxCell)
                return (lines, $"Line {lines.Count + 1} has a cell of more than {MaxCell} characters; perhaps a quotation mark was not closed.");
            if (quoted)
            {
                if (c != '"')
                    cell.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    cell.Append(text[++i]);
                else
                    quoted = false;
            }
            else if (c == '"' && cell.Length == 0 && !wasQuoted)
                (quoted, wasQuoted) = (true, true);
            else if (c == separator)
                EndCell();
            else if (c is '\r' or '\n')
            {
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                    i++;
                EndLine();
                if (lines.Count > MaxRows)
                    return (lines, "A table holds at most 100,000 rows.");
            }
            else if (wasQuoted)
                return (lines, $"Line {lines.Count + 1} has text after a closing quotation mark.");
            else
                cell.Append(c);
            if (line.Count > MaxColumns)
                return (lines, $"Line {lines.Count + 1} has more than {MaxColumns} cells.");
        }

        if (quoted)
            return (lines, $"Line {lines.Count + 1} opens a quotation mark that is never closed.");
        if (cell.Length > 0 || line.Count > 0 || wasQuoted)
            EndLine();
        return (lines, null);

        void EndCell()
        {
            line.Add(cell.Length == 0 && !wasQuoted ? null : cell.ToString());
            cell.Clear();
            wasQuoted = false;
        }

        void EndLine()
        {
            // An empty line, such as the last one, is no row.
            if (line.Count == 0 && cell.Length == 0 && !wasQuoted)
                return;
            EndCell();
            lines.Add(line);
            line = [];
        }
    }
}
