using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Instances;
using Microsoft.Extensions.Logging;

namespace Countersign.Projections.Sealing;

/// <summary>
/// Seals personal fields when facts are stored and opens them when they are loaded. A field is bound to tenant, instance and
/// subject: moved elsewhere it does not open. What cannot be opened because its key was destroyed is null, with a warning.
/// </summary>
public sealed partial class FieldSealer(SubjectKeyStore store, ILogger<FieldSealer> logger)
{
    private static readonly JsonElement Null = JsonDocument.Parse("null").RootElement.Clone();

    /// <summary>Key ids of the sealed fields in a JSON text.</summary>
    internal static IEnumerable<(string TenantId, Guid KeyId)> MarkersIn(string tenantId, string text)
    {
        if (!text.Contains(SealedValue.Marker, StringComparison.Ordinal))
            return [];
        using var document = JsonDocument.Parse(text);
        return MarkersIn(tenantId, document.RootElement);
    }

    /// <summary>Key ids of the sealed fields in a JSON value.</summary>
    internal static List<(string TenantId, Guid KeyId)> MarkersIn(string tenantId, JsonElement root)
    {
        var found = new List<(string, Guid)>();
        Walk(root);
        return found;

        void Walk(JsonElement value)
        {
            if (SealedValue.TryRead(value) is { } field)
            {
                found.Add((tenantId, field.Key));
            }
            else if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (var member in value.EnumerateObject())
                    Walk(member.Value);
            }
            else if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in value.EnumerateArray())
                    Walk(item);
            }
        }
    }

    /// <summary>The keys with these ids.</summary>
    internal Task<SubjectKeys> KeysFor(IEnumerable<(string TenantId, Guid KeyId)> wanted, CancellationToken cancellation) => store.Find(wanted, cancellation);

    /// <summary>The live keys of these subjects; missing ones are made.</summary>
    internal Task<SubjectKeys> EnsureKeys(IReadOnlyCollection<(string TenantId, string Subject)> wanted, CancellationToken cancellation) => store.Ensure(wanted, cancellation);

    /// <summary>A stored fact with its fields open.</summary>
    internal IInstanceEvent Open(IInstanceEvent stored, string tenantId, Guid instanceId, SubjectKeys keys) =>
        FactValues.Map(stored, (_, value) => OpenTree(value, tenantId, instanceId, keys) ?? value);

    /// <summary>A stored value with its fields open, or null when nothing in it is sealed.</summary>
    internal JsonElement? OpenTree(JsonElement root, string tenantId, Guid instanceId, SubjectKeys keys)
    {
        return MarkersIn(tenantId, root).Count == 0 ? null : JsonTrees.Rewrite(root, (value, _, writer) =>
        {
            if (SealedValue.TryRead(value) is not { } field)
                return false;
            Open(field, tenantId, instanceId, keys).WriteTo(writer);
            return true;
        });
    }

    /// <summary>Opens values for a person who may read them, e.g. the variables of a view.</summary>
    /// <param name="root">A stored value.</param>
    /// <param name="tenantId">Tenant of the reader, from the verified credential.</param>
    /// <param name="instanceId">The instance it belongs to.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<JsonElement> OpenForReading(JsonElement root, string tenantId, Guid instanceId, CancellationToken cancellation)
    {
        var markers = MarkersIn(tenantId, root);
        return markers.Count == 0 ? root : OpenTree(root, tenantId, instanceId, await store.Find(markers, cancellation)) ?? root;
    }

    /// <summary>Opens a dictionary of stored values for a person who may read them.</summary>
    public async Task<ImmutableDictionary<string, JsonElement>> OpenForReading(ImmutableDictionary<string, JsonElement> values, string tenantId, Guid instanceId, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(values);
        var markers = values.Values.SelectMany(v => MarkersIn(tenantId, v)).ToList();
        if (markers.Count == 0)
            return values;
        var keys = await store.Find(markers, cancellation);
        return values.ToImmutableDictionary(v => v.Key, v => OpenTree(v.Value, tenantId, instanceId, keys) ?? v.Value, values.KeyComparer);
    }

    /// <summary>Writes a value sealed under a subject's key.</summary>
    internal static void Seal(Utf8JsonWriter writer, JsonElement value, string tenantId, Guid instanceId, SubjectKey key)
    {
        var plain = Encoding.UTF8.GetBytes(value.GetRawText());
        var bytes = KeyRing.Encrypt(key.Key!, plain, Context(tenantId, instanceId, key.Subject, key.Id));
        new SealedValue(key.Subject, key.Id, Convert.ToBase64String(bytes.AsSpan(0, 12)), Convert.ToBase64String(bytes.AsSpan(12))).Write(writer);
    }

    private JsonElement Open(SealedValue field, string tenantId, Guid instanceId, SubjectKeys keys)
    {
        if (keys.ById(tenantId, field.Key)?.Key is not { } key)
        {
            Erased(field.Subject, instanceId);
            return Null;
        }

        try
        {
            var bytes = KeyRing.Decrypt(key, [.. Convert.FromBase64String(field.Nonce), .. Convert.FromBase64String(field.Text)], Context(tenantId, instanceId, field.Subject, field.Key));
            return JsonElement.Parse(bytes);
        }
        catch (Exception e) when (e is AuthenticationTagMismatchException or FormatException)
        {
            throw new CryptographicException($"A sealed field of instance {instanceId} was changed or moved since it was sealed. Verify the trail; restore the row from a backup.", e);
        }
    }

    private static byte[] Context(string tenantId, Guid instanceId, string subject, Guid keyId) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"field\n{tenantId}\n{instanceId:D}\n{subject}\n{keyId:D}"));

    [LoggerMessage(Level = LogLevel.Warning, Message = "A field about {Subject} in instance {InstanceId} was erased: it reads as null.")]
    private partial void Erased(string subject, Guid instanceId);
}
