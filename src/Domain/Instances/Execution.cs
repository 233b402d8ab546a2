using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Instances.Elements;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Domain.Instances;

/// <summary>
/// The deciding room for one command: it collects facts, applies each through the same <see cref="InstanceState.Evolve"/> as a replay does,
/// and moves tokens until all of them wait.
/// </summary>
internal sealed partial class Execution(ProcessGraph graph, InstanceState state, DecideContext context, Actor by, DateTimeOffset now)
{
    private readonly ImmutableArray<object>.Builder _facts = ImmutableArray.CreateBuilder<object>();
    private readonly Queue<PendingFlow> _work = new();
    private long _sequence = state.Sequence;
    private int _steps;
    private bool _halted;

    public ProcessGraph Graph { get; } = graph;

    public DecideContext Context { get; } = context;

    public Actor By { get; } = by;

    public DateTimeOffset Now { get; } = now;

    public InstanceState State { get; private set; } = state;

    /// <summary>What has been decided.</summary>
    public Outcome Outcome => Outcome.OfAll(_facts.DrainToImmutable());

    /// <summary>Adds a fact.</summary>
    public void Emit(IInstanceEvent e)
    {
        _facts.Add(e);
        State = InstanceState.Evolve(State, e);
    }

    /// <summary>An id for something inside that is named from outside.</summary>
    public string NextId() => InsideId.Of(State.Id, ++_sequence);

    /// <summary>A first token enters.</summary>
    public void Begin(GraphNode start) => ElementBehaviours.Of(start).Enter(this, new Arrival(start, InstanceState.RootScope, []));

    /// <summary>Moves tokens until all wait, everything has ended, or a bound is reached.</summary>
    public void Run()
    {
        do
        {
            while (!_halted && _work.TryDequeue(out var arrival))
                Arrive(arrival);
        }
        while (!_halted && InclusiveGateway.JoinOne(this));
        if (!_halted)
            ReportDeadlock();
    }

    /// <summary>Looks again at every token that stands on a flow: after a run was stopped.</summary>
    public void Requeue()
    {
        foreach (var pending in State.Pending)
            _work.Enqueue(pending);
    }

    /// <summary>A token goes through a node without resting.</summary>
    public void Pass(Arrival at, Choice choice)
    {
        Emit(new ElementPassed(at.Node.Id, at.ScopeId, at.Flows, choice.Flows, choice.Conditions));
        GoOn(at.Node, at.ScopeId, choice.Flows);
    }

    /// <summary>A token enters a node and rests there.</summary>
    public string Rest(Arrival at)
    {
        var token = (++_sequence).ToString(CultureInfo.InvariantCulture);
        Emit(new ElementEntered(at.Node.Id, token, at.ScopeId, at.Flows));
        return token;
    }

    /// <summary>A token that rested leaves.</summary>
    public void Leave(GraphNode node, string tokenId, Choice choice)
    {
        var scope = State.Tokens[tokenId].ScopeId;
        Emit(new ElementLeft(node.Id, tokenId, choice.Flows, choice.Conditions));
        GoOn(node, scope, choice.Flows);
    }

    /// <summary>A token rests at a node with an incident.</summary>
    public void RestWithIncident(Arrival at, Problem problem) => Incident(Rest(at), at.Node, problem);

    /// <summary>Raises an incident on a token, once for each code.</summary>
    public void Incident(string? tokenId, GraphNode node, Problem problem, string? jobId = null)
    {
        if (tokenId is null && State.Incidents.Values.Any(i => i.TokenId is null && i.Code == problem.Code))
            return;
        Emit(new IncidentRaised(NextId(), tokenId, node.Id, problem.Code, problem.Sentence, jobId, Now));
    }

    /// <summary>Ends a token, all that belongs to it and all inside it.</summary>
    public void Terminate(string tokenId, string cause)
    {
        if (!State.Tokens.TryGetValue(tokenId, out var token))
            return;
        foreach (var inner in TokensIn(tokenId))
            Terminate(inner, cause);
        CancelWork(tokenId, cause);
        CancelWaits(tokenId);
        Emit(new ElementTerminated(token.ElementId, tokenId, cause));
    }

    /// <summary>Ends everything in a scope.</summary>
    public void TerminateScope(string scopeId, string cause)
    {
        foreach (var token in TokensIn(scopeId))
            Terminate(token, cause);
    }

    /// <summary>Cancels the timers and subscriptions that belong to a token.</summary>
    public void CancelWaits(string tokenId)
    {
        foreach (var id in Ordered(State.Timers, t => t.TokenId == tokenId))
            Emit(new TimerCancelled(id));
        foreach (var id in Ordered(State.Subscriptions, t => t.TokenId == tokenId))
            Emit(new SubscriptionClosed(id));
    }

