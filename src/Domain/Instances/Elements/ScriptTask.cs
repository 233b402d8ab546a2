using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Script tasks (one FEEL expression) and business rule tasks that ask a decision table of the version.</summary>
internal sealed class ScriptTask : Activity
{

    /// <summary>Without mappings, one fact for the result and one for the way.</summary>
    protected override bool PassedAtOnce(Execution x, Arrival at)
    {
        // Conditions after it may look at its result, so they are left to the way with a rest.
        if (!IsBare(at.Node) || at.Node.Outgoing.Any(f => f.Condition is not null) || Evaluate(x, at.Node, at.ScopeId, null, out var results) is not null)
            return false;
        x.SetVariables(at.ScopeId, results, at.Node.Id);
        x.Pass(at, new Choice(at.Node.OutgoingIds, []));
        return true;
    }

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        var problem = Evaluate(x, node, tokenId, locals, out var results);
        work = inputs => Completion.Finish(x, node, tokenId, results, inputs);
        return problem;
    }

    private static Problem? Evaluate(Execution x, GraphNode node, string scopeId, ImmutableDictionary<string, JsonElement>? locals, out ImmutableDictionary<string, JsonElement> results)
    {
        results = ImmutableDictionary<string, JsonElement>.Empty;
        var scope = new VariableScope(x.State, scopeId, locals);
        JsonElement value;
        string? variable;
        if (node.Detail is DecisionDetail decision)
        {
            if (x.Evaluate(decision.Decision, scope, node, out value) is { } wrong)
                return wrong;
            variable = decision.ResultVariable;
        }
        else
        {
            var script = (ScriptDetail)node.Detail!;
            if (x.Evaluate(script.Expression, scope, "The expression", node, out value) is { } problem)
                return problem;
            variable = script.ResultVariable;
        }

        if (variable is not null)
            results = results.SetItem(variable, value);
        return null;
    }
}
