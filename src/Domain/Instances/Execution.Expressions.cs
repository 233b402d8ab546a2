using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <content>Expressions, mappings and the choice of flows.</content>
internal sealed partial class Execution
{
    private long _feelSteps;
    private long _made;

    /// <summary>Evaluates an expression; a failure is a problem with a sentence.</summary>
    public Problem? Evaluate(ProcessExpression expression, VariableScope scope, string what, GraphNode node, out JsonElement value)
    {
        if (_feelSteps >= Context.Limits.CommandFeelSteps)
        {
            value = default;
            return new Problem("expression.failed", $"{what} of '{node.Title}' was not evaluated: {TooMuchFeel}");
        }

        var problem = expression.Evaluate(scope, Now, Context.Limits.FeelSteps, out value, out var spent);
        _feelSteps += spent;
        return problem is null ? null : new Problem("expression.failed", $"{what} of '{node.Title}' could not be evaluated: {problem} Correct the variables, then retry the incident.");
    }

    /// <summary>Evaluates a decision table of the version; a failure is a problem with a sentence.</summary>
    public Problem? Evaluate(ProcessDecision decision, VariableScope scope, GraphNode node, out JsonElement value)
    {
        if (_feelSteps >= Context.Limits.CommandFeelSteps)
        {
            value = default;
            return new Problem("decision.failed", $"The decision of '{node.Title}' was not evaluated: {TooMuchFeel}");
        }

        var problem = decision.Evaluate(scope, Now, Context.Limits.FeelSteps, out value, out var spent);
        _feelSteps += spent;
        return problem is null ? null : new Problem("decision.failed", $"The decision of '{node.Title}' could not be evaluated: {problem} Correct the variables, then retry the incident.");
    }

    private string TooMuchFeel => string.Create(CultureInfo.InvariantCulture, $"the expressions of one command have taken {Context.Limits.CommandFeelSteps} steps. Make their lists smaller or let the process wait in between, then retry the incident.");

    /// <summary>Which flows a token takes out of a node that is not a gateway: every flow whose condition holds, else the default.</summary>
    public Problem? ChooseFlows(GraphNode node, string scopeId, out Choice choice)
    {
        if (node.Outgoing.All(f => f.Condition is null))
        {
            choice = new Choice(node.OutgoingIds, []);
            return null;
        }

        return ChooseByCondition(node, scopeId, onlyOne: false, out choice);
    }

    /// <summary>Looks at the conditions in the order of the file.</summary>
    /// <param name="onlyOne">Stop at the first that holds.</param>
    public Problem? ChooseByCondition(GraphNode node, string scopeId, bool onlyOne, out Choice choice)
    {
        var flows = ImmutableArray.CreateBuilder<string>();
        var conditions = ImmutableArray.CreateBuilder<ConditionResult>();
        choice = default;
        foreach (var flow in node.Outgoing)
        {
            if (flow == node.Default)
                continue;
            if (flow.Condition is { } condition)
            {
                if (Holds(condition, flow, node, scopeId, out var holds) is { } problem)
                    return problem;
                conditions.Add(new ConditionResult(flow.Id, holds));
                if (holds != true)
                    continue;
            }

            flows.Add(flow.Id);
            if (onlyOne)
                break;
        }

        if (flows.Count == 0 && node.Default is { } otherwise)
            flows.Add(otherwise.Id);
        choice = new Choice(flows.DrainToImmutable(), conditions.DrainToImmutable());
        return choice.Flows.IsEmpty && !node.Outgoing.IsEmpty
            ? new Problem("condition.no_flow", $"No condition after '{node.Title}' holds and there is no default flow. Correct the variables, then retry the incident.")
            : null;
    }

    /// <summary>Evaluates mappings one after the other; a later one sees the earlier ones' results.</summary>
    public Problem? Map(ImmutableArray<VariableMapping> mappings, GraphNode node, string scopeId, ImmutableDictionary<string, JsonElement>? overlay, bool input,
        out ImmutableDictionary<string, JsonElement> results)
    {
        results = ImmutableDictionary<string, JsonElement>.Empty;
        var visible = overlay ?? ImmutableDictionary<string, JsonElement>.Empty;
        foreach (var mapping in mappings)
        {
            if (Evaluate(mapping.Source, new VariableScope(State, scopeId, visible), $"The {(input ? "input" : "output")} '{string.Join('.', mapping.Target)}'", node, out var value) is { } problem)
                return problem with { Code = input ? "mapping.input" : "mapping.output" };
            var name = mapping.Target[0];
            if (mapping.Target.Length > 1)
            {
                var known = results.TryGetValue(name, out var there) || (!input && new VariableScope(State, scopeId).TryGet(name, out there));
                value = Json.SetAt(known ? there : default, mapping.Target.AsSpan()[1..], value);
            }

            results = results.SetItem(name, value);
            visible = visible.SetItem(name, value);
        }

        return null;
    }

    /// <summary>Sets variables, each in the nearest scope that has it, else in the process scope.</summary>
    public void SetVariables(string scopeId, ImmutableDictionary<string, JsonElement> variables, string source)
    {
        if (variables.IsEmpty)
            return;
        var scope = new VariableScope(State, scopeId);
        foreach (var group in variables.GroupBy(v => scope.OwnerOf(v.Key), StringComparer.Ordinal).OrderBy(g => InsideId.SequenceOf(g.Key)))
            Emit(new VariablesSet(group.Key, group.ToImmutableDictionary(StringComparer.Ordinal), source, null, null));
    }

    private Problem? Holds(ProcessExpression condition, GraphFlow flow, GraphNode node, string scopeId, out bool? holds)
    {
        holds = null;
        var label = flow.Name is { Length: > 0 } name ? name : flow.Id;
        if (Evaluate(condition, new VariableScope(State, scopeId), $"The condition '{label}'", node, out var value) is { } problem)
            return problem with { Code = "condition.failed" };
        switch (value.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False:
                holds = value.ValueKind == JsonValueKind.True;
                return null;
            case JsonValueKind.Null or JsonValueKind.Undefined:
                return null;
            default:
                return new Problem("condition.not_boolean", $"The condition '{label}' after '{node.Title}' gives {Json.KindOf(value)}, not true or false. Correct the variables, then retry the incident.");
        }
    }
}
