using System.Text.Json;

namespace Countersign.Projections.Sealing;

/// <summary>
/// A sealed field as it stands in stored JSON, in the place of the value:
/// <c>{"$sealed":{"subject":"...","key":"...","nonce":"...","text":"..."}}</c>. See docs/reference/sealed-fields.md.
/// </summary>
/// <param name="Subject">The person it is about, as the process names it; <c>instance/&lt;id&gt;</c> where it names none.</param>
/// <param name="Key">Id of the subject's key.</param>
/// <param name="Nonce">Nonce, base64.</param>
/// <param name="Text">Ciphertext and tag, base64.</param>
public sealed record SealedValue(string Subject, Guid Key, string Nonce, string Text)
{
    /// <summary>Name of the only member of a sealed field's object.</summary>
    public const string Marker = "$sealed";

    /// <summary>Reads a sealed field, or answers null when the value is not one.</summary>
    public static SealedValue? TryRead(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() != 1 || !value.TryGetProperty(Marker, out var inner) || inner.ValueKind != JsonValueKind.Object)
            return null;
        return Text("subject") is { } subject && Text("key") is { } key && Guid.TryParseExact(key, "D", out var id) && Text("nonce") is { } nonce && Text("text") is { } text
            ? new SealedValue(subject, id, nonce, text)
            : null;

        string? Text(string name) => inner.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
    }

    /// <summary>Writes the field.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteStartObject(Marker);
        writer.WriteString("subject", Subject);
        writer.WriteString("key", Key);
        writer.WriteString("nonce", Nonce);
        writer.WriteString("text", Text);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
