using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>
/// Ad-hoc sub-processes (BPMN 2.0.2, 13.3.5), bounded: each of the steps that nothing leads to runs once, those that an expression names or all of them,
/// side by side or one after the other; an operator or agent may ask for one again while it is open. The completion condition is looked at after every step.
/// </summary>
internal sealed class AdHocSubProcess : Activity
{
    public override void InsideDone(Execution x, GraphNode node, string tokenId)
    {
        if (x.State.Tokens[tokenId].Undoes is not null)
        {
            Completion.LeaveByFlows(x, node, tokenId);
            return;
        }

        var detail = (AdHocDetail)node.Detail!;
        if (detail.CompletionCondition is { } condition)
        {
            if (x.Evaluate(condition, new VariableScope(x.State, tokenId), "The completion condition", node, out var value) is { } problem)
            {
                x.Incident(tokenId, node, problem with { Code = "ad-hoc.failed" });
                return;
            }

            if (value.ValueKind == JsonValueKind.True)
            {
                End(x, node, tokenId);
                return;
            }
        }

        if (detail.Sequential && x.State.Repetitions.TryGetValue(tokenId, out var at) && at.Done < at.Count)
            x.Continue(tokenId);
        else
            End(x, node, tokenId);
    }

    public override void StepEnded(Execution x, GraphNode node, string tokenId)
    {
        var detail = (AdHocDetail)node.Detail!;
        if (detail is not { CompletionCondition: { } condition, CancelRemaining: true } || x.Evaluate(condition, new VariableScope(x.State, tokenId), "The completion condition", node, out var value) is not null
            || value.ValueKind != JsonValueKind.True)
            return;
        x.TerminateScope(tokenId, node.Id);
        End(x, node, tokenId);
    }

    public override void Continue(Execution x, GraphNode node, string tokenId)
    {
        var at = x.State.Repetitions[tokenId];
        if (at.Done >= at.Count || x.State.Tokens.Values.Any(t => t.ScopeId == tokenId) || Steps(x, node, tokenId, out var steps) is not null || steps.Length <= at.Done)
            return;
        x.Emit(new RepetitionAdvanced(tokenId, at.Done + 1, ImmutableDictionary<string, JsonElement>.Empty));
        x.BeginScope([steps[at.Done]], tokenId);
    }

    public override void Undone(Execution x, GraphNode node, string tokenId) => Completion.LeaveByFlows(x, node, tokenId);

    public override string WaitReason(GraphNode node, InstanceState state, string tokenId) =>
        SubProcess.Inside(node, state, tokenId);

    protected override void RetryOnce(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (incidentCode == "ad-hoc.failed")
            InsideDone(x, node, tokenId);
        else
            base.RetryOnce(x, node, tokenId, incidentCode);
    }

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        work = static _ => { };
        var detail = (AdHocDetail)node.Detail!;
        if (Steps(x, node, tokenId, out var steps) is { } problem || (problem = Waits.Prepare(x, node.EventStarts, tokenId, locals, out var waits)) is not null)
            return problem;
        work = inputs =>
        {
            KeepLocals(x, node, tokenId, inputs);
            Waits.Open(x, tokenId, waits);
            if (steps.IsEmpty)
            {
                End(x, node, tokenId);
            }
            else if (detail.Sequential)
            {
                x.Emit(new RepetitionStarted(tokenId, node.Id, steps.Length));
                Continue(x, node, tokenId);
            }
            else
            {
                x.BeginScope(steps, tokenId);
            }
        };
        return null;
    }

    private static void End(Execution x, GraphNode node, string tokenId) =>
        Completion.Finish(x, node, tokenId, ImmutableDictionary<string, JsonElement>.Empty, ImmutableDictionary<string, JsonElement>.Empty);

    private static Problem? Steps(Execution x, GraphNode node, string tokenId, out ImmutableArray<GraphNode> steps)
    {
        var detail = (AdHocDetail)node.Detail!;
        steps = detail.Steps;
        if (detail.Active is null)
            return null;
        if (x.Evaluate(detail.Active, new VariableScope(x.State, tokenId), "The list of active elements", node, out var value) is { } problem)
            return problem;
        var wanted = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.String ? v.GetString()! : "").ToList() : null;
        var found = wanted?.ConvertAll(id => detail.Steps.FirstOrDefault(s => s.Id == id));
        if (found is null || found.Contains(null))
            return new Problem("ad-hoc.steps", $"The list of active elements of '{node.Title}' must name steps of it that nothing leads to: {string.Join(", ", detail.Steps.Select(s => s.Id))}. Correct the variables, then retry the incident.");
        steps = [.. found.OfType<GraphNode>()];
        return null;
    }
}
