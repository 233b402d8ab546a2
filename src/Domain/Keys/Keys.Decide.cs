using System.Collections.Immutable;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Keys;

/// <summary>Makes a key whose secret was drawn at the edge.</summary>
public sealed record MakeKey(Guid KeyId, string Name, string Prefix, string SecretHash, ImmutableArray<string> Roles, DateTimeOffset? ExpiresAt, Actor By,
    Guid? Replaces = null);

/// <summary>Marks a key as replaced.</summary>
public sealed record ReplaceKey(Guid ReplacedBy, TimeSpan Overlap, Actor By);

/// <summary>Ends a key.</summary>
public sealed record RevokeKey(Actor By);

/// <summary>Pure decisions about API keys.</summary>
public static class KeyDecider
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(365);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(731);

    /// <summary>Makes a key; twice adds nothing. Nobody makes a key that may more than they may.</summary>
    public static Outcome Decide(KeyState? state, MakeKey command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is not null)
            return Outcome.Nothing;
        if (string.IsNullOrWhiteSpace(command.Name) || command.Name.Length > 100)
            return Invalid("key.name_invalid", "A key's name is 1 to 100 characters.");
        if (command.Roles.IsDefaultOrEmpty || command.Roles.Any(r => !Role.All.Contains(r)))
            return Invalid("key.role_unknown", $"Give at least one role; roles are {string.Join(", ", Role.All)}.");
        if (!command.By.Holds(Role.Admin) && command.Roles.Any(r => !command.By.Holds(r)))
            return Outcome.Refuse(RefusalKind.Denied, "key.role_exceeds", "A key may not do more than its maker. Ask an administrator.");
        var expires = command.ExpiresAt ?? now + Usual;
        return expires <= now || expires > now + Longest
            ? Invalid("key.expiry_invalid", "A key ends between now and two years ahead. Choose another end.")
            : Outcome.Of(new KeyMade(command.KeyId, command.Name, command.Prefix, command.SecretHash,
                [.. command.Roles.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], expires, command.Replaces, command.By.Id, now));
    }

    /// <summary>Marks a key as replaced; a key that no longer works cannot be.</summary>
    public static Outcome Decide(KeyState? state, ReplaceKey command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            return NotFound();
        if (command.Overlap < TimeSpan.Zero || command.Overlap > TimeSpan.FromDays(7))
            return Invalid("key.overlap_invalid", "The overlap is 0 to 168 hours.");
        if (state.ReplacedBy == command.ReplacedBy)
            return Outcome.Nothing;
        return !state.WorksAt(now) || state.ReplacedBy is not null
            ? Outcome.Refuse(RefusalKind.Conflict, "key.not_live", "This key has ended or was replaced before. Make a new one, or rotate the newest.")
            : Outcome.Of(new KeyReplaced(command.ReplacedBy, now + command.Overlap, command.By.Id, now));
    }

    /// <summary>Ends a key; twice adds nothing.</summary>
    public static Outcome Decide(KeyState? state, RevokeKey command, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (state is null)
            return NotFound();
        return state.RevokedAt is not null ? Outcome.Nothing : Outcome.Of(new KeyRevoked(command.By.Id, now));
    }

    private static Outcome Invalid(string code, string detail) => Outcome.Refuse(RefusalKind.Invalid, code, detail);

    private static Outcome NotFound() => Outcome.Refuse(RefusalKind.NotFound, "key.not_found", "There is no such key.");
}
