using System.Collections.Immutable;

namespace Countersign.Domain.Keys;

/// <summary>State of an API key, folded from its events.</summary>
public sealed record KeyState(Guid Id, string Name, string Prefix, string SecretHash, ImmutableArray<string> Roles, DateTimeOffset CreatedAt, string CreatedBy,
    DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, Guid? ReplacedBy)
{
    /// <summary>Whether it works at a time.</summary>
    public bool WorksAt(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    /// <summary>Folds one event; never throws.</summary>
    public static KeyState? Evolve(KeyState? state, IKeyEvent @event) => (state, @event) switch
    {
        (_, KeyMade e) => new KeyState(e.KeyId, e.Name, e.Prefix, e.SecretHash, e.Roles, e.At, e.By, e.ExpiresAt, null, null),
        ({ } s, KeyReplaced e) => s with { ReplacedBy = e.ReplacedBy, ExpiresAt = e.WorksUntil < s.ExpiresAt ? e.WorksUntil : s.ExpiresAt },
        ({ } s, KeyRevoked e) => s with { RevokedAt = e.At },
        _ => state,
    };
}
