using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances.Elements;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances;

/// <content>Moves tokens until all of them wait.</content>
internal sealed partial class Execution
{
    private readonly Queue<Step> _work = new();

    // A signal reaches whoever waits for it. What can still come to rest without it does so first, so that branches that listen are not missed by chance.
    private readonly Queue<Step> _broadcasts = new();
    private readonly Dictionary<string, int> _inside = new(StringComparer.Ordinal);
    private Step _next;
    private int _steps;
    private bool _halted;

    /// <summary>Moves tokens until all wait, everything has ended, or a bound is reached.</summary>
    public void Run()
    {
        // What work under way brings is kept; nothing moves before the instance is let go on.
        if (State.SuspendedAt is not null)
            return;
        do
        {
            while (!_halted && (Conditions() || _work.TryDequeue(out _next) || _broadcasts.TryDequeue(out _next)))
                Take(_next);
        }
        while (!_halted && InclusiveGateway.JoinOne(this));
        if (!_halted)
            ReportDeadlock();
    }

    /// <summary>Looks again at everything that could have gone on: after a run was stopped.</summary>
    public void Requeue()
    {
        _conditionsChanged = true;
        foreach (var pending in State.Pending)
            Enqueue(pending);
        foreach (var token in Ordered(State.Repetitions, _ => true))
            Continue(token);
        // The process could not even listen for the events of its event sub-processes, so it has not begun.
        if (State.Tokens.IsEmpty && State.Pending.IsEmpty)
            Begin(Graph.Triggers.FirstOrDefault(t => t.Id == State.StartElementId) ?? (Graph.Starts.IsEmpty ? Graph.Triggers.FirstOrDefault() : null), ImmutableDictionary<string, JsonElement>.Empty);
    }

    /// <summary>Lets a repetition go on when its turn comes, as a step of its own: a thousand repetitions must not be a thousand calls deep.</summary>
    public void Continue(string tokenId) => _work.Enqueue(new Step(null, tokenId));

    private void Enqueue(PendingFlow pending)
    {
        var broadcasts = Graph.Flow(pending.FlowId)?.Target.Kind is ElementKind.SignalThrow or ElementKind.SignalEnd or ElementKind.MultipleThrow or ElementKind.MultipleEnd;
        (broadcasts ? _broadcasts : _work).Enqueue(new Step(pending, null));
    }

    /// <summary>One condition that became true is one step; whatever it moves may change the next.</summary>
    private bool Conditions()
    {
        _next = default;
        if (!_conditionsChanged)
            return false;
        _conditionsChanged = ConditionalEvents.HappenOne(this);
        return _conditionsChanged;
    }

    private void Take(Step step)
    {
        if (step.Repetition is { } repetition)
        {
            if (State.Tokens.TryGetValue(repetition, out var token) && Graph.Node(token.ElementId) is { } node && !Stopped(node, counts: node.Repeat is not { IsLoop: false }))
                ContinueAt(node, repetition, token);
        }
        else if (step.Flow is { } flow)
        {
            Arrive(flow);
        }
    }

    private void ContinueAt(GraphNode node, string tokenId, TokenState token)
    {
        if (node.Repeat is not null && token.Iteration is null)
            Repetition.Continue(this, node, tokenId);
        else
            ElementBehaviours.Of(node).Continue(this, node, tokenId);
    }

    /// <summary>Input collections of slices, by the activity's token: evaluated once for each command.</summary>
    public Dictionary<string, JsonElement> Lists { get; } = new(StringComparer.Ordinal);

    /// <summary>A repetition of a multi-instance may take the steps that are inside it: there are as many repetitions as were said, so they are no endless loop.</summary>
    public void Allow(GraphNode node)
    {
        if (!ElementKinds.IsScope(node.Kind))
            return;
        if (!_inside.TryGetValue(node.Id, out var steps))
            _inside[node.Id] = steps = Slices.Inside(this, node).Count;
        _steps -= steps;
    }

    /// <summary>Counts a step; true when a bound was reached and the run stops here.</summary>
    /// <param name="counts">Whether it is a step: the next repetition of a multi-instance is none, there are as many as were said.</param>
    private bool Stopped(GraphNode node, bool counts = true)
    {
        if (counts && ++_steps > Context.Limits.Steps)
            Halt(node, new Problem("engine.step_limit",
                $"One command moved through {Context.Limits.Steps} steps without waiting. Look for a loop around '{node.Title}' that never waits, then retry the incident."));
        else if (State.Events >= InstanceLimits.Of(State, Context.Limits))
            Halt(node, InstanceLimits.Reached(State, Context.Limits));
        else if (Context.StoredBytes + _made >= Context.Limits.StoredBytes)
            Halt(node, InstanceLimits.TooMuch(Context, _made));
        else if (_feelSteps >= Context.Limits.CommandFeelSteps)
            Halt(node, new Problem("engine.expression_limit", $"Stopped before '{node.Title}': {TooMuchFeel}"));
        return _halted;
    }

    private void Arrive(PendingFlow arrival)
    {
        // Consumed by a join in the meantime, or gone with an interrupted scope.
        if (State.Pending.Contains(arrival) && Graph.Flow(arrival.FlowId) is { } flow && !Stopped(flow.Target))
            ElementBehaviours.Of(flow.Target).Arrive(this, flow, arrival);
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
            if (State.Tokens.Values.Any(t => t.ScopeId == pending.ScopeId) || State.Compensations.Values.Any(c => c.ScopeId == pending.ScopeId) || Graph.Flow(pending.FlowId) is not { } flow)
                continue;
            Incident(null, flow.Target, new Problem("gateway.deadlock",
                $"'{flow.Target.Title}' waits for a token that can no longer come, because nothing else moves in its scope. Correct the process: a split by condition needs a join by condition."));
            return;
        }
    }
}
