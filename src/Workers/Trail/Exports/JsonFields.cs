using System.Text.Json;

namespace Countersign.Workers.Trail.Exports;

/// <summary>Reads stored JSON of any version without failing: what is not there is empty.</summary>
internal static class JsonFields
{
    public static JsonElement Of(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    public static IEnumerable<JsonElement> Items(this JsonElement value, string name) =>
        value.Of(name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Members(this JsonElement value, string name) =>
        value.Of(name) is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject() : [];

    public static string Text(this JsonElement value, string name) => value.Of(name).Plain();

    public static string Plain(this JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object when value.TryGetProperty("$sealed", out _) => "(sealed)",
        _ => value.GetRawText(),
    };
}
