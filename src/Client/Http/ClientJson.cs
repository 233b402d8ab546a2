using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Client;

/// <summary>How the API writes JSON: camelCase names, enums in lower snake case, numbers as numbers.</summary>
public static class ClientJson
{
    /// <summary>Options for reading answers and writing requests. Unknown members of answers are ignored: fields may be added within v1.</summary>
    public static JsonSerializerOptions Options { get; } = Make(new JsonSerializerOptions(JsonSerializerDefaults.General));

    /// <summary>Applies the names and enum forms of the API to other options (the service does so with strict ones).</summary>
    /// <param name="options">Options that were not used yet.</param>
    /// <returns>The same options.</returns>
    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false));
        return options;
    }

    /// <summary>The name of an enum value as the API writes it, e.g. <c>two_people</c>.</summary>
    /// <typeparam name="T">An enum of this library.</typeparam>
    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static JsonSerializerOptions Make(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        Apply(options).MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
