using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// Multi-instances with more repetitions than one instance is to hold. They are worked through in slices, each by an instance of the same version of its own
/// that begins and ends with this activity; parent and slice talk as a caller and a called process do. What must be looked at after each repetition (a completion
/// condition, an event thrown about progress) makes slices of one.
/// </summary>
internal static class Slices
{
    /// <summary>Why a slice cannot begin in this version; null when it can.</summary>
    public static Outcome? NotIn(ProcessGraph graph, SliceStart slice) => graph.Node(slice.ElementId) is { Repeat.IsLoop: false } && slice is { From: > 0, Count: > 0 } ? null
        : Outcome.Refuse(RefusalKind.Invalid, "instance.start_element", $"The process has no multi-instance '{slice.ElementId}' to work through a part of. Start it where it begins.");

    /// <summary>An instance of its own begins with the activity.</summary>
    public static void Begin(Execution x, SliceStart slice)
    {
        var node = x.Graph.Node(slice.ElementId)!;
        Repetition.Begin(x, node, x.Rest(new Arrival(node, InstanceState.RootScope, [])));
    }

    /// <summary>The slice that this instance works through, if the token is that of its activity; null otherwise.</summary>
    public static SliceState? At(InstanceState state, string tokenId) =>
        state.Slice is { } slice && state.Tokens.TryGetValue(tokenId, out var token) && IsBody(slice, token) ? slice : null;

    /// <summary>Whether events are caught there by the instance that a slice works for: by its activity's boundary, or by its process.</summary>
    public static bool IsOutside(InstanceState state, string scopeId) => state.Slice is not null && (scopeId == InstanceState.RootScope || At(state, scopeId) is not null);

    /// <summary>Whether something around the activity, in the instance that the slice works for, catches what nothing inside did.</summary>
    /// <param name="catches">Whether one of these events does.</param>
    public static bool IsCaughtOutside(Execution x, SliceState slice, Func<ImmutableArray<GraphNode>, bool> catches)
    {
        if (slice.Called || catches(x.Graph.EventStarts))
            return true;
        for (var node = x.Graph.Node(slice.ElementId); node is not null; node = node.Parent)
        {
            if (catches(node.Boundaries) || (node.Id != slice.ElementId && catches(node.EventStarts)))
                return true;
        }

        return false;
    }

    /// <summary>Whether a token may be put at an element: a slice is its activity and nothing else of the process.</summary>
    public static bool MayHold(Execution x, GraphNode node)
    {
        if (x.State.Slice is not { } slice)
            return true;
        for (var around = node.Parent; around is not null; around = around.Parent)
        {
            if (around.Id == slice.ElementId)
                return true;
        }

        return false;
    }

    /// <summary>How many repetitions go to each instance of their own; null where this one does them all.</summary>
    public static Problem? Size(Execution x, GraphNode node, string tokenId, int? count, out int? size)
    {
        size = null;
        var most = x.Context.Limits.Repetitions;
        if (count is not { } all || all <= most || At(x.State, tokenId) is not null)
            return null;
        var repeat = node.Repeat!;
        var asked = repeat.Condition is not null || repeat.Throws is not null;
        // What runs without a wait is one command, so that of several elements inside fewer repetitions are.
        size = asked ? 1 : Math.Max(1, most / Inside(x, node).Count);
        var bound = asked ? 10 * most : 100 * most;
        if (all > bound)
            return new Problem("multi-instance.count", $"'{node.Title}' would run {all} times, and {bound} are allowed{(asked ? " where a condition is looked at after each" : "")}. Split the list, and start an instance for each part.");
        if (WhyNot(x, node) is { } why)
            return new Problem("multi-instance.count", $"'{node.Title}' would run {all} times. More than {most} run in instances of their own, and that cannot be here: {why} Split the list, or let a called process work through a part of it.");
        // Each of them starts with what is visible here.
        var each = Json.Size(new VariableScope(x.State, tokenId).All());
        if (each > x.Context.Limits.VariableBytes)
            return new Problem("multi-instance.count", $"'{node.Title}' would run {all} times in instances that start with what is visible here, and that is more than {x.Context.Limits.VariableBytes} bytes. Pass large content on as documents, or split the list.");
        var bytes = each * (((long)all + size.Value - 1) / size.Value);
        return bytes <= MostBytes ? null : new Problem("multi-instance.count",
            $"'{node.Title}' would run {all} times in instances that start with {bytes / (1024 * 1024)} MB of variables in all, and {MostBytes / (1024 * 1024)} MB are allowed. Pass large content on as documents, or split the list.");
    }

