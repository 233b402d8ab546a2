using System.Collections.Immutable;

namespace Countersign.Projections.Keys;

/// <summary>An API key as requests read it, written in the transaction of the key's events.</summary>
public sealed record KeyRecord(Guid Id, string Name, string Prefix, string SecretHash, ImmutableArray<string> Roles, DateTimeOffset CreatedAt, string CreatedBy,
    DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, Guid? ReplacedBy);

/// <summary>When a key was last used, exact to a minute; no fact of the trail.</summary>
/// <param name="Id">The key.</param>
public sealed record KeyUse(Guid Id, DateTimeOffset At);
