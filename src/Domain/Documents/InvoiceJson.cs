using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Domain.Documents;

/// <summary>The one JSON form of a reading: camelCase members, snake_case enumeration values, dates as ISO 8601, amounts as JSON numbers with
/// their printed decimals, absent fields as <c>null</c>. It is what the process variable <c>invoice</c> holds.</summary>
public static class InvoiceJson
{
    /// <summary>Options of that form; read-only and safe for all threads.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>The reading as a JSON value, for instance as a process variable.</summary>
    public static JsonElement ToElement(InvoiceReading reading) => JsonSerializer.SerializeToElement(reading, Options);

    /// <summary>The reading as JSON text.</summary>
    public static string ToText(InvoiceReading reading) => JsonSerializer.Serialize(reading, Options);

    /// <summary>The reading from its JSON form; null when the text is not one.</summary>
    public static InvoiceReading? FromElement(JsonElement json)
    {
        try
        {
            return json.Deserialize<InvoiceReading>(Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            NumberHandling = JsonNumberHandling.Strict,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
