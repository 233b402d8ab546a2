using System.Globalization;
using System.Text.Json;

namespace Countersign.Console.Instances;

/// <summary>A value as a person types it, with the kind that the person chose: <c>12</c> may be a number or an invoice's number.</summary>
internal static class TypedValue
{
    /// <summary>The value; null when the text is not of that kind.</summary>
    public static JsonElement? Of(string kind, string text) => kind switch
    {
        "text" => JsonSerializer.SerializeToElement(text),
        "number" => decimal.TryParse(text.Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? JsonSerializer.SerializeToElement(number) : null,
        "truth" => bool.TryParse(text.Trim(), out var truth) ? JsonSerializer.SerializeToElement(truth) : null,
        "nothing" => text.Trim().Length == 0 ? JsonSerializer.SerializeToElement<string?>(null) : null,
        "json" => Json(text),
        _ => null,
    };

    private static JsonElement? Json(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            // Said to the person, with what to do.
            return null;
        }
    }
}
