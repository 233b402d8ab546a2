using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Processes;

/// <summary>Publishes what compiled.</summary>
/// <param name="Key">Process key.</param>
/// <param name="Name">Title for people.</param>
/// <param name="Hash">Digest over the sources.</param>
/// <param name="Rollout">Whom it is for at first; null = all.</param>
/// <param name="Reason">Why it is rolled out so; required with a rollout.</param>
/// <param name="By">Who publishes.</param>
public sealed record PublishProcess(string Key, string Name, string Hash, RolloutTarget? Rollout, string? Reason, Actor By);

/// <summary>Gives a candidate another share or other groups.</summary>
/// <param name="Version">The candidate.</param>
/// <param name="Rollout">Whom it is for from here on.</param>
/// <param name="Reason">Why, for the trail.</param>
/// <param name="By">Who changes it.</param>
public sealed record ChangeRollout(int Version, RolloutTarget Rollout, string Reason, Actor By);

/// <summary>Puts a candidate in force for all.</summary>
/// <param name="Version">The candidate.</param>
/// <param name="Reason">Why, for the trail.</param>
/// <param name="By">Who promotes it.</param>
public sealed record PromoteVersion(int Version, string Reason, Actor By);

/// <summary>Takes a candidate back.</summary>
/// <param name="Version">The candidate.</param>
/// <param name="Reason">Why, for the trail.</param>
/// <param name="By">Who withdraws it.</param>
public sealed record WithdrawVersion(int Version, string Reason, Actor By);

/// <summary>Pure decisions about process definitions. Whether the sources compile is asked before, by the door.</summary>
public static partial class ProcessDecider
{
    private const int LongestReason = 2_000;

    /// <summary>
    /// Publishes. The sources of the version in force, or of the candidate with the same target, add nothing; those of the candidate without a target promote it.
    /// A version for all ends a rollout; a second candidate is refused.
    /// </summary>
    public static Outcome Decide(ProcessState? state, PublishProcess command, DateTimeOffset now)
    {
        if (command.Rollout is { } wanted && (Wrong(wanted) ?? NoReason(command.Reason)) is { } wrong)
            return wrong;
        var published = new ProcessPublished(command.Key, (state?.Newest ?? 0) + 1, command.Name, command.Hash, command.By.Id, now, command.Rollout, command.Rollout is null ? null : command.Reason);
        if (state is null)
        {
            return command.Rollout is null ? Outcome.Of(published)
                : Outcome.Refuse(RefusalKind.Conflict, "process.rollout_first", "There is no version in force beside which this one could be rolled out. Publish the first version without a rollout.");
        }

        if (state.Versions.TryGetValue(state.InForce, out var inForce) && inForce.Hash == command.Hash)
            return Outcome.Nothing;
        if (state.Rollout is not { } open)
            return Outcome.Of(published);
        if (state.Versions[open.Candidate].Hash == command.Hash && command.Rollout is null)
            return Outcome.Of(new ProcessVersionPromoted(open.Candidate, state.InForce, "Published to all.", command.By.Id, now));
        if (command.Rollout is { } target)
            return state.Versions[open.Candidate].Hash == command.Hash && open.Target.Means(target) ? Outcome.Nothing : Open(open);
        return Outcome.Of(new ProcessVersionWithdrawn(open.Candidate, published.Version, Text($"Version {published.Version} was published to all."), command.By.Id, now), published);
    }

    /// <summary>Changes whom the candidate is for; the same again adds nothing.</summary>
    public static Outcome Decide(ProcessState? state, ChangeRollout command, DateTimeOffset now)
    {
        if ((Unknown(state, command.Version) ?? Wrong(command.Rollout) ?? NoReason(command.Reason)) is { } refused)
            return refused;
        if (state!.Rollout is not { } open || open.Candidate != command.Version)
            return NotRolledOut(state, command.Version);
        return open.Target.Means(command.Rollout) ? Outcome.Nothing : Outcome.Of(new ProcessRolloutChanged(command.Version, command.Rollout, command.Reason, command.By.Id, now));
    }

