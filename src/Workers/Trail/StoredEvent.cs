using System.Security.Cryptography;
using System.Text;
using Countersign.Domain.Trail;
using Npgsql;

namespace Countersign.Workers.Trail;

/// <summary>An event as its row in <c>cs.mt_events</c> has it: the stored texts, never objects.</summary>
internal sealed record StoredEvent(
    long Sequence, string EventId, string Stream, long Version, string Type, DateTimeOffset Time, string Tenant, string? Actor, string? Correlation, string? Causation,
    string Data, string? Headers)
{
    /// <summary>The columns, in the order of <see cref="Read"/>. Everything but the class name of a build and the archive mark.</summary>
    public const string Columns = "e.seq_id, e.id::text, e.stream_id::text, e.version::bigint, e.type, e.timestamp, e.tenant_id, e.user_name, e.correlation_id, e.causation_id, e.data::text, e.headers::text";

    public static StoredEvent Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), row.GetString(6),
        Text(row, 7), Text(row, 8), Text(row, 9), row.GetString(10), Text(row, 11));

    /// <summary>The leaf record; the only place where an event's data is hashed.</summary>
    public EventLeaf ToLeaf(CanonicalJson canonical, bool late) => new(Tenant, Stream, Version, Sequence, EventId, Type, Time, Hash(canonical, Data))
    {
        Actor = Actor,
        Correlation = Correlation,
        Causation = Causation,
        HeadersHash = HasHeaders ? Hash(canonical, Headers!) : null,
        Late = late,
    };

    /// <summary>Whether there are headers; an empty or null JSON value counts as none.</summary>
    public bool HasHeaders => Headers is not (null or "" or "{}" or "null");

    private static TreeHash Hash(CanonicalJson canonical, string json)
    {
        canonical.Write(Encoding.UTF8.GetBytes(json));
        Span<byte> hash = stackalloc byte[TreeHash.Size];
        SHA256.HashData(canonical.Written, hash);
        return new TreeHash(hash);
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
