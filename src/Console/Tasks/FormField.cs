using System.Text.Json;
using Countersign.Console.Kit;

namespace Countersign.Console.Tasks;

/// <summary>How a field is typed, from the task's form-js schema.</summary>
public sealed record FormField(string Key, string? Label, string InputType, bool Required, string? Pattern, int? MaxLength, string? Step)
{
    public static FormField Text(string key) => new(key, null, "text", false, null, null, null);

    public static Dictionary<string, FormField> Of(JsonElement? form)
    {
        var fields = new Dictionary<string, FormField>(StringComparer.Ordinal);
        if (Values.At(form, "components") is not { ValueKind: JsonValueKind.Array } components)
            return fields;
        foreach (var c in components.EnumerateArray())
        {
            if (Values.At(c, "key") is not { ValueKind: JsonValueKind.String } key)
                continue;
            var validate = Values.At(c, "validate");
            var type = Values.Plain(Values.At(c, "type"));
            fields[key.GetString()!] = new FormField(key.GetString()!, LabelOf(c),
                type == "datetime" && Values.Plain(Values.At(c, "subtype")) == "date" ? "date" : type == "number" ? "number" : "text",
                Values.At(validate, "required") is { ValueKind: JsonValueKind.True },
                Values.At(validate, "pattern") is { ValueKind: JsonValueKind.String } p ? p.GetString() : null,
                Values.At(validate, "maxLength") is { ValueKind: JsonValueKind.Number } m && m.TryGetInt32(out var max) ? max : null,
                type == "number" ? StepOf(Values.At(c, "decimalDigits")) : null);
        }

        return fields;
    }

    private static string? LabelOf(JsonElement c) =>
        (Values.At(c, "label") ?? Values.At(c, "dateLabel")) is { ValueKind: JsonValueKind.String } l ? l.GetString() : null;

    private static string StepOf(JsonElement? digits) =>
        digits is { ValueKind: JsonValueKind.Number } d && d.TryGetInt32(out var n) && n is > 0 and < 8 ? "0." + new string('0', n - 1) + "1" : "any";
}
