using System.Collections.Immutable;
using System.Globalization;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <summary>One thing that stands in the way of a migration.</summary>
/// <param name="ElementId">Where, in the version left.</param>
/// <param name="Sentence">What, for a person, and what to do.</param>
public sealed record MigrationFinding(string ElementId, string Sentence);

/// <summary>Whether an instance can run another version from where it stands. Made without changing anything.</summary>
/// <param name="Findings">What stands in the way; empty when nothing does.</param>
/// <param name="Closed">Timers and subscriptions that the other version does not have: they end with the migration.</param>
public sealed record MigrationVerdict(ImmutableArray<MigrationFinding> Findings, ImmutableArray<string> Closed)
{
    /// <summary>Whether the instance can be migrated.</summary>
    public bool Possible => Findings.IsEmpty;

    /// <summary>The verdict in words.</summary>
    /// <param name="version">Number of the other version.</param>
    public string Sentence(int version) => Possible
        ? string.Create(CultureInfo.InvariantCulture, $"It can run version {version} from where it stands.{(Closed.IsEmpty ? "" : $" {Closed.Length} of its timers and subscriptions end, because version {version} has none there.")}")
        : string.Create(CultureInfo.InvariantCulture, $"It cannot run version {version} from where it stands: {string.Join(" ", Findings.Select(f => f.Sentence))}");

    /// <summary>Events that the other version attaches where tokens rest: they are listened for from the migration on.</summary>
    internal ImmutableArray<(string TokenId, ImmutableArray<GraphNode> Events)> Opened { get; init; } = [];
}

