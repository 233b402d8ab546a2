using System.Collections.Immutable;
using Countersign.Domain.Instances.Elements;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <content>What operators do to a running instance. Each needs a reason for the trail.</content>
public static partial class Engine
{
    /// <summary>Code of the incident about an event that a migration added and that cannot be listened for yet.</summary>
    internal const string NotListening = "migration.event";

    private static Outcome Suspend(Execution x, SuspendInstance c)
    {
        if (Ended(x) is { } ended)
            return ended;
        if (x.State.SuspendedAt is not null)
            return Outcome.Nothing;
        return Unreasoned(c.Reason) ?? Outcome.Of(new InstanceSuspended(c.By.Id, c.Reason, x.Now));
    }

    private static Outcome Resume(Execution x, ResumeInstance c)
    {
        if (Ended(x) is { } ended)
            return ended;
        if (x.State.SuspendedAt is null)
            return Outcome.Nothing;
        if (Unreasoned(c.Reason) is { } refused)
            return refused;
        x.Emit(new InstanceResumed(c.By.Id, c.Reason, x.Now));
        x.Requeue();
        x.Run();
        return x.Outcome;
    }

    private static Outcome Modify(Execution x, ModifyInstance c)
    {
        if (Ended(x) is { } ended)
            return ended;
        if (Unreasoned(c.Reason) is { } refused)
            return refused;
        if (c.End.IsDefaultOrEmpty && c.Begin.IsDefaultOrEmpty && c.Move.IsDefaultOrEmpty)
            return Outcome.Nothing;
        if (Resting(x, c) is { } missing)
            return missing;
        var moves = (c.Move.IsDefault ? [] : c.Move).SelectMany(m => Moved.At(x.State, m.From).Select(t => (Token: t, m.To))).ToList();
        ImmutableArray<string> end = [.. (c.End.IsDefault ? [] : c.End).SelectMany(e => Moved.At(x.State, e)).Concat(moves.Select(m => m.Token)).Distinct(StringComparer.Ordinal)];
        ImmutableArray<TokenPlace> begin = [.. c.Begin.IsDefault ? [] : c.Begin, .. moves.Select(m => new TokenPlace(m.To, x.State.Tokens[m.Token].ScopeId))];
        if (end.FirstOrDefault(t => IsPart(x.State.Tokens[t])) is { } part)
            return Outcome.Refuse(RefusalKind.Invalid, "instance.no_token", PartOfMore(x, part));
        foreach (var place in begin)
        {
            if (Placing.Problem(x, place, end) is { } problem)
                return Outcome.Refuse(RefusalKind.Invalid, "instance.no_place", problem);
        }

        x.Emit(new InstanceModified(c.By.Id, c.Reason, end, [.. begin.Select(b => b.ElementId)], x.Now));
        var left = end.Select(t => (x.State.Tokens[t].ScopeId, Node: x.Graph.Node(x.State.Tokens[t].ElementId)!)).ToList();
        foreach (var token in end)
            x.Terminate(token, "modified");
        foreach (var place in begin)
            Placing.Put(x, place);
        // A scope in which nothing is left is done.
        foreach (var (scope, node) in left.Where(l => l.ScopeId == InstanceState.RootScope || x.State.Tokens.ContainsKey(l.ScopeId)))
            x.EndedIn(node, scope);
        x.Run();
        return x.Outcome;
    }

    /// <summary>Why a token that is named is not there, or null.</summary>
    private static Outcome? Resting(Execution x, ModifyInstance c)
    {
        var named = (c.End.IsDefault ? [] : c.End).Concat((c.Move.IsDefault ? [] : c.Move).Select(m => m.From));
        return named.FirstOrDefault(n => Moved.At(x.State, n).IsEmpty) switch
        {
            null => null,
            { } missing when x.Graph.Node(missing) is { } node =>
                Outcome.Refuse(RefusalKind.Invalid, "instance.no_token", $"No token rests at '{node.Title}'. Load the instance again and choose where it stands now."),
            { } missing => Outcome.Refuse(RefusalKind.Invalid, "instance.no_token", $"There is no token and no element '{Short(missing)}'. Load the instance again and choose among its tokens."),
        };
    }

