using System.Buffers;
using System.Text.Json;

namespace Countersign.Feel.Values;

/// <summary>Values from and to JSON.</summary>
internal static class FeelJson
{
    private static readonly JsonWriterOptions WriterOptions = new() { MaxDepth = 1000, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = 1000 };

    // Deeper than any value the language itself may make; a document nested deeper is cut off, so that no document overflows the stack.
    private const int Deepest = 500;

    public static FeelValue Read(JsonElement element) => Read(element, 0);

    private static FeelValue Read(JsonElement element, int depth) => element.ValueKind switch
    {
        JsonValueKind.True => FeelValue.True,
        JsonValueKind.False => FeelValue.False,
        JsonValueKind.String => new FeelString(ReadText(element)),
        JsonValueKind.Number => ReadNumber(element),
        JsonValueKind.Array when depth < Deepest => ReadList(element, depth + 1),
        JsonValueKind.Object when depth < Deepest => ReadContext(element, depth + 1),
        _ => FeelValue.Null,
    };

    // JSON may spell half a character (\ud800), which .NET refuses to read: it becomes the replacement character, as in UTF-8 texts.
    private static string ReadText(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(element.GetRawText());
        }
    }

    private static string ReadName(JsonProperty entry)
    {
        try
        {
            return entry.Name;
        }
        catch (InvalidOperationException)
        {
            var raw = entry.ToString();
            return Unescape(raw[..NameEnd(raw)]);
        }
    }

    private static int NameEnd(string raw)
    {
        var at = 1;
        while (raw[at] != '"')
            at += raw[at] == '\\' ? 2 : 1;
        return at + 1;
    }

    private static string Unescape(string quoted)
    {
        var text = new System.Text.StringBuilder(quoted.Length);
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] != '\\')
            {
                text.Append(quoted[i]);
                continue;
            }
            i++;
            switch (quoted[i])
            {
                case 'u':
                    text.Append((char)int.Parse(quoted.AsSpan(i + 1, 4), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture));
                    i += 4;
                    break;
                case var c:
                    text.Append(c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', _ => c });
                    break;
            }
        }
        return FeelText.WithoutHalves(text.ToString());
    }

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

    private static FeelList ReadList(JsonElement element, int depth)
    {
        var length = element.GetArrayLength();
        if (length == 0)
            return FeelList.Empty;
        var items = new FeelValue[length];
        var at = 0;
        foreach (var item in element.EnumerateArray())
            items[at++] = Read(item, depth);
        return new FeelList(items);
    }

    private static FeelContext ReadContext(JsonElement element, int depth)
    {
        var builder = new FeelContextBuilder();
        foreach (var entry in element.EnumerateObject())
            builder.Set(ReadName(entry), Read(entry.Value, depth));
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
