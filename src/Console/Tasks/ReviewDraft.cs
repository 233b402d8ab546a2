using System.Text.Json;
using Countersign.Client.Tasks;
using Countersign.Console.Kit;
using Microsoft.AspNetCore.Http;

namespace Countersign.Console.Tasks;

/// <summary>What a person had typed when an answer could not be taken: shown again, nothing is lost.</summary>
public sealed record ReviewDraft(IReadOnlyDictionary<string, string> Typed, string? Reason, string? ReasonCode, string? Error, ReviewConflict Conflict)
{
    public const string FieldPrefix = "field.";

    public static Dictionary<string, string> TypedIn(IFormCollection form) =>
        form.Where(f => f.Key.StartsWith(FieldPrefix, StringComparison.Ordinal))
            .ToDictionary(f => f.Key[FieldPrefix.Length..], f => f.Value.ToString().Trim(), StringComparer.Ordinal);

    /// <summary>Values that differ from what was shown, in the kind they had.</summary>
    public static Dictionary<string, JsonElement> Corrections(IReadOnlyList<TaskField> shown, IReadOnlyDictionary<string, string> typed)
    {
        var corrections = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var field in shown.Where(f => f.Editable))
        {
            if (!typed.TryGetValue(field.Name, out var text) || text == Values.Input(field.Value))
                continue;
            var before = Values.Number(field.Value);
            if (field.Value is { ValueKind: JsonValueKind.Number } && Values.Number(JsonSerializer.SerializeToElement(text)) is { } number)
            {
                if (number != before)
                    corrections[field.Name] = JsonSerializer.SerializeToElement(number);
            }
            else
            {
                corrections[field.Name] = text.Length == 0 ? JsonSerializer.SerializeToElement<string?>(null) : JsonSerializer.SerializeToElement(text);
            }
        }

        return corrections;
    }
}

public enum ReviewConflict
{
    None,

    /// <summary>The case changed after it was shown.</summary>
    Changed,
}
