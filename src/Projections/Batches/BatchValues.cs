using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Projections.Sealing;
using Countersign.Projections.Store;

namespace Countersign.Projections.Batches;

/// <summary>The values that a batch sets, sealed.</summary>
public sealed record SealedBatchValues(Guid KeyId, byte[] Content);

/// <summary>Seals the values that a batch sets under a key of the batch alone, which is destroyed when it has ended: what they are afterwards stands in the instances.</summary>
public sealed class BatchValues(SubjectKeyStore keys)
{
    /// <summary>Seals values; null when there are none.</summary>
    public async Task<SealedBatchValues?> Seal(string tenantId, Guid id, ImmutableDictionary<string, JsonElement> values, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.IsEmpty)
            return null;
        var key = (await keys.Ensure([(tenantId, SubjectOf(id))], cancellation)).Live(tenantId, SubjectOf(id))
            ?? throw new CryptographicException("No key could be made for the batch. Ask again; if it stays, verify the key ring.");
        return new SealedBatchValues(key.Id, KeyRing.Encrypt(key.Key!, JsonSerializer.SerializeToUtf8Bytes(values, StoreJson.Options), Context(tenantId, id)));
    }

    /// <summary>Opens them.</summary>
    public async Task<ImmutableDictionary<string, JsonElement>> Open(string tenantId, Guid id, SealedBatchValues? content, CancellationToken cancellation)
    {
        if (content is null)
            return ImmutableDictionary<string, JsonElement>.Empty;
        var key = (await keys.Find([(tenantId, content.KeyId)], cancellation)).ById(tenantId, content.KeyId);
        return key?.Key is { } bytes
            ? JsonSerializer.Deserialize<ImmutableDictionary<string, JsonElement>>(KeyRing.Decrypt(bytes, content.Content, Context(tenantId, id)), StoreJson.Options)!
            : throw new CryptographicException($"The key of batch {id} was destroyed before the batch had ended.");
    }

    /// <summary>Destroys the key.</summary>
    public Task Destroy(string tenantId, Guid id, CancellationToken cancellation) => keys.Destroy(tenantId, SubjectOf(id), cancellation);

    private static string SubjectOf(Guid id) => $"batch/{id:D}";

    private static byte[] Context(string tenantId, Guid id) => Encoding.UTF8.GetBytes(FormattableString.Invariant($"batch\n{tenantId}\n{id:D}"));
}
