namespace Countersign.Domain.Processes;

/// <summary>A fact in the stream of one process definition (one stream a key).</summary>
public interface IProcessEvent;

/// <summary>A version was published. Its sources lie beside the stream, by version; the hash is over them.</summary>
/// <param name="Key">Process key.</param>
/// <param name="Version">Number, from 1, without gaps.</param>
/// <param name="Name">Title for people.</param>
/// <param name="Hash">Lower-case hex SHA-256 over the sources.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
/// <param name="Rollout">Whom it is for at first, beside the version in force; null = all, in the place of the version in force.</param>
/// <param name="Reason">Why it is rolled out so; null where it is for all.</param>
public sealed record ProcessPublished(string Key, int Version, string Name, string Hash, string By, DateTimeOffset At, RolloutTarget? Rollout = null, string? Reason = null) : IProcessEvent;

/// <summary>The candidate is for others, or more, or fewer, from here on.</summary>
/// <param name="Version">The candidate.</param>
/// <param name="Rollout">Whom it is for now.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ProcessRolloutChanged(int Version, RolloutTarget Rollout, string Reason, string By, DateTimeOffset At) : IProcessEvent;

/// <summary>The candidate is for all from here on: it is the version in force.</summary>
/// <param name="Version">The candidate.</param>
/// <param name="Replaces">The version that was in force.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ProcessVersionPromoted(int Version, int Replaces, string Reason, string By, DateTimeOffset At) : IProcessEvent;

/// <summary>The candidate starts nothing more; what it started goes on under it.</summary>
/// <param name="Version">The candidate.</param>
/// <param name="InFavourOf">The newer version that was published to all and ended the rollout; null where it was withdrawn for itself.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Actor id.</param>
/// <param name="At">The command's time (UTC).</param>
public sealed record ProcessVersionWithdrawn(int Version, int? InFavourOf, string Reason, string By, DateTimeOffset At) : IProcessEvent;