    private static Outcome Skip(Execution x, SkipIncident c)
    {
        if (Standing(x, c.IncidentId, c.Reason, out var tokenId, out var node) is { } refused)
            return refused;
        if (Unfit(c.Variables, x.Context) is { } unfit)
            return unfit;
        var isListening = x.State.Incidents[c.IncidentId].Code == NotListening;
        x.Emit(new IncidentResolved(c.IncidentId, c.By.Id, "skipped: " + c.Reason, x.Now));
        // The work goes on without the event.
        if (isListening)
            return x.Outcome;
        x.Abandon(tokenId, "skipped");
        if (ElementKinds.IsEnd(node.Kind) || node.Kind is ElementKind.ExclusiveGateway or ElementKind.InclusiveGateway)
            x.Leave(node, tokenId, new Choice(node.Default is { } standard ? standard.Self : [], []));
        else if (node.Repeat is { IsLoop: false } && x.State.Tokens[tokenId].Iteration is null && x.State.Repetitions.ContainsKey(tokenId))
            Repetition.Finish(x, node, tokenId, c.Variables);
        else
            Completion.Finish(x, node, tokenId, c.Variables, ImmutableDictionary<string, System.Text.Json.JsonElement>.Empty);
        x.Run();
        return x.Outcome;
    }

    private static Outcome Reroute(Execution x, RerouteIncident c)
    {
        if (Standing(x, c.IncidentId, c.Reason, out var tokenId, out _) is { } refused)
            return refused;
        if (IsPart(x.State.Tokens[tokenId]))
            return Outcome.Refuse(RefusalKind.Invalid, "instance.no_token", PartOfMore(x, tokenId));
        var place = new TokenPlace(c.ElementId, x.State.Tokens[tokenId].ScopeId);
        if (Placing.Problem(x, place, [tokenId]) is { } problem)
            return Outcome.Refuse(RefusalKind.Invalid, "instance.no_place", problem);
        x.Emit(new IncidentResolved(c.IncidentId, c.By.Id, "rerouted: " + c.Reason, x.Now));
        x.Emit(new InstanceModified(c.By.Id, c.Reason, [tokenId], [c.ElementId], x.Now));
        x.Terminate(tokenId, "rerouted");
        Placing.Put(x, place);
        x.Run();
        return x.Outcome;
    }

    /// <summary>One repetition, or one step of undoing: others wait for it, so it cannot go away alone.</summary>
    private static bool IsPart(TokenState token) => token.Iteration is not null || token.Undoes is not null;

    private static string PartOfMore(Execution x, string tokenId) =>
        $"The token '{tokenId}' is one repetition of '{x.Graph.NameOf(x.State.Tokens[tokenId].ElementId)}', or a step that undoes something. End the token of the whole activity or event instead, or skip its incident.";

    /// <summary>The token on which an open incident stands, or why nothing can be done there.</summary>
    private static Outcome? Standing(Execution x, string incidentId, string reason, out string tokenId, out GraphNode node)
    {
        (tokenId, node) = ("", null!);
        if (!x.State.Incidents.TryGetValue(incidentId, out var incident))
            return IsKnown(x.State, incidentId) ? Outcome.Nothing : Outcome.Refuse(RefusalKind.NotFound, "incident.not_found", "There is no such incident. Check the id.");
        if (Ended(x) is { } ended)
            return ended;
        if (Blank(reason))
            return Outcome.Refuse(RefusalKind.Invalid, "incident.reason_required", "This needs a reason for the trail. Say why in a few words.");
        if (incident.TokenId is not { } id || !x.State.Tokens.TryGetValue(id, out var token) || x.Graph.Node(token.ElementId) is not { } at)
            return Outcome.Refuse(RefusalKind.Invalid, "incident.no_token", "The incident stopped the whole run, not one token. Correct its cause and retry it, or modify the instance.");
        (tokenId, node) = (id, at);
        return null;
    }

