using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// Loops and multi-instances (BPMN 2.0.2, 13.3.6 and 13.3.7). The activity's token rests and is the scope of one token for each repetition; boundary
/// events belong to the activity's token, mappings and the work to each repetition.
/// </summary>
internal static class Repetition
{
    private const string Counter = "loopCounter";

    /// <summary>Begins a repeated activity.</summary>
    public static void Begin(Execution x, GraphNode node, string tokenId)
    {
        var repeat = node.Repeat!;
        // What is attached to the activity waits in the instance that a slice works for.
        var boundaries = Slices.At(x.State, tokenId) is null ? node.Boundaries : [];
        if (Count(x, node, tokenId, out var count) is { } problem || (problem = Slices.Size(x, node, tokenId, count, out var size)) is not null
            || (problem = Waits.Prepare(x, boundaries, tokenId, null, out var waits)) is not null)
        {
            x.Incident(tokenId, node, problem);
            return;
        }

        x.Emit(new RepetitionStarted(tokenId, node.Id, count, size));
        Waits.Open(x, tokenId, waits);
        if (repeat.Sequential || size is not null)
        {
            Continue(x, node, tokenId);
            return;
        }

        var first = First(x, tokenId);
        for (var i = first; i < first + count && x.State.Repetitions.ContainsKey(tokenId); i++)
            One(x, node, tokenId, i);
        if (count == 0)
            Finish(x, node, tokenId);
    }

    /// <summary>Begins the next repetition, or ends when there is none. Adds nothing while one is at work.</summary>
    public static void Continue(Execution x, GraphNode node, string tokenId)
    {
        if (!x.State.Repetitions.TryGetValue(tokenId, out var at))
            return;
        if (at.SliceSize is not null)
        {
            Slices.Continue(x, node, tokenId);
            return;
        }

        if (x.State.Tokens.Values.Any(t => t.ScopeId == tokenId))
            return;
        if (!node.Repeat!.IsLoop)
        {
            if (at.Done < at.Count)
                One(x, node, tokenId, First(x, tokenId) + at.Done);
            else
                Finish(x, node, tokenId);
            return;
        }

        if (Again(x, node, tokenId, at.Done, out var again) is { } problem)
            x.Incident(tokenId, node, problem);
        else if (again)
            One(x, node, tokenId, at.Done + 1);
        else
            Finish(x, node, tokenId);
    }

    /// <summary>One repetition finished its work.</summary>
    public static void Done(Execution x, GraphNode node, string tokenId)
    {
        var token = x.State.Tokens[tokenId];
        var (body, iteration) = (token.ScopeId, token.Iteration ?? 1);
        if (Output(x, node, tokenId, out var output) is { } problem)
        {
            x.Incident(tokenId, node, problem);
            return;
        }

        x.CancelWaits(tokenId);
        Compensation.Arm(x, node, tokenId);
        x.Emit(new RepetitionAdvanced(body, iteration, output));
        x.Emit(new ElementLeft(node.Id, tokenId, [], []));
        Advanced(x, node, body);
    }

    /// <summary>A repetition, or a slice of them, is done: throws what the activity says about its progress, and goes on.</summary>
    public static void Advanced(Execution x, GraphNode node, string body)
    {
        var repeat = node.Repeat!;
        if (Slices.At(x.State, body) is null && repeat.Throws is { } boundary && (repeat.Behaviour == RepeatBehaviour.None || x.State.Repetitions[body].Done == 1))
        {
            // Thrown by the activity about its own progress: it does not interrupt what goes on (the completion condition does).
            Completion.PassWith(x, new Arrival(boundary, x.State.Tokens[body].ScopeId, []), ImmutableDictionary<string, JsonElement>.Empty);
        }

        Advance(x, node, body);
    }

    /// <summary>Tries again what stopped a repeated activity; false when it was one repetition's own work.</summary>
    public static bool Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (x.State.Tokens[tokenId].Iteration is not null)
        {
            if (incidentCode != "multi-instance.failed")
                return false;
            Done(x, node, tokenId);
            return true;
        }

