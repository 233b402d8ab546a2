using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Countersign.Domain.Processes;

/// <summary>Whom a candidate is for: a share of all starts, or the members of groups. One of the two.</summary>
/// <param name="Share">More than 0 and less than 1, in steps of 0.0001; null where groups are named.</param>
/// <param name="Groups">Groups of the starter; empty where a share is named.</param>
public sealed record RolloutTarget(decimal? Share, ImmutableArray<string> Groups = default)
{
    /// <summary>Places among which starts are spread; a share is so many of them.</summary>
    public const int Places = 10_000;

    /// <summary>Groups of one rollout at most.</summary>
    public const int MostGroups = 50;

    /// <summary>Whether both mean the same starts.</summary>
    /// <param name="other">The other target.</param>
    public bool Means(RolloutTarget other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Share == other.Share && Named.Order(StringComparer.Ordinal).SequenceEqual(other.Named.Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    /// <summary>In words: <c>10 % of starts</c>, or the groups.</summary>
    public override string ToString() => Share is { } share ? Percent(share) + " of starts" : $"starters in the groups {string.Join(", ", Named)}";

    /// <summary>A share in words: <c>12.5 %</c>.</summary>
    /// <param name="share">0 to 1.</param>
    public static string Percent(decimal share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    internal ImmutableArray<string> Named => Groups.IsDefault ? [] : Groups;
}

/// <summary>How a start without a version came to the version it runs while another was rolled out.</summary>
/// <param name="InForce">The version in force then.</param>
/// <param name="Candidate">The version that was rolled out.</param>
/// <param name="Taken">Whether the candidate was chosen.</param>
/// <param name="Share">The candidate's share of starts; null where it was for groups.</param>
/// <param name="Place">The start's place, 0 to 9,999: the candidate takes those below its share of 10,000. Null where it was for groups, or does not have the start event.</param>
/// <param name="Group">The starter's group that the candidate was for; null where there was none.</param>
public sealed record StartRollout(int InForce, int Candidate, bool Taken, decimal? Share, int? Place = null, string? Group = null)
{
    /// <summary>One sentence for people.</summary>
    [JsonIgnore]
    public string Sentence => string.Create(CultureInfo.InvariantCulture, $"Version {Candidate} was being rolled out to {Why}, so version {(Taken ? Candidate : InForce)} was started.");

    private string Why => (Share, Place, Group) switch
    {
        ({ } share, { } place, _) => string.Create(CultureInfo.InvariantCulture, $"{RolloutTarget.Percent(share)} of starts and this one has place {place} of {RolloutTarget.Places}"),
        ({ } share, null, _) => $"{RolloutTarget.Percent(share)} of starts but does not begin in this way",
        (_, _, { } group) => $"the group '{group}' of the starter",
        _ => "groups to which the starter does not belong",
    };
}

/// <summary>A candidate beside the version in force, as a start meets it.</summary>
/// <param name="InForce">The version in force.</param>
/// <param name="Candidate">The version that is rolled out.</param>
/// <param name="Target">Whom it is for.</param>
public sealed record Rollout(int InForce, int Candidate, RolloutTarget Target)
{
    /// <summary>
    /// Chooses for one start. The same instance always has the same place, so a start that is asked again is answered the same, and who was among the
    /// candidate's starts at a smaller share is at every larger one.
    /// </summary>
    /// <param name="processKey">The process.</param>
    /// <param name="instanceId">The instance to be.</param>
    /// <param name="groups">Groups of the verified starter; empty where nobody stands behind the start.</param>
    /// <param name="begins">Whether the candidate can begin in the way that is asked; false leaves the version in force.</param>
    public StartRollout Choose(string processKey, Guid instanceId, ImmutableArray<string> groups = default, bool begins = true)
    {
        if (Target.Share is not { } share)
        {
            var group = groups.IsDefaultOrEmpty ? null : Target.Named.FirstOrDefault(g => groups.Contains(g, StringComparer.Ordinal));
            return new StartRollout(InForce, Candidate, begins && group is not null, null, null, group);
        }

        if (!begins)
            return new StartRollout(InForce, Candidate, false, share);
        var place = PlaceOf(processKey, Candidate, instanceId);
        return new StartRollout(InForce, Candidate, place < share * RolloutTarget.Places, share, place);
    }

    /// <summary>The place of a start among 10,000: the first 8 bytes (big-endian) of the SHA-256 of a text, modulo 10,000. docs/reference/processes.md names the text.</summary>
    /// <param name="processKey">The process.</param>
    /// <param name="candidate">The version that is rolled out: each rollout chooses others.</param>
    /// <param name="instanceId">The instance.</param>
    public static int PlaceOf(string processKey, int candidate, Guid instanceId)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"countersign-rollout-1\n{processKey}\n{candidate}\n{instanceId:D}")), hash);
        return (int)(BinaryPrimitives.ReadUInt64BigEndian(hash) % RolloutTarget.Places);
    }
}
