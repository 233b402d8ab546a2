namespace Countersign.Client.Processes;

/// <summary>Whom a version is for while it is rolled out: a share of the starts, or groups. One of the two.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
/// <param name="Share">More than 0 and less than 1, in steps of 0.0001: 0.1 is a tenth of the starts. Null where groups are named.</param>
/// <param name="Groups">Groups of the starter, at most 50; null where a share is named. Starts that nobody stands behind (timers, messages, signals, calls) are in no group.</param>
public sealed record RolloutRequest(string Reason, decimal? Share = null, IReadOnlyList<string>? Groups = null);

/// <summary>Puts a candidate in force for all.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record PromoteVersionRequest(string Reason);

/// <summary>Takes a candidate back.</summary>
/// <param name="Reason">Why, 1 to 2,000 characters; kept in the trail.</param>
public sealed record WithdrawVersionRequest(string Reason);

/// <summary>Where a version of a process stands.</summary>
public enum ProcessVersionState
{
    /// <summary>Starts without a version run it.</summary>
    InForce,

    /// <summary>It is rolled out to a share of starts or to groups.</summary>
    Candidate,

    /// <summary>It was a candidate and was withdrawn.</summary>
    Withdrawn,

    /// <summary>It was in force, and another took its place.</summary>
    Replaced,
}

/// <summary>Whom a candidate is for.</summary>
/// <param name="Share">Its share of the starts; null when it is for groups.</param>
/// <param name="Groups">Groups of starters; empty when it is for a share.</param>
/// <param name="Since">When its rollout began (UTC).</param>
/// <param name="ChangedAt">When its share or groups were set last (UTC).</param>
/// <param name="ChangedBy">Member or key id of who set them.</param>
/// <param name="Reason">Why.</param>
public sealed record RolloutView(decimal? Share, IReadOnlyList<string> Groups, DateTimeOffset Since, DateTimeOffset ChangedAt, string ChangedBy, string Reason);

/// <summary>What is in force, and what is rolled out beside it.</summary>
/// <param name="Key">Process key.</param>
/// <param name="VersionInForce">Number of the version that starts without a version run.</param>
/// <param name="Candidate">Number of the version that is rolled out; null when none is.</param>
/// <param name="Rollout">Whom the candidate is for; null when there is none.</param>
/// <param name="Version">Number of the process's facts; the <c>ETag</c> is made of it.</param>
/// <param name="Counts">How the instances fare that began since the rollout did, the version in force first; empty when nothing is rolled out. About a second behind; null in the answer to an act.</param>
/// <param name="EmptyGroups">Groups of the rollout to which no active member belongs now; null in the answer to an act.</param>
public sealed record ProcessRolloutView(string Key, int VersionInForce, int? Candidate, RolloutView? Rollout, long Version, IReadOnlyList<VersionCounts>? Counts = null, IReadOnlyList<string>? EmptyGroups = null);

/// <summary>Instances of one version that began since the rollout did; a migrated one counts for the version it runs now. At most the last 200,000 are looked at.</summary>
/// <param name="Version">Number of the version.</param>
/// <param name="Started">Instances.</param>
/// <param name="Completed">Those that completed.</param>
/// <param name="Cancelled">Those that were cancelled.</param>
/// <param name="WithIncident">Those that have an open incident.</param>
/// <param name="IncidentsEver">Incidents raised in them so far.</param>
public sealed record VersionCounts(int Version, int Started, int Completed, int Cancelled, int WithIncident, int IncidentsEver);
