using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>What all activities share: input mapping, boundary events, the work, its end.</summary>
internal abstract class Activity : ElementBehaviour
{
    public override void Arrive(Execution x, GraphFlow flow, PendingFlow arrival)
    {
        if (flow.Target.StartQuantity == 1)
        {
            base.Arrive(x, flow, arrival);
            return;
        }

        var here = x.State.Pending.Where(p => p.ScopeId == arrival.ScopeId && x.Graph.Flow(p.FlowId)?.Target == flow.Target).Take(flow.Target.StartQuantity).Select(p => p.FlowId).ToImmutableArray();
        if (here.Length == flow.Target.StartQuantity)
            Enter(x, new Arrival(flow.Target, arrival.ScopeId, here));
    }

    public override void Enter(Execution x, Arrival at)
    {
        if (at.Node.Repeat is not null)
            Repetition.Begin(x, at.Node, x.Rest(at));
        else if (at.Undoes is not null || at.Node.Handler is not null || !PassedAtOnce(x, at))
            Begin(x, at.Node, x.Rest(at));
    }

    public sealed override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (node.Repeat is not null && Repetition.Retry(x, node, tokenId, incidentCode))
            return;
        RetryOnce(x, node, tokenId, incidentCode);
    }

    /// <summary>Tries again what stopped one run of the activity.</summary>
    protected virtual void RetryOnce(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        if (x.State.Tokens[tokenId].WorkDone)
            Completion.Retry(x, node, tokenId, incidentCode);
        else
            Begin(x, node, tokenId);
    }

    /// <summary>Begins the work of a token that rests. Everything that can fail is evaluated before the first fact, so that a retry begins from nothing.</summary>
    internal void Begin(Execution x, GraphNode node, string tokenId)
    {
        // The events on the border of a repeated activity belong to all its repetitions together.
        var boundaries = x.State.Tokens[tokenId].Iteration is null ? node.Boundaries : [];
        if (x.Map(node.Inputs, node, tokenId, null, input: true, out var locals) is { } problem
            || (problem = Waits.Prepare(x, boundaries, tokenId, locals, out var waits)) is not null
            || (problem = Prepare(x, node, tokenId, locals, out var work)) is not null)
        {
            x.Incident(tokenId, node, problem);
            return;
        }

        Waits.Open(x, tokenId, waits);
        work(locals);
    }

    /// <summary>Prepares the work: evaluates what it needs, and gives what adds the facts.</summary>
    protected abstract Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work);

    /// <summary>Goes through without resting where the activity needs nothing; false when it must rest.</summary>
    protected virtual bool PassedAtOnce(Execution x, Arrival at) => false;

    /// <summary>Makes input variables local to the token.</summary>
    protected static void KeepLocals(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals)
    {
        if (!locals.IsEmpty)
            x.Emit(new VariablesSet(tokenId, locals, node.Id, null, null));
    }

    /// <summary>Whether nothing beside its flows happens at a node.</summary>
    protected static bool IsBare(GraphNode node) => node.Inputs.IsEmpty && node.Outputs.IsEmpty;
}
