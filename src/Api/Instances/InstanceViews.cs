using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Client.Instances;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using InstanceStatus = Countersign.Client.Instances.InstanceStatus;
using WaitReason = Countersign.Client.Instances.WaitReason;

namespace Countersign.Api.Instances;

/// <summary>From states to views.</summary>
internal static class InstanceViews
{
    public static InstanceView Of(InstanceState s, long version, ProcessGraph? graph) => new(
        s.Id, s.ProcessKey, s.Version, s.Hash, StatusOf(s), s.BusinessKey, s.StartedAt, s.StartedBy, s.EndedAt, version, Waits(s, graph),
        s.Variables.GetValueOrDefault(InstanceState.RootScope, ImmutableDictionary<string, JsonElement>.Empty),
        [.. s.Tokens.Values.Select(t => t.ElementId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        [.. s.Decisions.Values.Select(d => d.DecisionId).Order(StringComparer.Ordinal)],
        [.. s.Tokens.OrderBy(t => t.Key.Length).ThenBy(t => t.Key, StringComparer.Ordinal).Select(t => new InstanceToken(t.Key, t.Value.ElementId, t.Value.ScopeId, t.Value.Iteration is null && t.Value.Undoes is null))],
        GrowthOf(s),
        s.Rollout is { } r ? new StartedInRollout(r.InForce, r.Candidate, r.Taken, r.Share, r.Group, r.Sentence) : null, s.Predecessor?.InstanceId, s.Successor,
        s.Parent?.InstanceId, [.. s.Calls.OrderBy(c => InsideId.TryParse(c.Key, out _, out var sequence) ? sequence : 0).Take(MostCalled).Select(c => new CalledInstance(c.Value.ChildId, c.Value.ElementId, c.Value.ProcessKey, c.Value.Failed, c.Value.Slice?.From, c.Value.Slice?.Count))]);

    /// <summary>Called instances in a view.</summary>
    private const int MostCalled = 200;

    private static InstanceGrowth? GrowthOf(InstanceState s)
    {
        if (s.HasEnded || (s.LimitNeared ?? s.EventLimit) is not { } limit)
            return null;
        var sentence = s.LimitNeared is null
            ? string.Create(CultureInfo.InvariantCulture, $"It has {s.Events:N0} facts; an operator allowed it {limit:N0}.")
            : string.Create(CultureInfo.InvariantCulture, $"It has {s.Events:N0} facts and stops with an incident at {limit:N0}. Raise its limit (to {DecideLimits.MostEvents:N0} at most), or continue it in a successor, which takes over everything that is open.");
        return new InstanceGrowth(s.Events, limit, s.LimitNeared is not null, DecideLimits.MostEvents, sentence);
    }

    public static InstanceStatus StatusOf(InstanceState s) => s.Status switch
    {
        Domain.Instances.InstanceStatus.Completed => InstanceStatus.Completed,
        Domain.Instances.InstanceStatus.Cancelled => InstanceStatus.Cancelled,
        Domain.Instances.InstanceStatus.Continued => InstanceStatus.Continued,
        _ => s.SuspendedAt is null ? InstanceStatus.Running : InstanceStatus.Suspended,
    };

    // A graph of the version that the instance has left says nothing about where it stands.
    private static List<WaitReason> Waits(InstanceState s, ProcessGraph? graph) =>
        graph is null || graph.Hash != s.Hash ? [] : [.. WaitReasons.Of(graph, s).Select(r => Wait(r, s))];

    private static WaitReason Wait(Domain.Instances.WaitReason r, InstanceState s)
    {
        if (r.IncidentId is { } incident)
            return new WaitReason(WaitKind.Incident, r.ElementId, incident, r.Sentence, s.Incidents.GetValueOrDefault(incident)?.RaisedAt, null);
        foreach (var (id, task) in s.Tasks)
        {
            if (task.TokenId == r.TokenId)
                return new WaitReason(WaitKind.Task, r.ElementId, id, r.Sentence, task.CreatedAt, task.DueAt, task.Assignee);
        }

        foreach (var (id, job) in s.Jobs)
        {
            if (job.TokenId == r.TokenId)
                return new WaitReason(WaitKind.Job, r.ElementId, id, r.Sentence, null, job.DueAt);
        }

        foreach (var (id, timer) in s.Timers)
        {
            if (timer.TokenId == r.TokenId)
                return new WaitReason(WaitKind.Timer, r.ElementId, id, r.Sentence, null, timer.DueAt);
        }

        var subscription = s.Subscriptions.FirstOrDefault(x => x.Value.TokenId == r.TokenId).Key;
        return new WaitReason(subscription is null ? WaitKind.Job : WaitKind.Message, r.ElementId, subscription ?? r.TokenId ?? "", r.Sentence, null, null);
    }
}
