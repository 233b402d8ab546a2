using System.Collections.Immutable;

namespace Countersign.Domain.Processes;

/// <summary>Where one version of a process stands.</summary>
public enum ProcessVersionStatus
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

/// <summary>One version in a process's state.</summary>
/// <param name="Number">Number, from 1.</param>
/// <param name="Name">Title for people.</param>
/// <param name="Hash">Digest over the sources.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="By">Who published it.</param>
/// <param name="At">When (UTC).</param>
public sealed record ProcessVersionState(int Number, string Name, string Hash, ProcessVersionStatus Status, string By, DateTimeOffset At);

/// <summary>A rollout that is under way.</summary>
/// <param name="Candidate">Number of the version that is rolled out.</param>
/// <param name="Target">Whom it is for.</param>
/// <param name="Since">When it began (UTC).</param>
/// <param name="ChangedAt">When its target was set last (UTC).</param>
/// <param name="ChangedBy">Who set its target last (actor id).</param>
/// <param name="Reason">Why the target is what it is.</param>
public sealed record OpenRollout(int Candidate, RolloutTarget Target, DateTimeOffset Since, DateTimeOffset ChangedAt, string ChangedBy, string Reason);

/// <summary>State of a process definition, folded from its events.</summary>
/// <param name="Key">Process key.</param>
/// <param name="Newest">Number of the version published last.</param>
/// <param name="InForce">Number of the version that starts without a version run; 0 where none is.</param>
/// <param name="Versions">All versions, by number.</param>
/// <param name="Rollout">The rollout under way, or null.</param>
public sealed record ProcessState(string Key, int Newest, int InForce, ImmutableSortedDictionary<int, ProcessVersionState> Versions, OpenRollout? Rollout)
{
    /// <summary>The version with these sources that is in force or rolled out; the one published last where neither has them.</summary>
    /// <param name="hash">Digest over the sources.</param>
    public ProcessVersionState VersionOf(string hash) =>
        Versions.TryGetValue(InForce, out var inForce) && inForce.Hash == hash ? inForce
        : Rollout is { } open && Versions.TryGetValue(open.Candidate, out var candidate) && candidate.Hash == hash ? candidate
        : Versions[Newest];

    /// <summary>Folds one event; never throws.</summary>
    public static ProcessState? Evolve(ProcessState? state, IProcessEvent @event) => (state, @event) switch
    {
        (_, ProcessPublished e) => (state ?? new ProcessState(e.Key, 0, 0, ImmutableSortedDictionary<int, ProcessVersionState>.Empty, null)).Apply(e),
        ({ Rollout: { } open } s, ProcessRolloutChanged e) when open.Candidate == e.Version =>
            s with { Rollout = open with { Target = e.Rollout, ChangedAt = e.At, ChangedBy = e.By, Reason = e.Reason } },
        ({ } s, ProcessVersionPromoted e) => s.With(s.InForce, ProcessVersionStatus.Replaced).With(e.Version, ProcessVersionStatus.InForce) with { InForce = e.Version, Rollout = null },
        ({ } s, ProcessVersionWithdrawn e) => s.With(e.Version, ProcessVersionStatus.Withdrawn) with { Rollout = null },
        _ => state,
    };

    private ProcessState Apply(ProcessPublished e)
    {
        var status = e.Rollout is null ? ProcessVersionStatus.InForce : ProcessVersionStatus.Candidate;
        var next = (e.Rollout is null ? With(InForce, ProcessVersionStatus.Replaced) : this) with { Newest = e.Version };
        next = next with { Versions = next.Versions.SetItem(e.Version, new ProcessVersionState(e.Version, e.Name, e.Hash, status, e.By, e.At)) };
        return e.Rollout is { } target
            ? next with { Rollout = new OpenRollout(e.Version, target, e.At, e.At, e.By, e.Reason ?? "") }
            : next with { InForce = e.Version, Rollout = null };
    }

    private ProcessState With(int number, ProcessVersionStatus status) => Versions.TryGetValue(number, out var version) ? this with { Versions = Versions.SetItem(number, version with { Status = status }) } : this;
}
