using System.Collections.Immutable;

namespace Countersign.Domain.Policies;

/// <summary>A fact in the stream of one decision policy (one stream a key).</summary>
public interface IPolicyEvent;

/// <summary>A version was drafted. The document is kept byte for byte; the hash is over it.</summary>
/// <param name="Key">Policy key, <c>[a-z][a-z0-9-]{0,62}</c>.</param>
/// <param name="Version">Version number, from 1, without gaps.</param>
/// <param name="Hash">Lower-case hex SHA-256 of the policy document followed by the gate's source.</param>
/// <param name="Document">The policy document (JSON text as received).</param>
/// <param name="Gate">The gate's DMN source as received.</param>
/// <param name="Note">What changed and why, in the author's words.</param>
/// <param name="By">Actor id of the author.</param>
public sealed record PolicyDrafted(string Key, int Version, string Hash, string Document, string Gate, string Note, string By, DateTimeOffset At) : IPolicyEvent;

/// <summary>A second person approved the draft; from here on new instances pin it.</summary>
/// <param name="Version">The version approved.</param>
/// <param name="By">Actor id of the approver, never the author.</param>
public sealed record PolicyPublished(int Version, string Hash, string By, DateTimeOffset At) : IPolicyEvent;

/// <summary>A draft was turned down.</summary>
public sealed record PolicyDraftRejected(int Version, string By, string Reason, DateTimeOffset At) : IPolicyEvent;

/// <summary>The kill switch was set or released: while set, every question goes to a person.</summary>
public sealed record PolicyKillSwitchSet(bool On, string By, string Reason, DateTimeOffset At) : IPolicyEvent;

/// <summary>Where one version of a policy stands.</summary>
public enum PolicyVersionStatus
{
    /// <summary>Waits for a second person.</summary>
    Draft,

    /// <summary>Approved; the newest published one is pinned by new instances.</summary>
    Published,

    /// <summary>Turned down.</summary>
    Rejected,
}

/// <summary>One version in a policy's state.</summary>
public sealed record PolicyVersionState(int Version, string Hash, string Author, PolicyVersionStatus Status, string? ApprovedBy);

/// <summary>State of a policy, folded from its events.</summary>
/// <param name="Key">Policy key.</param>
/// <param name="Versions">All versions, by number.</param>
/// <param name="KillSwitch">Whether every question goes to a person now.</param>
public sealed record PolicyState(string Key, ImmutableSortedDictionary<int, PolicyVersionState> Versions, bool KillSwitch)
{
    /// <summary>The version that new instances pin, or null before the first is published.</summary>
    public PolicyVersionState? Active => Versions.Values.LastOrDefault(v => v.Status == PolicyVersionStatus.Published);

    /// <summary>Folds one event; never throws.</summary>
    public static PolicyState? Evolve(PolicyState? state, IPolicyEvent @event) => (state, @event) switch
    {
        (_, PolicyDrafted e) => (state ?? new PolicyState(e.Key, ImmutableSortedDictionary<int, PolicyVersionState>.Empty, KillSwitch: false))
            .With(new PolicyVersionState(e.Version, e.Hash, e.By, PolicyVersionStatus.Draft, null)),
        ({ } s, PolicyPublished e) when s.Versions.TryGetValue(e.Version, out var v) => s.With(v with { Status = PolicyVersionStatus.Published, ApprovedBy = e.By }),
        ({ } s, PolicyDraftRejected e) when s.Versions.TryGetValue(e.Version, out var v) => s.With(v with { Status = PolicyVersionStatus.Rejected }),
        ({ } s, PolicyKillSwitchSet e) => s with { KillSwitch = e.On },
        _ => state,
    };

    private PolicyState With(PolicyVersionState version) => this with { Versions = Versions.SetItem(version.Version, version) };
}
