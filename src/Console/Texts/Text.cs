using System.Globalization;
using System.Text.Json;

namespace Countersign.Console.Texts;

/// <summary>
/// The words of the pages. The English sentence is the key; <c>Texts/en.json</c> lists every one of them and a translation is the same file with another name.
/// </summary>
internal sealed class Text(IReadOnlyDictionary<string, string>? translation = null)
{
    public static Text English { get; } = new();

    public string this[string sentence] => translation is not null && translation.TryGetValue(sentence, out var other) ? other : sentence;

    public string this[string sentence, params object?[] values] => string.Format(CultureInfo.InvariantCulture, this[sentence], values);

    /// <summary>The words for a language tag such as <c>de</c>; English when there is no file for it.</summary>
    public static Text For(string language)
    {
        using var stream = typeof(Text).Assembly.GetManifestResourceStream($"Countersign.Console.Texts.{language}.json");
        return stream is null ? English : new Text(JsonSerializer.Deserialize<Dictionary<string, string>>(stream));
    }
}
