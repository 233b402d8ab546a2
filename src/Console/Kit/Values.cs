using System.Globalization;
using System.Text.Json;

namespace Countersign.Console.Kit;

/// <summary>Values as people read them.</summary>
internal static class Values
{
    public static string Plain(JsonElement? value) => value switch
    {
        null => "–",
        { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => "–",
        { ValueKind: JsonValueKind.String } v => v.GetString()!,
        { ValueKind: JsonValueKind.True } => "yes",
        { ValueKind: JsonValueKind.False } => "no",
        { ValueKind: JsonValueKind.Number } v => v.GetRawText(),
        { ValueKind: JsonValueKind.Array } v when v.GetArrayLength() == 0 => "–",
        { } v => v.GetRawText(),
    };

    /// <summary>The text an input is filled with; empty for nothing.</summary>
    public static string Input(JsonElement? value) => value is null or { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } ? "" : Plain(value);

    /// <summary>A field of a reading is either the value itself or an object whose <c>value</c> it is.</summary>
    public static JsonElement? Inner(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty("value", out var inner) ? inner : value;

    public static JsonElement? At(JsonElement? value, string name) => value is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var inner) ? inner : null;

    public static JsonElement? Find(IReadOnlyDictionary<string, JsonElement> values, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (values.TryGetValue(name, out var value) && Inner(value) is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } found)
                return found;
        }

        return null;
    }

    public static decimal? Number(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Number } v when v.TryGetDecimal(out var d) => d,
        { ValueKind: JsonValueKind.String } v when decimal.TryParse(v.GetString(), NumberStyles.Number, CultureInfo.InvariantCulture, out var d) => d,
        _ => null,
    };

    public static string Money(decimal amount, string? currency) =>
        currency is null ? amount.ToString("N2", CultureInfo.InvariantCulture) : amount.ToString("N2", CultureInfo.InvariantCulture) + " " + currency;

    public static string Share(double? share) => share is null ? "–" : (share.Value * 100).ToString(share is > 0 and < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture);

    public static string Size(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => (bytes / 1024.0).ToString("0.#", CultureInfo.InvariantCulture) + " KB",
        _ => (bytes / 1048576.0).ToString("0.#", CultureInfo.InvariantCulture) + " MB",
    };

    public static string ShortHash(string hash) => hash.Length > 12 ? hash[..12] + "…" : hash;

    public static string ShortId(Guid id) => id.ToString("N")[^8..];
}
