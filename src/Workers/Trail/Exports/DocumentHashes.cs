using System.Text.Json;

namespace Countersign.Workers.Trail.Exports;

/// <summary>Finds the documents that an event refers to: members named <c>sha256</c> that hold a SHA-256 value.</summary>
internal static class DocumentHashes
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = Countersign.Domain.Trail.CanonicalJson.MaximumDepth };

    public static void Collect(string json, HashSet<string> hashes)
    {
        if (!json.Contains("\"sha256\"", StringComparison.Ordinal))
            return;
        using var document = JsonDocument.Parse(json, Deep);
        Walk(document.RootElement, hashes);
    }

    private static void Walk(JsonElement value, HashSet<string> hashes)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                Walk(item, hashes);
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                if (member.NameEquals("sha256") && member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() is { Length: 64 } text && text.All(char.IsAsciiHexDigitLower))
                    hashes.Add(text);
                else
                    Walk(member.Value, hashes);
            }
        }
    }
}
