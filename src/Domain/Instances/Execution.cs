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
    private string? _opening;
    private bool _conditionsChanged;
    private long _sequence = state.Sequence;

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
        if (e is VariablesSet set)
            _made += Json.Size(set.Variables);
        if (e is VariablesSet or SubscriptionOpened { Kind: SubscriptionKind.Condition })
            _conditionsChanged = true;
    }

    /// <summary>An id for something inside that is named from outside.</summary>
    public string NextId() => InsideId.Of(State.Id, ++_sequence);

    /// <summary>The first tokens enter.</summary>
    /// <param name="trigger">The start that was triggered from outside; null = the process begins by itself.</param>
    /// <param name="results">What the trigger brought.</param>
    public void Begin(GraphNode? trigger, ImmutableDictionary<string, JsonElement> results)
    {
        if (!EventSubProcess.Open(this, InstanceState.RootScope, Graph.EventStarts, null))
            return;
        if (trigger is not null)
        {
            Completion.PassWith(this, new Arrival(trigger, InstanceState.RootScope, []), results);
            return;
        }

        SetVariables(InstanceState.RootScope, results, "start");
        BeginScope(Graph.Starts, InstanceState.RootScope);
    }

    /// <summary>The first tokens of a scope enter where it begins.</summary>
    public void BeginScope(ImmutableArray<GraphNode> starts, string scopeId)
    {
        // The first of several may be gone at once: the scope is done only when all have begun.
        var around = _opening;
        _opening = starts.Length > 1 ? scopeId : null;
        foreach (var start in starts)
            ElementBehaviours.Of(start).Enter(this, new Arrival(start, scopeId, []));
        _opening = around;
        if (starts.Length > 1)
            EndedIn(starts[^1], scopeId);
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
        Emit(new ElementEntered(at.Node.Id, token, at.ScopeId, at.Flows, at.Iteration, at.Undoes));
        return token;
    }

    /// <summary>A token that rested leaves.</summary>
    public void Leave(GraphNode node, string tokenId, Choice choice)
    {
        var scope = State.Tokens[tokenId].ScopeId;
        Compensation.Arm(this, node, tokenId);
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

    /// <summary>Ends the instance with everything in it.</summary>
    public void End(string reason)
    {
        TerminateScope(InstanceState.RootScope, "cancelled");
        CancelWaits(InstanceState.RootScope);
        foreach (var incident in Ordered(State.Incidents, _ => true))
            Emit(new IncidentResolved(incident, By.Id, "cancelled with the instance", Now));
        Emit(new InstanceCancelled(By.Id, reason, Now));
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
        if (State.HasEnded || scopeId == _opening || State.Compensations.Values.Any(c => c.ScopeId == scopeId))
            return;
        if (State.Pending.Any(p => p.ScopeId == scopeId) || State.Tokens.Values.Any(t => t.ScopeId == scopeId))
        {
            if (State.Tokens.TryGetValue(scopeId, out var around) && Graph.Node(around.ElementId) is { } host)
                ElementBehaviours.Of(host).StepEnded(this, host, scopeId);
            return;
        }

        ScopeDone(node, scopeId);
    }

    /// <summary>Everything in a scope has ended.</summary>
    public void ScopeDone(GraphNode lastNode, string scopeId)
    {
        if (scopeId == InstanceState.RootScope)
        {
            CancelWaits(scopeId);
            Emit(new InstanceCompleted(lastNode.Id, Now));
        }
        else if (State.Tokens.TryGetValue(scopeId, out var token) && Graph.Node(token.ElementId) is { } node)
            ElementBehaviours.Of(node).InsideDone(this, node, scopeId);
    }

    /// <summary>Ids in their rising order, so that the same history always gives the same facts.</summary>
    public static ImmutableArray<string> Ordered<T>(ImmutableDictionary<string, T> all, Func<T, bool> wanted) =>
        all.IsEmpty ? [] : [.. all.Where(p => wanted(p.Value)).Select(p => p.Key).OrderBy(InsideId.SequenceOf)];

    private ImmutableArray<string> TokensIn(string scopeId) => Ordered(State.Tokens, t => t.ScopeId == scopeId);

    /// <summary>Gives up the work of a token that goes on without it.</summary>
    public void Abandon(string tokenId, string cause)
    {
        foreach (var inner in TokensIn(tokenId))
            Terminate(inner, cause);
        CancelWork(tokenId, cause);
    }

    private void CancelWork(string tokenId, string cause)
    {
        foreach (var id in Ordered(State.Jobs, j => j.TokenId == tokenId))
            Emit(new JobCancelled(id, cause));
        foreach (var id in Ordered(State.Tasks, t => t.TokenId == tokenId))
            Emit(new TaskCancelled(id, cause));
        foreach (var id in Ordered(State.Calls, c => c.TokenId == tokenId))
            Emit(new CallCancelled(id, cause));
        foreach (var id in Ordered(State.Incidents, i => i.TokenId == tokenId))
            Emit(new IncidentResolved(id, By.Id, "no longer wanted: " + cause, Now));
    }

    /// <summary>Puts the tokens of a node that was left on their way.</summary>
    public void GoOn(GraphNode node, string scopeId, ImmutableArray<string> flows)
    {
        foreach (var flow in flows)
            Enqueue(new PendingFlow(scopeId, flow));
        if (flows.IsEmpty)
            EndedIn(node, scopeId);
    }
}

/// <summary>A token that comes to a node.</summary>
/// <param name="Flows">Flows consumed.</param>
/// <param name="Iteration">Which repetition of an activity begins; null = the activity itself.</param>
/// <param name="Undoes">The finished stay that is undone; null otherwise.</param>
internal readonly record struct Arrival(GraphNode Node, string ScopeId, ImmutableArray<string> Flows, int? Iteration = null, string? Undoes = null);

/// <summary>One thing to do next: a token on a flow, or a repetition whose turn it is.</summary>
internal readonly record struct Step(PendingFlow? Flow, string? Repetition);

/// <summary>Flows to take, and the conditions that were looked at.</summary>
internal readonly record struct Choice(ImmutableArray<string> Flows, ImmutableArray<ConditionResult> Conditions);

/// <summary>Why something cannot go on: the code and sentence of an incident.</summary>
internal sealed record Problem(string Code, string Sentence);
