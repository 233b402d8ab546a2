using System.Buffers;
using System.Text.Json;

namespace Countersign.Feel.Values;

/// <summary>Values from and to JSON.</summary>
internal static class FeelJson
{
    private static readonly JsonWriterOptions WriterOptions = new() { MaxDepth = 1000, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = 1000 };

    public static FeelValue Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => FeelValue.True,
        JsonValueKind.False => FeelValue.False,
        JsonValueKind.String => new FeelString(element.GetString()!),
        JsonValueKind.Number => ReadNumber(element),
        JsonValueKind.Array => ReadList(element),
        JsonValueKind.Object => ReadContext(element),
        _ => FeelValue.Null,
    };

    public static JsonElement Write(FeelValue value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
            Write(writer, value);
        using var document = JsonDocument.Parse(buffer.WrittenMemory, ReaderOptions);
        return document.RootElement.Clone();
    }

    private static FeelValue ReadNumber(JsonElement element)
    {
        if (element.TryGetInt64(out var whole))
            return FeelNumber.From(whole);
        // A number beyond 10^6144 is none in FEEL.
        return Decimal34.TryParse(element.GetRawText(), out var number) ? new FeelNumber(number) : FeelValue.Null;
    }

    private static FeelList ReadList(JsonElement element)
    {
        var length = element.GetArrayLength();
        if (length == 0)
            return FeelList.Empty;
        var items = new FeelValue[length];
        var at = 0;
        foreach (var item in element.EnumerateArray())
            items[at++] = Read(item);
        return new FeelList(items);
    }

    private static FeelContext ReadContext(JsonElement element)
    {
        var builder = new FeelContextBuilder();
        foreach (var entry in element.EnumerateObject())
            builder.Set(entry.Name, Read(entry.Value));
        return builder.Build();
    }

    private static void Write(Utf8JsonWriter writer, FeelValue value)
    {
        switch (value)
        {
            case FeelBoolean boolean:
                writer.WriteBooleanValue(boolean.Value);
                break;
            case FeelNumber number:
                writer.WriteRawValue(number.Value.ToString(), skipInputValidation: true);
                break;
            case FeelString text:
                writer.WriteStringValue(text.Value);
                break;
            case FeelList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case FeelContext context:
                writer.WriteStartObject();
                for (var i = 0; i < context.Count; i++)
                {
                    writer.WritePropertyName(context.Names[i]);
                    Write(writer, context.Items[i]);
                }
                writer.WriteEndObject();
                break;
            case FeelNull or FeelFunction:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteStringValue(FeelText.Convert(value));
                break;
        }
    }
}