    private static Outcome RaiseLimit(Execution x, RaiseInstanceLimit c)
    {
        if (Ended(x) is { } ended)
            return ended;
        if (x.State.EventLimit == c.Limit)
            return Outcome.Nothing;
        if (Unreasoned(c.Reason) is { } refused)
            return refused;
        var now = InstanceLimits.Of(x.State, x.Context.Limits);
        if (c.Limit <= now || c.Limit > DecideLimits.MostEvents)
        {
            var way = now >= DecideLimits.MostEvents ? "It cannot be raised further: continue the instance in a successor." : $"Name a number above {now} and up to {DecideLimits.MostEvents}, or continue the instance in a successor.";
            return Outcome.Refuse(RefusalKind.Invalid, "instance.limit_range", $"The instance may have {now} facts. {way}");
        }

        return Outcome.Of(new InstanceLimitRaised(c.By.Id, c.Reason, now, c.Limit, x.Now));
    }

    private static Outcome? Unreasoned(string reason) => Blank(reason)
        ? Outcome.Refuse(RefusalKind.Invalid, "instance.reason_required", "This needs a reason for the trail. Say why in a few words.")
        : null;

    private static Outcome Migrate(ProcessGraph graph, InstanceState state, MigrateInstance c, DecideContext context, DateTimeOffset now)
    {
        if (context.Target is not { } target || !TryVersion(c.ProcessVersionId, graph.Key, out var version))
            return Outcome.Refuse(RefusalKind.Invalid, "process.version_mismatch", $"'{Short(c.ProcessVersionId)}' is no version of the process '{graph.Key}'. Name one as '{graph.Key}:number'.");
        if (state.HasEnded)
            return Outcome.Refuse(RefusalKind.Conflict, "instance.ended", "The instance has ended, so nothing in it can be changed. Start a new one if the work goes on.");
        if (state.Version == version && state.Hash == target.Hash)
            return Outcome.Nothing;
        if (Unreasoned(c.Reason) is { } refused)
            return refused;
        var verdict = Migration.Of(graph, target, state, c.Mapping);
        if (!verdict.Possible)
            return Outcome.Refuse(RefusalKind.Invalid, "instance.not_migratable", $"{verdict.Findings[0].Sentence} {verdict.Findings.Length} finding(s) in all: ask for the verdict, then correct the mapping.");
        var pinned = state.Pinned;
        foreach (var policy in target.Policies.Where(p => !state.Pinned.ContainsKey(p)))
        {
            if (!context.ActivePolicies.TryGetValue(policy, out var active))
                return Outcome.Refuse(RefusalKind.Invalid, "policy.not_active", $"The process asks the policy '{policy}', which has no active version. Publish and approve one, then start again.");
            pinned = pinned.Add(policy, active);
        }

        var x = new Execution(target, state, context, c.By, now);
        foreach (var timer in verdict.Closed.Where(state.Timers.ContainsKey))
            x.Emit(new TimerCancelled(timer));
        foreach (var subscription in verdict.Closed.Where(state.Subscriptions.ContainsKey))
            x.Emit(new SubscriptionClosed(subscription));
        x.Emit(new InstanceMigrated(c.By.Id, c.Reason, state.Version, version, target.Hash, c.Mapping, pinned, now));
        foreach (var (token, events) in verdict.Opened)
        {
            foreach (var added in events)
                Listen(x, token, added);
        }

        // What stands before a gateway stood there by the rules of the version left; what stopped as a whole goes on by its retry.
        if (x.State.Incidents.Values.All(i => i.TokenId is not null))
            x.Requeue();
        x.Run();
        return x.Outcome;
    }

    /// <summary>Listens for an event that a migration added. What is under way is not disturbed where that fails: the incident is about the event alone.</summary>
    private static void Listen(Execution x, string tokenId, GraphNode added)
    {
        if (Waits.Prepare(x, [added], tokenId, null, out var waits) is { } problem)
            x.Incident(tokenId == InstanceState.RootScope ? null : tokenId, added, problem with { Code = NotListening });
        else
            Waits.Open(x, tokenId, waits);
    }
}
