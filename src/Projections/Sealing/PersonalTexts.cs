using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Countersign.Projections.Sealing;

/// <summary>Seals texts about a person outside of process instances, such as the names of members, each under the key of its subject; opens them for reading.</summary>
public sealed class PersonalTexts(SubjectKeyStore store)
{
    /// <summary>A text as it is stored. The subject's key is made when there is none, and is durable before this returns.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="subject">Whom it is about, such as <c>member/ana</c>.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<JsonElement> Seal(string tenantId, string subject, string text, CancellationToken cancellation)
    {
        var key = (await store.Ensure([(tenantId, subject)], cancellation)).Live(tenantId, subject)
            ?? throw new CryptographicException("No key could be made for the person. Try again; if it stays, verify the key ring.");
        var bytes = KeyRing.Encrypt(key.Key!, Encoding.UTF8.GetBytes(text), Context(tenantId, subject, key.Id));
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        await using (var writer = new Utf8JsonWriter(buffer))
            new SealedValue(subject, key.Id, Convert.ToBase64String(bytes.AsSpan(0, 12)), Convert.ToBase64String(bytes.AsSpan(12))).Write(writer);
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>Texts for a reader, in the order given; null where the key was destroyed or there is none.</summary>
    /// <param name="tenantId">Tenant of the reader, from the verified credential.</param>
    /// <param name="stored">Stored texts.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<string?>> Open(string tenantId, IReadOnlyList<JsonElement?> stored, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var fields = stored.Select(s => s is { } value ? SealedValue.TryRead(value) : null).ToList();
        var keys = await store.Find(fields.Where(f => f is not null).Select(f => (tenantId, f!.Key)).Distinct(), cancellation);
        return [.. stored.Select((value, i) => fields[i] is { } field ? Open(tenantId, field, keys) : value is { ValueKind: JsonValueKind.String } plain ? plain.GetString() : null)];
    }

    private static string? Open(string tenantId, SealedValue field, SubjectKeys keys)
    {
        if (keys.ById(tenantId, field.Key)?.Key is not { } key)
            return null;
        try
        {
            return Encoding.UTF8.GetString(KeyRing.Decrypt(key, [.. Convert.FromBase64String(field.Nonce), .. Convert.FromBase64String(field.Text)], Context(tenantId, field.Subject, field.Key)));
        }
        catch (Exception e) when (e is AuthenticationTagMismatchException or FormatException)
        {
            throw new CryptographicException($"A sealed text about {field.Subject} was changed or moved since it was sealed. Verify the trail; restore the row from a backup.", e);
        }
    }

    private static byte[] Context(string tenantId, string subject, Guid keyId) => Encoding.UTF8.GetBytes(FormattableString.Invariant($"text\n{tenantId}\n{subject}\n{keyId:D}"));
}
