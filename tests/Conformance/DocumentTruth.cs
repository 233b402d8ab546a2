using System.Globalization;
using System.Text.Json;

namespace Countersign.Conformance;

/// <summary>What a document holds by its truth file: one JSON object a line.</summary>
internal sealed record DocumentTruth(string File, string Family, JsonElement Fields, IReadOnlyDictionary<string, bool> Visible)
{
    /// <summary>The truths of the documents in a folder; the truth file lies in the folder or one above, its paths are relative to its own folder.</summary>
    public static List<DocumentTruth> For(string folder)
    {
        var home = new DirectoryInfo(folder);
        while (home is not null && !System.IO.File.Exists(Path.Combine(home.FullName, "truth.jsonl")))
            home = home.Parent;
        if (home is null)
            return [];
        var under = Path.GetRelativePath(home.FullName, folder).Replace('\\', '/');
        var prefix = under == "." ? "" : under + "/";
        return [.. System.IO.File.ReadLines(Path.Combine(home.FullName, "truth.jsonl"))
            .Where(line => line.Length > 0)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(row => row.GetProperty("file").GetString()!.StartsWith(prefix, StringComparison.Ordinal))
            .Select(row => new DocumentTruth(
                Path.Combine(home.FullName, row.GetProperty("file").GetString()!),
                row.GetProperty("family").GetString()!,
                row.GetProperty("truth"),
                row.TryGetProperty("visible", out var visible) ? visible.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ValueKind == JsonValueKind.True, StringComparer.Ordinal) : new Dictionary<string, bool>(StringComparer.Ordinal)))];
    }

    public string? Text(string name) => Fields.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public decimal? Number(string name) => Text(name) is { } text ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    public IEnumerable<JsonElement> Lines => Fields.TryGetProperty("lines", out var lines) && lines.ValueKind == JsonValueKind.Array ? lines.EnumerateArray() : [];
}
