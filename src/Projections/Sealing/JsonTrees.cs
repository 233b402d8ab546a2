using System.Buffers;
using System.Text.Json;

namespace Countersign.Projections.Sealing;

/// <summary>Copies of JSON values with parts replaced.</summary>
internal static class JsonTrees
{
    /// <summary>Writes a replacement and answers true, or answers false to have the value copied.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">Dotted member names from the root; array items have their array's path. Empty at the root.</param>
    /// <param name="writer">Where to write.</param>
    public delegate bool Replace(JsonElement value, string path, Utf8JsonWriter writer);

    public static JsonElement Rewrite(JsonElement root, Replace replace)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(root, "", writer, replace);
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Write(JsonElement value, string path, Utf8JsonWriter writer, Replace replace)
    {
        if (replace(value, path, writer))
            return;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, path.Length == 0 ? member.Name : path + "." + member.Name, writer, replace);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(item, path, writer, replace);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
