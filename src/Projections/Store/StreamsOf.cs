using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Countersign.Domain.Tenants;

namespace Countersign.Projections.Store;

/// <summary>Keys of event streams. A key is unique inside its tenant; readers of the trail see it.</summary>
public static class StreamsOf
{
    /// <summary>Prefix of the streams of process instances.</summary>
    public const string InstancePrefix = "instance/";

    /// <summary>The stream of one process instance.</summary>
    public static string Instance(Guid id) => InstancePrefix + id.ToString("D", CultureInfo.InvariantCulture);

    /// <summary>The instance whose stream this is, or null.</summary>
    public static Guid? InstanceOf(string stream) =>
        stream is not null && stream.StartsWith(InstancePrefix, StringComparison.Ordinal) && Guid.TryParseExact(stream.AsSpan(InstancePrefix.Length), "D", out var id) ? id : null;

    /// <summary>Refused attempts of one actor on one day (UTC).</summary>
    public static string Access(Actor actor, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(actor);
        return string.Create(CultureInfo.InvariantCulture, $"access/{actor.Id}/{at.UtcDateTime:yyyy-MM-dd}");
    }

    /// <summary>The stream of a process definition: its versions.</summary>
    public static string Process(string key) => "process/" + key;

    /// <summary>The stream of a decision policy: its versions.</summary>
    public static string Policy(string key) => "policy/" + key;

    /// <summary>The stream of a reference table: its versions.</summary>
    public static string ReferenceTable(string name) => "reference-table/" + name;

    /// <summary>The stream of the tenant itself.</summary>
    public const string Tenant = "tenant";

    /// <summary>The stream of the tenant's plan.</summary>
    public const string Plan = "plan";

    /// <summary>The stream of a member.</summary>
    public static string Member(string id) => "member/" + id;

    /// <summary>The stream of an API key.</summary>
    public static string Key(Guid id) => "key/" + id.ToString("D", CultureInfo.InvariantCulture);

    /// <summary>The stream of a webhook endpoint.</summary>
    public static string Webhook(Guid id) => "webhook/" + id.ToString("D", CultureInfo.InvariantCulture);

    /// <summary>The stream of an export.</summary>
    public static string Export(Guid id) => "export/" + id.ToString("D", CultureInfo.InvariantCulture);

    /// <summary>The stream of a batch.</summary>
    public static string Batch(Guid id) => "batch/" + id.ToString("D", CultureInfo.InvariantCulture);

    /// <summary>The stream of a document.</summary>
    public static string Document(Guid id) => "document/" + id.ToString("D", CultureInfo.InvariantCulture);

    /// <summary>
    /// The id of an instance started under an idempotency key. Derived from tenant, credential and key, so that a repeat, even one
    /// whose first answer was lost with its row, leads to the same stream.
    /// </summary>
    public static Guid StartedUnder(string tenantId, string credentialId, string key)
    {
        ArgumentNullException.ThrowIfNull(tenantId);
        ArgumentNullException.ThrowIfNull(credentialId);
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        // Lengths in front keep ("ab", "c") and ("a", "bc") apart.
        var text = string.Create(CultureInfo.InvariantCulture, $"countersign-start-1\n{tenantId.Length}:{tenantId}{credentialId.Length}:{credentialId}{key.Length}:{key}");
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        var bytes = hash[..16];
        // RFC 9562 version 8 (vendor-specific), variant 2.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
