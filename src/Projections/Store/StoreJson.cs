using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Projections.Store;

/// <summary>How everything stored is written as JSON: camelCase members, enums in lower_snake, as in the public API.</summary>
public static class StoreJson
{
    /// <summary>The options; shared, read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Puts the house's settings on options that a library owns.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
        options.PropertyNameCaseInsensitive = false;
        // Facts are read for ever: a member that is not there is not a zero written out.
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        // The text lands in jsonb, never in a page: umlauts stay readable.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        for (var i = options.Converters.Count - 1; i >= 0; i--)
        {
            if (options.Converters[i] is JsonStringEnumConverter)
                options.Converters.RemoveAt(i);
        }

        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        options.Converters.Add(new ImmutableArrayConverter());
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions();
        Configure(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