    /// <summary>Puts the candidate in force; twice adds nothing.</summary>
    public static Outcome Decide(ProcessState? state, PromoteVersion command, DateTimeOffset now)
    {
        if ((Unknown(state, command.Version) ?? NoReason(command.Reason)) is { } refused)
            return refused;
        if (state!.InForce == command.Version)
            return Outcome.Nothing;
        return state.Rollout?.Candidate == command.Version ? Outcome.Of(new ProcessVersionPromoted(command.Version, state.InForce, command.Reason, command.By.Id, now)) : NotRolledOut(state, command.Version);
    }

    /// <summary>Takes the candidate back; twice adds nothing.</summary>
    public static Outcome Decide(ProcessState? state, WithdrawVersion command, DateTimeOffset now)
    {
        if ((Unknown(state, command.Version) ?? NoReason(command.Reason)) is { } refused)
            return refused;
        if (state!.Versions[command.Version].Status == ProcessVersionStatus.Withdrawn)
            return Outcome.Nothing;
        return state.Rollout?.Candidate == command.Version ? Outcome.Of(new ProcessVersionWithdrawn(command.Version, null, command.Reason, command.By.Id, now)) : NotRolledOut(state, command.Version);
    }

    private static Outcome? Unknown(ProcessState? state, int version) => state?.Versions.ContainsKey(version) == true ? null
        : Outcome.Refuse(RefusalKind.NotFound, "process.not_found", "There is no such process or version.");

    private static Outcome? NoReason(string? reason) => string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason
        ? Outcome.Refuse(RefusalKind.Invalid, "process.reason_missing", "Give a reason of 1 to 2,000 characters; it is kept in the trail.")
        : null;

    private static Outcome? Wrong(RolloutTarget target)
    {
        if (target.Share is not null == target.Named.Length > 0)
            return Outcome.Refuse(RefusalKind.Invalid, "process.rollout_target", "Say either for which share of the starts the version is, or for which groups of starters: one of the two.");
        if (target.Share is { } share && (share is <= 0 or >= 1 || share * RolloutTarget.Places % 1 != 0))
            return Outcome.Refuse(RefusalKind.Invalid, "process.rollout_share", "A share is more than 0 and less than 1, in steps of 0.0001: 0.1 is a tenth of the starts. Publish or promote the version to reach all.");
        return target.Named.Length > RolloutTarget.MostGroups || target.Named.Any(g => g is null || !GroupPattern().IsMatch(g)) || target.Named.Distinct(StringComparer.Ordinal).Count() < target.Named.Length
            ? Outcome.Refuse(RefusalKind.Invalid, "process.rollout_groups", Text($"A rollout is for at most {RolloutTarget.MostGroups} groups, each named once by 1 to 64 lower-case letters, digits and hyphens. Name fewer, or roll out to a share."))
            : null;
    }

    private static Outcome Open(OpenRollout open) => Outcome.Refuse(RefusalKind.Conflict, "process.rollout_open",
        Text($"Version {open.Candidate} is being rolled out, and there is one candidate at a time. Change its share or groups, promote or withdraw it first; or publish this one to all, which ends the rollout."));

    private static Outcome NotRolledOut(ProcessState state, int version) => Outcome.Refuse(RefusalKind.Conflict, "process.rollout_closed",
        Text($"Version {version} is not being rolled out ({Standing(state.Versions[version].Status)}){(state.Rollout is { } open ? Text($"; version {open.Candidate} is") : "")}. Read the process again; to bring the version back, publish its sources once more."));

    private static string Standing(ProcessVersionStatus status) => status switch
    {
        ProcessVersionStatus.InForce => "it is in force",
        ProcessVersionStatus.Withdrawn => "it was withdrawn",
        _ => "another has taken its place",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,63}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex GroupPattern();
}
