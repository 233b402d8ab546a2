using Countersign.Domain;
using Countersign.Domain.Policies;
using Countersign.Domain.Tenants;
using Countersign.Projections.Policies;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using Marten;

namespace Countersign.Workers.Policies;

/// <summary>A policy with everything its rows need, folded from its stream.</summary>
/// <param name="State">What deciding looks at.</param>
/// <param name="Versions">Rows of all versions, by number.</param>
/// <param name="ChangedAt">Time of the last fact.</param>
public sealed record PolicyFold(PolicyState State, System.Collections.Immutable.ImmutableSortedDictionary<int, PolicyVersionRecord> Versions, DateTimeOffset ChangedAt);

/// <summary>Changes to policies, with the rows that requests and the runner read.</summary>
public static class PolicyStreams
{
    /// <summary>A change to a policy.</summary>
    public static StreamChange<PolicyFold, IPolicyEvent> Change(string tenantId, string key, Actor by, Func<PolicyState?, Outcome> decide) =>
        new(tenantId, StreamsOf.Policy(key), by, Evolve, fold => decide(fold?.State), Rows);

    /// <summary>The row of a policy.</summary>
    public static PolicyRecord RecordOf(PolicyFold fold, long version)
    {
        ArgumentNullException.ThrowIfNull(fold);
        var newest = fold.Versions.Values.Last();
        var name = PolicyDocument.Read(newest.Document, out _)?.Name ?? newest.Key;
        return new PolicyRecord(fold.State.Key, name, newest.Number, fold.State.Active?.Version, fold.State.KillSwitch, fold.ChangedAt, version);
    }

    private static PolicyFold? Evolve(PolicyFold? fold, IPolicyEvent e)
    {
        if (PolicyState.Evolve(fold?.State, e) is not { } state)
            return fold;
        var versions = fold?.Versions ?? System.Collections.Immutable.ImmutableSortedDictionary<int, PolicyVersionRecord>.Empty;
        return e switch
        {
            PolicyDrafted d => new PolicyFold(state, versions.SetItem(d.Version, new PolicyVersionRecord(PolicyVersionRecord.IdOf(d.Key, d.Version), d.Key, d.Version, "draft", d.Hash, d.Note, d.By,
                d.At, null, null, d.Document, d.Gate)), d.At),
            PolicyPublished p when versions.TryGetValue(p.Version, out var v) =>
                new PolicyFold(state, versions.SetItem(p.Version, v with { Status = "published", ApprovedBy = p.By, ApprovedAt = p.At }), p.At),
            PolicyDraftRejected r when versions.TryGetValue(r.Version, out var v) => new PolicyFold(state, versions.SetItem(r.Version, v with { Status = "rejected" }), r.At),
            PolicyKillSwitchSet k => new PolicyFold(state, versions, k.At),
            _ => new PolicyFold(state, versions, fold?.ChangedAt ?? default),
        };
    }

    private static void Rows(IDocumentSession session, StreamResult<PolicyFold> result)
    {
        var fold = result.State!;
        session.Store(RecordOf(fold, result.Version));
        foreach (var number in result.Facts.Select(NumberOf).OfType<int>().Distinct())
            session.Store(fold.Versions[number]);
    }

    private static int? NumberOf(object fact) => fact switch
    {
        PolicyDrafted e => e.Version,
        PolicyPublished e => e.Version,
        PolicyDraftRejected e => e.Version,
        _ => null,
    };
}