/// <summary>Compares where an instance stands with another version of its process.</summary>
public static class Migration
{
    /// <summary>The verdict.</summary>
    /// <param name="from">The version it runs.</param>
    /// <param name="to">The version it should run.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="mapping">Old element id to new, where they differ.</param>
    public static MigrationVerdict Of(ProcessGraph from, ProcessGraph to, InstanceState state, ImmutableDictionary<string, string> mapping)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(state);
        var map = mapping ?? ImmutableDictionary<string, string>.Empty;
        var findings = ImmutableArray.CreateBuilder<MigrationFinding>();
        foreach (var element in state.Tokens.Values.Select(t => t.ElementId).Concat(state.Armed.Select(a => a.ElementId)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            Compare(from, to, element, map, findings);
        foreach (var element in state.Armed.Select(a => a.ElementId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            CompareUndoing(from, to, element, map, findings);
        foreach (var pending in state.Pending.Select(p => p.FlowId).Distinct(StringComparer.Ordinal))
        {
            if (from.Flow(pending) is { } flow && to.Flow(pending)?.Target.Id != New(map, flow.Target.Id))
                findings.Add(new MigrationFinding(pending, $"A token stands on the flow '{pending}' before '{flow.Target.Title}', which leads elsewhere in the other version. Move the token first, or keep the flow."));
        }

        var closed = state.Timers.Where(t => IsGone(from, to, state, t.Value.TokenId, t.Value.ElementId, map)).Select(t => t.Key)
            .Concat(state.Subscriptions.Where(t => IsGone(from, to, state, t.Value.TokenId, t.Value.ElementId, map)).Select(t => t.Key)).OrderBy(InsideId.SequenceOf);
        return new MigrationVerdict(findings.DrainToImmutable(), [.. closed]) { Opened = findings.Count == 0 ? Opened(from, to, state, map) : [] };
    }

    private static void Compare(ProcessGraph from, ProcessGraph to, string elementId, ImmutableDictionary<string, string> map, ImmutableArray<MigrationFinding>.Builder findings)
    {
        if (from.Node(elementId) is not { } old)
            return;
        var found = to.Node(New(map, elementId));
        var why = found is null ? "is not in the other version. Map it to another element, or end its token first."
            : found.Kind != old.Kind ? $"is a {found.Kind} in the other version, not a {old.Kind}. Map it to an element of its kind."
            : found.Repeat is null != old.Repeat is null || found.Repeat?.IsLoop != old.Repeat?.IsLoop ? "is repeated in one version and not in the other. Let it finish first."
            : found.Parent?.Id != (old.Parent is { } around ? New(map, around.Id) : null) ? "stands in another sub-process in the other version. Map the sub-process, too, or move the token first."
            : null;
        if (why is not null)
            findings.Add(new MigrationFinding(elementId, $"'{old.Title}' {why}"));
    }

    /// <summary>What was done and could be undone must stay so where the other version undoes anything: it would say that it undid what it did not.</summary>
    private static void CompareUndoing(ProcessGraph from, ProcessGraph to, string elementId, ImmutableDictionary<string, string> map, ImmutableArray<MigrationFinding>.Builder findings)
    {
        if (from.Node(elementId) is { Handler: not null } old && to.Node(New(map, elementId)) is { Handler: null } found && !ElementKinds.IsScope(found.Kind) && to.Nodes.Any(Undoes))
        {
            findings.Add(new MigrationFinding(elementId,
                $"'{old.Title}' was done and can be undone, which the other version does not know how to do. Give it a compensation handler there, or let the instance end in the version that it runs."));
        }
    }

    private static bool Undoes(GraphNode node) => node.Kind == ElementKind.CancelEnd || node.Detail is CompensationDetail || (node.Detail is MultipleDetail several && several.Parts.Any(p => p is CompensationDetail));

    /// <summary>Events that are gone, of another kind or elsewhere are no longer listened for; what a token itself waits for is compared with the token.</summary>
    private static bool IsGone(ProcessGraph from, ProcessGraph to, InstanceState state, string tokenId, string elementId, ImmutableDictionary<string, string> map)
    {
        if (from.Node(elementId) is not { } old || IsGone(to, old, map))
            return true;
        return state.Tokens.TryGetValue(tokenId, out var token) && from.Node(token.ElementId) is { Kind: ElementKind.EventBasedGateway } gateway && to.Node(New(map, gateway.Id)) is { } chooses
            && !chooses.Outgoing.Any(f => f.Target.Id == New(map, elementId));
    }

    private static bool IsGone(ProcessGraph to, GraphNode old, ImmutableDictionary<string, string> map)
    {
        if (to.Node(New(map, old.Id)) is not { } found || found.Kind != old.Kind || found.AttachedTo?.Id != (old.AttachedTo is { } host ? New(map, host.Id) : null))
            return true;
        // The event sub-process itself may have another id; it is the scope around it that its start listens for.
        return old.Parent is { Kind: ElementKind.EventSubProcess } around && ElementKinds.IsStart(old.Kind)
            && (found.Parent is not { Kind: ElementKind.EventSubProcess } now || now.Parent?.Id != (around.Parent is { } scope ? New(map, scope.Id) : null));
    }

    /// <summary>Events that the other version has where tokens rest and that this one did not have there: attached, in event sub-processes, or behind a choice between events.</summary>
    private static ImmutableArray<(string, ImmutableArray<GraphNode>)> Opened(ProcessGraph from, ProcessGraph to, InstanceState state, ImmutableDictionary<string, string> map)
    {
        var opened = ImmutableArray.CreateBuilder<(string, ImmutableArray<GraphNode>)>();
        Add(InstanceState.RootScope, from.EventStarts, to.EventStarts);
        foreach (var id in Execution.Ordered(state.Tokens, t => t.Iteration is null && !t.WorkDone && t.Undoes is null))
        {
            // A token that an incident keeps from its work has not begun to listen; its retry will.
            var old = from.Node(state.Tokens[id].ElementId);
            if (old is not null && to.Node(New(map, old.Id)) is { } node && !state.Incidents.Values.Any(i => i.TokenId == id && i.JobId is null && i.Code != Engine.NotListening))
                Add(id, Events(old), Events(node));
        }

        return opened.DrainToImmutable();

        void Add(string token, ImmutableArray<GraphNode> before, ImmutableArray<GraphNode> after)
        {
            var added = after.RemoveAll(n => before.Any(o => New(map, o.Id) == n.Id && !IsGone(to, o, map)));
            if (!added.IsEmpty)
                opened.Add((token, added));
        }
    }

    private static ImmutableArray<GraphNode> Events(GraphNode node) =>
        node.Kind == ElementKind.EventBasedGateway ? [.. node.Outgoing.Select(f => f.Target)] : node.Boundaries.AddRange(node.EventStarts);

    private static string New(ImmutableDictionary<string, string> map, string id) => map.GetValueOrDefault(id, id);
}
