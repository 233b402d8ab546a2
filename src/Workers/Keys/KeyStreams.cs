using Countersign.Domain;
using Countersign.Domain.Keys;
using Countersign.Domain.Tenants;
using Countersign.Projections.Keys;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;

namespace Countersign.Workers.Keys;

/// <summary>Changes to API keys, with the rows that requests read.</summary>
public static class KeyStreams
{
    /// <summary>A change to a key.</summary>
    public static StreamChange<KeyState, IKeyEvent> Change(string tenantId, Guid id, Actor by, Func<KeyState?, Outcome> decide) => new(
        tenantId,
        StreamsOf.Key(id),
        by,
        KeyState.Evolve,
        decide,
        (session, result) => session.Store(RecordOf(result.State!)));

    /// <summary>The row of a key.</summary>
    public static KeyRecord RecordOf(KeyState s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return new KeyRecord(s.Id, s.Name, s.Prefix, s.SecretHash, s.Roles, s.CreatedAt, s.CreatedBy, s.ExpiresAt, s.RevokedAt, s.ReplacedBy);
    }
}
