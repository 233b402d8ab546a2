using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Domain.Instances;

/// <summary>Small helpers for JSON values.</summary>
internal static class Json
{
    public static JsonElement Null { get; } = JsonSerializer.SerializeToElement<object?>(null);

    public static JsonElement Of(string? text) => text is null ? Null : JsonSerializer.SerializeToElement(text);

    public static JsonElement Of(JsonNode node) => JsonSerializer.SerializeToElement(node);

    public static JsonArray Array(IEnumerable<string> items) => new([.. items.Select(i => (JsonNode)JsonValue.Create(i))]);

    /// <summary>A value inside a node that is being made.</summary>
    public static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => JsonValue.Create(value),
    };

    /// <summary>A copy of an object with one place inside replaced; what is no object on the way becomes one.</summary>
    public static JsonElement SetAt(JsonElement root, ReadOnlySpan<string> path, JsonElement value)
    {
        var members = new JsonObject();
        if (root.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in root.EnumerateObject())
                members[member.Name] = Node(member.Value);
        }

        JsonElement inner = default;
        if (root.ValueKind == JsonValueKind.Object)
            root.TryGetProperty(path[0], out inner);
        members[path[0]] = Node(path.Length == 1 ? value : SetAt(inner, path[1..], value));
        return Of(members);
    }

    /// <summary>Size as UTF-8 JSON, in bytes.</summary>
    public static long Size(ImmutableDictionary<string, JsonElement> variables)
    {
        long size = 2;
        foreach (var (name, value) in variables)
            size += name.Length + 4 + (value.ValueKind == JsonValueKind.Undefined ? 4 : JsonMarshal.GetRawUtf8Value(value).Length);
        return size;
    }

    /// <summary>What a value is, in words.</summary>
    public static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "nothing",
    };
}
