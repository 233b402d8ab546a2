using System.Collections.Immutable;

namespace Countersign.Domain.Keys;

/// <summary>A fact in the stream of one API key.</summary>
public interface IKeyEvent;

/// <summary>A key was made. Only the hash of its secret is known to us.</summary>
/// <param name="KeyId">Key id; events name the program by it.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Prefix">First characters, to recognise it.</param>
/// <param name="SecretHash">Lower-case hex SHA-256 of the whole key.</param>
/// <param name="Roles">Roles it acts with.</param>
/// <param name="ExpiresAt">End of its life (UTC).</param>
/// <param name="Replaces">The key it replaces, or null.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record KeyMade(Guid KeyId, string Name, string Prefix, string SecretHash, ImmutableArray<string> Roles, DateTimeOffset ExpiresAt, Guid? Replaces,
    string By, DateTimeOffset At) : IKeyEvent;

/// <summary>A key was replaced by another and works until the end of the overlap.</summary>
public sealed record KeyReplaced(Guid ReplacedBy, DateTimeOffset WorksUntil, string By, DateTimeOffset At) : IKeyEvent;

/// <summary>A key was ended at once.</summary>
public sealed record KeyRevoked(string By, DateTimeOffset At) : IKeyEvent;