    /// <summary>Called when a token ended in a scope: an empty scope is done.</summary>
    public void EndedIn(GraphNode node, string scopeId)
    {
        if (State.Pending.Any(p => p.ScopeId == scopeId) || State.Tokens.Values.Any(t => t.ScopeId == scopeId))
            return;
        ScopeDone(node, scopeId);
    }

    /// <summary>Everything in a scope has ended.</summary>
    public void ScopeDone(GraphNode lastNode, string scopeId)
    {
        if (scopeId == InstanceState.RootScope)
            Emit(new InstanceCompleted(lastNode.Id, Now));
        else if (State.Tokens.TryGetValue(scopeId, out var token) && Graph.Node(token.ElementId) is { } node)
            ElementBehaviours.Of(node).InsideDone(this, node, scopeId);
    }

    /// <summary>Ids in their rising order, so that the same history always gives the same facts.</summary>
    public static ImmutableArray<string> Ordered<T>(ImmutableDictionary<string, T> all, Func<T, bool> wanted) =>
        all.IsEmpty ? [] : [.. all.Where(p => wanted(p.Value)).Select(p => p.Key).OrderBy(InsideId.SequenceOf)];

    private ImmutableArray<string> TokensIn(string scopeId) => Ordered(State.Tokens, t => t.ScopeId == scopeId);

    private void CancelWork(string tokenId, string cause)
    {
        foreach (var id in Ordered(State.Jobs, j => j.TokenId == tokenId))
            Emit(new JobCancelled(id, cause));
        foreach (var id in Ordered(State.Tasks, t => t.TokenId == tokenId))
            Emit(new TaskCancelled(id, cause));
        foreach (var id in Ordered(State.Incidents, i => i.TokenId == tokenId))
            Emit(new IncidentResolved(id, By.Id, "no longer wanted: " + cause, Now));
    }

    private void GoOn(GraphNode node, string scopeId, ImmutableArray<string> flows)
    {
        foreach (var flow in flows)
            _work.Enqueue(new PendingFlow(scopeId, flow));
        if (flows.IsEmpty)
            EndedIn(node, scopeId);
    }

    private void Arrive(PendingFlow arrival)
    {
        // Consumed by a join in the meantime, or gone with an interrupted scope.
        if (!State.Pending.Contains(arrival) || Graph.Flow(arrival.FlowId) is not { } flow)
            return;
        if (++_steps > Context.Limits.Steps)
        {
            Halt(flow.Target, new Problem("engine.step_limit",
                $"One command moved through {Context.Limits.Steps} steps without waiting. Look for a loop around '{flow.Target.Title}' that never waits, then retry the incident."));
        }
        else if (State.Events >= Context.Limits.Events)
        {
            Halt(flow.Target, new Problem("engine.event_limit",
                $"The instance has {State.Events} facts, and {Context.Limits.Events} are allowed. Raise the limit or continue in a new instance, then retry the incident."));
        }
        else
        {
            ElementBehaviours.Of(flow.Target).Arrive(this, flow, arrival);
        }
    }

    private void Halt(GraphNode node, Problem problem)
    {
        _halted = true;
        Incident(null, node, problem);
    }

    /// <summary>Tokens that stand before a join in a scope where nothing moves any more wait for ever; people should know.</summary>
    private void ReportDeadlock()
    {
        // After a bound was reached tokens stand on flows for another reason.
        if (State.Incidents.Values.Any(i => i.TokenId is null))
            return;
        foreach (var pending in State.Pending)
        {
            if (State.Tokens.Values.Any(t => t.ScopeId == pending.ScopeId) || Graph.Flow(pending.FlowId) is not { } flow)
                continue;
            Incident(null, flow.Target, new Problem("gateway.deadlock",
                $"'{flow.Target.Title}' waits for a token that can no longer come, because nothing else moves in its scope. Correct the process: a split by condition needs a join by condition."));
            return;
        }
    }
}

/// <summary>A token that comes to a node.</summary>
/// <param name="Flows">Flows consumed.</param>
internal readonly record struct Arrival(GraphNode Node, string ScopeId, ImmutableArray<string> Flows);

/// <summary>Flows to take, and the conditions that were looked at.</summary>
internal readonly record struct Choice(ImmutableArray<string> Flows, ImmutableArray<ConditionResult> Conditions);

/// <summary>Why something cannot go on: the code and sentence of an incident.</summary>
internal sealed record Problem(string Code, string Sentence);
