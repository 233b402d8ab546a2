namespace Countersign.Client.Keys;

/// <summary>Makes an API key for a program.</summary>
/// <param name="Name">For people, 1 to 100 characters.</param>
/// <param name="Roles">Roles the key acts with, at least one; never more than the maker holds unless the maker is admin.</param>
/// <param name="ExpiresAt">End of its life (UTC), at most two years ahead; one year when null.</param>
public sealed record CreateKeyRequest(string Name, IReadOnlyList<string> Roles, DateTimeOffset? ExpiresAt = null);

/// <summary>An API key without its secret.</summary>
/// <param name="Prefix">First characters, to recognise it.</param>
/// <param name="LastUsedAt">Last use (UTC), exact to a minute, or null when never used.</param>
/// <param name="RevokedAt">When it was revoked (UTC), or null.</param>
/// <param name="ReplacedBy">The key that replaces it after a rotation, or null.</param>
public sealed record KeyView(Guid Id, string Name, string Prefix, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt, string CreatedBy,
    DateTimeOffset ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt, Guid? ReplacedBy);

/// <summary>A new key: the only time the secret is shown.</summary>
/// <param name="Secret">The key itself, <c>cs_live_...</c>.</param>
public sealed record KeyCreated(KeyView Key, string Secret);

/// <summary>Replaces a key; both work during the overlap.</summary>
/// <param name="OverlapHours">How long the old key still works, 0 to 168; 24 when null.</param>
public sealed record RotateKeyRequest(int? OverlapHours = null);