    /// <summary>Hands out slices as long as there are any and they may run; finishes when all are done.</summary>
    /// <param name="again">Whether slices that failed or were lost begin again: an operator asked for it.</param>
    public static void Continue(Execution x, GraphNode node, string body, bool again = false)
    {
        var at = x.State.Repetitions[body];
        var (size, all) = (at.SliceSize!.Value, at.Count!.Value);
        if (again)
        {
            foreach (var (from, count) in (at.Open ?? ImmutableDictionary<int, int>.Empty).OrderBy(o => o.Key).Where(o => !x.State.Calls.Values.Any(c => IsFor(c, body, o.Key) && !c.Failed)))
            {
                foreach (var call in Execution.Ordered(x.State.Calls, c => IsFor(c, body, from)))
                    x.Emit(new CallCancelled(call, "retried"));
                HandOut(x, node, body, from, count);
            }

            // All that failed have begun again, not only the one that was asked for.
            foreach (var incident in Execution.Ordered(x.State.Incidents, i => i.TokenId == body && i.Code is "call.failed" or "error.not_caught"))
                x.Emit(new IncidentResolved(incident, x.By.Id, "begun again with another part", x.Now));
        }

        var together = node.Repeat!.Sequential ? 1 : size == 1 ? x.Context.Limits.Repetitions : Together;
        var handed = at.Done + (at.Open?.Values.Sum() ?? 0);
        for (var open = at.Open?.Count ?? 0; open < together && handed < all; open++)
        {
            var count = Math.Min(size, all - handed);
            HandOut(x, node, body, handed + 1, count);
            handed += count;
        }

        if (x.State.Repetitions[body].Done == all)
            Repetition.Finish(x, node, body);
    }

    /// <summary>An instance has done its slice: what it gave and what it changed is handed on here.</summary>
    public static void Done(Execution x, GraphNode node, string body, RepetitionSlice slice, ReportCall report)
    {
        if (node.Repeat is not { } repeat || !x.State.Repetitions.ContainsKey(body))
            return;
        var (changed, output) = (report.Variables, ImmutableDictionary<string, JsonElement>.Empty);
        if (repeat.OutputCollection is { } name && changed.TryGetValue(name, out var list))
            (changed, output) = (changed.Remove(name), output.Add(name, list));
        x.Emit(new RepetitionSliceFinished(body, slice.From, slice.Count, output, report.Completers ?? ImmutableDictionary<string, ImmutableArray<string>>.Empty));
        x.SetVariables(x.State.Tokens[body].ScopeId, changed, node.Id);
        Repetition.Advanced(x, node, body);
    }

    /// <summary>How far it is, in one sentence.</summary>
    public static string WaitReason(GraphNode node, RepetitionState at) => string.Create(CultureInfo.InvariantCulture,
        $"Waits until '{node.Title}' has been done {at.Count} times: {at.Done} of {at.Count} so far; {at.Open?.Count ?? 0} {(at.Open?.Count == 1 ? "instance of its own works" : "instances of their own work")} on {at.Open?.Values.Sum() ?? 0} more.");

    /// <summary>What the repetitions of all slices gave, in order.</summary>
    public static IEnumerable<(int Iteration, JsonElement Value)> Results(RepetitionState at)
    {
        foreach (var (from, list) in at.Results.OrderBy(r => r.Key))
        {
            if (list.ValueKind != JsonValueKind.Array)
                continue;
            var iteration = from;
            foreach (var value in list.EnumerateArray())
                yield return (iteration++, value);
        }
    }

    /// <summary>Slices of several repetitions that are handed out at once: a hundred thousand repetitions in all.</summary>
    private const int Together = 100;

    /// <summary>Variables in bytes that all instances of one multi-instance may start with.</summary>
    private const long MostBytes = 256L * 1024 * 1024;

    private static bool IsBody(SliceState slice, TokenState token) => token is { Iteration: null, Undoes: null, ScopeId: InstanceState.RootScope } && token.ElementId == slice.ElementId;

    private static bool IsFor(CallState call, string body, int from) => call.TokenId == body && call.Slice?.From == from;

    private static void HandOut(Execution x, GraphNode node, string body, int from, int count)
    {
        var id = x.NextId();
        x.Emit(new CallStarted(id, body, node.Id, x.State.ProcessKey, CallBinding.Version, x.State.Version.ToString(CultureInfo.InvariantCulture), CallActivity.ChildOf(id),
            ImmutableDictionary<string, JsonElement>.Empty, true, x.Now, new RepetitionSlice(from, count)));
    }

