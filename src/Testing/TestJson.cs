using System.Collections.Immutable;
using System.Text.Json;

namespace Countersign.Testing;

/// <summary>Variables as tests write them: anonymous objects, dictionaries, JSON.</summary>
internal static class TestJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static ImmutableDictionary<string, JsonElement> Variables(object? variables)
    {
        if (variables is null)
            return ImmutableDictionary<string, JsonElement>.Empty;
        if (variables is ImmutableDictionary<string, JsonElement> ready)
            return ready;
        var json = Of(variables);
        return json.ValueKind == JsonValueKind.Object
            ? json.EnumerateObject().ToImmutableDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal)
            : throw new ProcessTestException("Variables are given as an object whose members are the variables, e.g. new { amount = 12 }. Wrap the value in one.");
    }

    /// <summary>A value as JSON; names of members are written in camelCase.</summary>
    public static JsonElement Of(object? value) => value is JsonElement json ? json : JsonSerializer.SerializeToElement(value, Options);
}
