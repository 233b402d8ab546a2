using System.Text.Encodings.Web;
using System.Text.Json;
using Countersign.Client;

namespace Countersign.Api.Http;

/// <summary>JSON as the edge takes it: no duplicate keys, no unknown members, exact case, required members present, depth 64.</summary>
internal static class StrictJson
{
    public const int MaxDepth = 64;

    public static JsonSerializerOptions Reading { get; } = Read();

    /// <summary>Finds a value that .NET would take and other readers would not: a number outside the range of an exact decimal or of a double,
    /// or text that is no Unicode (lone surrogates).</summary>
    /// <returns>Pointer and sentence, or null when all is well.</returns>
    public static (string Pointer, string Detail)? FindOdd(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Number)
            {
                if (reader.ValueSpan.Length > 40 || !reader.TryGetDecimal(out _))
                    return ("", "A number is too long or too large; at most 28 significant digits are kept exactly.");
                if (reader.ValueSpan.SequenceEqual("-0"u8))
                    return ("", "The number -0 is not accepted; send 0.");
            }
            else if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && HasLoneSurrogate(ref reader))
                return ("", "A text contains half of a surrogate pair, which is no Unicode.");
            else if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && HasNul(ref reader))
                return ("", "A text contains the character NUL, which cannot be stored.");
        }

        return null;
    }

    /// <summary>Finds null where the contract has none: the serializer checks members, not the items of lists.</summary>
    /// <returns>Pointer of the first one, or null.</returns>
    public static string? FindNull(object value) => ContractNulls.Find(value, "");

    private static bool HasLoneSurrogate(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString() is null;
        }
        catch (InvalidOperationException)
        {
            // The reader has no Try form: this is how it says that an escape is half of a pair.
            return true;
        }
    }

    private static bool HasNul(ref Utf8JsonReader reader) => reader.ValueIsEscaped && reader.GetString()!.Contains('\0', StringComparison.Ordinal);

    private static JsonSerializerOptions Read()
    {
        var options = ClientJson.Apply(new JsonSerializerOptions(JsonSerializerOptions.Strict));
        options.MaxDepth = MaxDepth;
        options.Encoder = JavaScriptEncoder.Default;
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