        if (!x.State.Repetitions.TryGetValue(tokenId, out var at))
            Begin(x, node, tokenId);
        else if (at.SliceSize is not null && incidentCode is "call.failed" or "error.not_caught")
            Slices.Continue(x, node, tokenId, again: true);
        else if (incidentCode == "multi-instance.failed")
            Advance(x, node, tokenId);
        else if (x.State.Tokens.Values.Any(t => t.ScopeId == tokenId) || (node.Repeat!.Sequential && at.Done != at.Count && !incidentCode.StartsWith("condition.", StringComparison.Ordinal)))
            Continue(x, node, tokenId);
        else
            Completion.LeaveByFlows(x, node, tokenId);
        return true;
    }

    /// <summary>How far a repeated activity is, in one sentence.</summary>
    public static string WaitReason(GraphNode node, RepetitionState at) => at.SliceSize is not null ? Slices.WaitReason(node, at) : at.Count is { } count
        ? string.Create(CultureInfo.InvariantCulture, $"Waits until '{node.Title}' has been done {count} times: {at.Done} of {count} so far.")
        : string.Create(CultureInfo.InvariantCulture, $"Waits until the loop of '{node.Title}' ends: done {at.Done} {(at.Done == 1 ? "time" : "times")} so far.");

    private static void One(Execution x, GraphNode node, string body, int iteration)
    {
        var locals = ImmutableDictionary<string, JsonElement>.Empty.Add(Counter, JsonSerializer.SerializeToElement(iteration));
        if (node.Repeat is { Collection: { } collection, Element: { } element })
        {
            // Evaluated again: the facts keep what each repetition saw, not a second copy of the whole list. In a slice once for each command: read a thousand times, a long list would take seconds.
            if (!x.Lists.TryGetValue(body, out var list) && x.Evaluate(collection, new VariableScope(x.State, body), "The input collection", node, out list) is { } problem)
            {
                x.Incident(body, node, problem);
                return;
            }

            if (Slices.At(x.State, body) is not null)
                x.Lists[body] = list;
            locals = locals.Add(element, list.ValueKind == JsonValueKind.Array && iteration <= list.GetArrayLength() ? list[iteration - 1] : Json.Null);
        }

        var token = x.Rest(new Arrival(node, body, [], iteration));
        if (!node.Repeat!.IsLoop)
            x.Allow(node);
        x.Emit(new VariablesSet(token, locals, node.Id, null, null));
        ((Activity)ElementBehaviours.Of(node)).Begin(x, node, token);
    }

    private static void Advance(Execution x, GraphNode node, string body)
    {
        var at = x.State.Repetitions[body];
        if (!node.Repeat!.IsLoop && node.Repeat.Condition is { } condition && Slices.At(x.State, body) is null)
        {
            var scope = new VariableScope(x.State, body, Figures(x, node, body, at));
            if (x.Evaluate(condition, scope, "The completion condition", node, out var value) is { } problem)
            {
                x.Incident(body, node, problem with { Code = "multi-instance.failed" });
                return;
            }

            if (value.ValueKind == JsonValueKind.True)
            {
                x.Abandon(body, node.Id);
                Finish(x, node, body);
                return;
            }
        }

        if (node.Repeat.Sequential || at.SliceSize is not null)
            x.Continue(body);
        else if (at.Done == at.Count)
            Finish(x, node, body);
    }

    /// <summary>All repetitions are done, or no more are wanted.</summary>
    /// <param name="given">Variables that an operator gave instead; null without any.</param>
    public static void Finish(Execution x, GraphNode node, string body, ImmutableDictionary<string, JsonElement>? given = null)
    {
        if (node.Repeat is { OutputCollection: { } name } && given?.ContainsKey(name) != true)
            x.SetVariables(x.State.Tokens[body].ScopeId, ImmutableDictionary<string, JsonElement>.Empty.Add(name, Collected(x, body, x.State.Repetitions[body])), node.Id);
        x.SetVariables(x.State.Tokens[body].ScopeId, given ?? ImmutableDictionary<string, JsonElement>.Empty, node.Id);
        Completion.LeaveByFlows(x, node, body);
    }

    /// <summary>A loop goes on while its condition holds and its maximum is not reached; without <c>testBefore</c> the first run is not asked for.</summary>
    private static Problem? Again(Execution x, GraphNode node, string body, int done, out bool again)
    {
        var repeat = node.Repeat!;
        again = !(repeat.Maximum <= done);
        if (!again || repeat.Condition is null || (done == 0 && !repeat.TestBefore))
            return null;
        var counter = ImmutableDictionary<string, JsonElement>.Empty.Add(Counter, JsonSerializer.SerializeToElement(done));
        var problem = x.Evaluate(repeat.Condition, new VariableScope(x.State, body, counter), "The loop condition", node, out var value);
        again = value.ValueKind == JsonValueKind.True;
        return problem;
    }

    private static Problem? Count(Execution x, GraphNode node, string tokenId, out int? count)
    {
        count = null;
        var repeat = node.Repeat!;
        if (repeat.IsLoop)
            return null;
        if (Slices.At(x.State, tokenId) is { } slice)
        {
            count = slice.Count;
            return null;
        }

        if (x.Evaluate((repeat.Collection ?? repeat.Cardinality)!, new VariableScope(x.State, tokenId), repeat.Collection is null ? "The cardinality" : "The input collection", node, out var value) is { } problem)
            return problem;
        count = value.ValueKind switch
        {
            JsonValueKind.Array when repeat.Collection is not null => value.GetArrayLength(),
            JsonValueKind.Number when repeat.Collection is null && value.TryGetInt32(out var number) && number >= 0 => number,
            JsonValueKind.String when repeat.Collection is null && int.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };
        if (count is null)
            return new Problem("multi-instance.count", $"{(repeat.Collection is null ? "The cardinality" : "The input collection")} of '{node.Title}' gives {Json.KindOf(value)}, not {(repeat.Collection is null ? "a whole number from 0" : "a list")}. Correct the variables, then retry the incident.");
        return null;
    }

    private static Problem? Output(Execution x, GraphNode node, string tokenId, out ImmutableDictionary<string, JsonElement> output)
    {
        output = ImmutableDictionary<string, JsonElement>.Empty;
        if (node.Repeat is not { OutputCollection: { } name, OutputElement: { } element })
            return null;
        if (x.Evaluate(element, new VariableScope(x.State, tokenId), "The output element", node, out var value) is { } problem)
            return problem with { Code = "multi-instance.failed" };
        output = output.Add(name, value);
        return null;
    }

    /// <summary>What a completion condition may ask, under the names that BPMN gives it.</summary>
    private static ImmutableDictionary<string, JsonElement> Figures(Execution x, GraphNode node, string body, RepetitionState at)
    {
        var active = at.SliceSize is null ? x.State.Tokens.Values.Count(t => t.ScopeId == body) : node.Repeat!.Sequential ? at.Open?.Values.Sum() ?? 0 : (at.Count ?? 0) - at.Done;
        var figures = ImmutableDictionary<string, JsonElement>.Empty
            .Add("numberOfInstances", JsonSerializer.SerializeToElement(at.Count ?? at.Done))
            .Add("numberOfActiveInstances", JsonSerializer.SerializeToElement(active))
            .Add("numberOfCompletedInstances", JsonSerializer.SerializeToElement(at.Done))
            .Add("numberOfTerminatedInstances", JsonSerializer.SerializeToElement(0));
        return node.Repeat!.OutputCollection is { } name ? figures.SetItem(name, Collected(x, body, at)) : figures;
    }

    /// <summary>The first repetition that runs here.</summary>
    private static int First(Execution x, string body) => Slices.At(x.State, body)?.From ?? 1;

    private static JsonElement Collected(Execution x, string body, RepetitionState at)
    {
        var list = new JsonArray();
        if (at.SliceSize is not null)
        {
            foreach (var (iteration, value) in Slices.Results(at))
            {
                while (list.Count < iteration - 1)
                    list.Add(null);
                list.Add(Json.Node(value));
            }
        }

        var before = First(x, body) - 1;
        for (var i = list.Count + 1; i <= (at.Count ?? at.Done); i++)
            list.Add(at.SliceSize is null && at.Results.TryGetValue(before + i, out var value) ? Json.Node(value) : null);
        return Json.Of(list);
    }
}
