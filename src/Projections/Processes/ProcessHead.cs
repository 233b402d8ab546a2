using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;
using Countersign.Projections.Store;

namespace Countersign.Projections.Processes;

/// <summary>
/// Which versions of a process starts run, written in the transaction of the process's events. A process that was published by a version of the service without
/// rollouts has none, and its newest version is in force.
/// </summary>
/// <param name="Id">Process key.</param>
/// <param name="Newest">Number of the version published last. Where a newer one is stored, the row is not believed: it was published to all by an older node.</param>
/// <param name="InForce">Number of the version in force.</param>
/// <param name="Candidate">The version that is rolled out, or null.</param>
/// <param name="Opened">What is told about the rollout, or null.</param>
/// <param name="Withdrawn">Versions that were withdrawn, the newest last.</param>
/// <param name="Version">Version of the process's stream.</param>
public sealed record ProcessHead(string Id, int Newest, int InForce, CandidateHead? Candidate, RolloutHead? Opened, ImmutableArray<int> Withdrawn, long Version)
{
    private const int MostWithdrawn = 200;

    /// <summary>What <see cref="StartVersion.Read"/> takes, of a row <c>h</c>: the id of the version in force, and below it the candidate.</summary>
    internal const string SqlChoice = "(h.id || ':' || h.in_force || coalesce(E'\\n' || (h.data -> 'candidate')::text, ''))";

    /// <summary>The row of a process.</summary>
    public static ProcessHead Of(ProcessState state, long version)
    {
        ArgumentNullException.ThrowIfNull(state);
        var open = state.Rollout;
        return new ProcessHead(state.Key, state.Newest, state.InForce, open is null ? null : new CandidateHead(open.Candidate, open.Target.Share, open.Target.Groups),
            open is null ? null : new RolloutHead(open.Since, open.ChangedAt, open.ChangedBy, open.Reason),
            [.. state.Versions.Values.Where(v => v.Status == ProcessVersionStatus.Withdrawn).Select(v => v.Number).TakeLast(MostWithdrawn)], version);
    }

    /// <summary>Where a version stands.</summary>
    /// <param name="head">The process's row, or null.</param>
    /// <param name="newest">Number of its newest version.</param>
    /// <param name="number">Number of the version asked about.</param>
    public static ProcessVersionStatus StatusOf(ProcessHead? head, int newest, int number)
    {
        if (head is null || head.Newest != newest)
            return number == newest ? ProcessVersionStatus.InForce : ProcessVersionStatus.Replaced;
        return number == head.InForce ? ProcessVersionStatus.InForce
            : number == head.Candidate?.Number ? ProcessVersionStatus.Candidate
            : head.Withdrawn.Contains(number) ? ProcessVersionStatus.Withdrawn : ProcessVersionStatus.Replaced;
    }
}

/// <summary>A candidate as starts read it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Share">Its share of starts; null where it is for groups.</param>
/// <param name="Groups">Groups it is for.</param>
public sealed record CandidateHead(int Number, decimal? Share, ImmutableArray<string> Groups);

/// <summary>What is told about a rollout.</summary>
/// <param name="Since">When it began (UTC).</param>
/// <param name="ChangedAt">When its share or groups were set last (UTC).</param>
/// <param name="ChangedBy">By whom (actor id).</param>
/// <param name="Reason">Why.</param>
public sealed record RolloutHead(DateTimeOffset Since, DateTimeOffset ChangedAt, string ChangedBy, string Reason);

/// <summary>The version that a start means, before it is chosen.</summary>
/// <param name="VersionId">The version in force, or the one named: <c>key:number</c>.</param>
/// <param name="Rollout">What is rolled out beside it, or null.</param>
public sealed record StartVersion(string VersionId, Rollout? Rollout)
{
    /// <summary>Reads what the database answers; null where there is no version.</summary>
    public static StartVersion? Read(string processKey, string? text)
    {
        ArgumentNullException.ThrowIfNull(processKey);
        if (text is null)
            return null;
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? new StartVersion(text, null) : new StartVersion(text[..end], RolloutOf(processKey, text[..end], text[(end + 1)..]));
    }

    /// <summary>The rollout beside the version with this id, from a candidate as stored; null where none is.</summary>
    public static Rollout? RolloutOf(string processKey, string inForceId, string? candidate)
    {
        ArgumentNullException.ThrowIfNull(processKey);
        ArgumentNullException.ThrowIfNull(inForceId);
        return candidate is null || JsonSerializer.Deserialize<CandidateHead>(candidate, StoreJson.Options) is not { } c ? null
            : new Rollout(int.Parse(inForceId.AsSpan(processKey.Length + 1), System.Globalization.CultureInfo.InvariantCulture), c.Number, new RolloutTarget(c.Share, c.Groups));
    }

    /// <summary>The version to start, and how it was chosen.</summary>
    /// <param name="instanceId">The instance to be.</param>
    /// <param name="groups">Groups of the verified starter; empty where nobody stands behind the start.</param>
    public (string VersionId, StartRollout? Why) Choose(Guid instanceId, ImmutableArray<string> groups)
    {
        if (Rollout is null)
            return (VersionId, null);
        var key = VersionId[..VersionId.LastIndexOf(':')];
        var why = Rollout.Choose(key, instanceId, groups);
        return (why.Taken ? ProcessVersion.IdOf(key, why.Candidate) : VersionId, why);
    }
}