    /// <summary>What would be lost or would mean something else if repetitions ran in instances of their own; null when nothing.</summary>
    private static string? WhyNot(Execution x, GraphNode node)
    {
        if (node.Kind == ElementKind.Transaction)
            return "it is a transaction, which is cancelled and undone as one.";
        var inside = Inside(x, node);
        var ids = inside.Select(n => n.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var n in inside)
        {
            if (n.Handler is not null || n.EventStarts.Any(s => s.Kind == ElementKind.CompensationStart))
                return $"what '{n.Title}' did can be undone later.";
            if (n.Detail is UserTaskDetail task && WhyNot(x, node, n, task, ids) is { } duty)
                return duty;
            if (n.Detail is UserTaskDetail { Countersigns: { } decision } && !ids.Contains(decision))
                return $"'{n.Title}' signs a decision that was made outside it.";
            if (n.Detail is PolicyDetail { ProposalFrom: { } proposal } && !ids.Contains(proposal))
                return $"'{n.Title}' decides about a proposal that was made outside it.";
            if (!node.Repeat!.Sequential && AddsTo(n, inside) is { } variable)
                return $"'{n.Title}' adds to the variable '{variable}', which several would do at once. Give each result to the output collection instead.";
        }

        return x.Graph.Nodes.FirstOrDefault(n => !ids.Contains(n.Id) && n.Detail is UserTaskDetail { Countersigns: { } d } && ids.Contains(d) || n.Detail is PolicyDetail { ProposalFrom: { } p } && !ids.Contains(n.Id) && ids.Contains(p)) is { } outside
            ? $"'{outside.Title}' needs what was decided or proposed inside it." : null;
    }

    /// <summary>Duties inside one repetition hold in its slice; those towards others only where nobody else acts meanwhile.</summary>
    private static string? WhyNot(Execution x, GraphNode node, GraphNode n, UserTaskDetail task, HashSet<string> ids)
    {
        if (task.SeparateFrom.Contains(n.Id, StringComparer.Ordinal) || (!node.Repeat!.Sequential && task.SeparateFrom.Any(ids.Contains)))
            return $"'{n.Title}' is to be signed by another person than those of other repetitions.";
        var others = task.SeparateFrom.Where(d => d != Duties.Initiator && !ids.Contains(d)).ToList();
        if (others.Count == 0)
            return null;
        var around = VariableScope.Chain(x.State, x.State.Tokens.First(t => t.Value.ElementId == node.Id && t.Value.Iteration is null).Key).ToHashSet(StringComparer.Ordinal);
        var beside = !x.State.Pending.IsEmpty || x.State.Tokens.Keys.Any(t => !around.Contains(t)) || others.Any(d => InEventSubProcess(x.Graph.Node(d)));
        return beside ? $"'{n.Title}' is to be signed by another person than '{x.Graph.NameOf(others[0])}', which may still be signed beside it." : null;
    }

    private static bool InEventSubProcess(GraphNode? node)
    {
        for (var at = node; at is not null; at = at.Parent)
        {
            if (at.Kind == ElementKind.EventSubProcess)
                return true;
        }

        return false;
    }

    /// <summary>The variable outside a repetition that an element sets to something made of its value before; null without one.</summary>
    private static string? AddsTo(GraphNode node, List<GraphNode> inside)
    {
        var written = node.Outputs.Where(o => Reads(o.Source, o.Target[0])).Select(o => o.Target[0]);
        if (node.Detail is ScriptDetail { ResultVariable: { } result } script && Reads(script.Expression, result))
            written = written.Append(result);
        return written.FirstOrDefault(name => !inside.Any(n => n.Inputs.Any(i => i.Target[0] == name)));
    }

    // By its words: a variable may have the name of a function, 'sum' above all.
    private static bool Reads(ProcessExpression expression, string name)
    {
        if (!expression.IsFeel)
            return false;
        var text = expression.Text;
        for (var at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if ((at == 0 || !IsWord(text[at - 1])) && (at + name.Length == text.Length || !IsWord(text[at + name.Length])))
                return true;
        }

        return false;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>An activity with all that is inside it.</summary>
    public static List<GraphNode> Inside(Execution x, GraphNode node) => [.. x.Graph.Nodes.Where(n => IsIn(n, node))];

    private static bool IsIn(GraphNode node, GraphNode around)
    {
        for (var at = node; at is not null; at = at.Parent)
        {
            if (at == around)
                return true;
        }

        return false;
    }
}
