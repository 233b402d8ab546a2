using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Domain.Instances.Elements;

/// <summary>Intermediate and end events that throw a signal, an escalation, a message without a job, or several of these.</summary>
internal sealed class ThrowingEvent : ElementBehaviour
{
    public override void Enter(Execution x, Arrival at)
    {
        if (Throws.Prepare(x, at.Node, at.ScopeId, out var throws) is { } problem || (problem = x.ChooseFlows(at.Node, at.ScopeId, out var choice)) is not null)
        {
            x.RestWithIncident(at, problem);
            return;
        }

        // The token moves on first: what interrupts its scope then takes it with the rest.
        x.Emit(new ElementPassed(at.Node.Id, at.ScopeId, at.Flows, choice.Flows, choice.Conditions));
        Throws.All(x, at.Node, at.ScopeId, throws);
        x.GoOn(at.Node, at.ScopeId, choice.Flows);
    }

    public override void Retry(Execution x, GraphNode node, string tokenId, string incidentCode)
    {
        var scope = x.State.Tokens[tokenId].ScopeId;
        if (Throws.Prepare(x, node, scope, out var throws) is { } problem || (problem = x.ChooseFlows(node, scope, out var choice)) is not null)
        {
            x.Incident(tokenId, node, problem);
            return;
        }

        x.Emit(new ElementLeft(node.Id, tokenId, choice.Flows, choice.Conditions));
        Throws.All(x, node, scope, throws);
        x.GoOn(node, scope, choice.Flows);
    }
}

/// <summary>Send tasks without a job type: publish their message and are done.</summary>
internal sealed class SendingTask : Activity
{

    protected override Problem? Prepare(Execution x, GraphNode node, string tokenId, ImmutableDictionary<string, JsonElement> locals,
        out Action<ImmutableDictionary<string, JsonElement>> work)
    {
        var problem = Throws.Prepare(x, node, tokenId, out var throws);
        work = inputs =>
        {
            Throws.All(x, node, tokenId, throws);
            Completion.Finish(x, node, tokenId, ImmutableDictionary<string, JsonElement>.Empty, inputs);
        };
        return problem;
    }
}

/// <summary>Something to throw, evaluated.</summary>
internal readonly record struct Throw(ThrownKind Kind, string? Name, string CorrelationKey, ImmutableDictionary<string, JsonElement> Variables);

/// <summary>Throwing: signals reach this instance at once and others by the runner, escalations travel outwards, messages are published by the runner.</summary>
internal static class Throws
{
    public static Problem? Prepare(Execution x, GraphNode node, string scopeId, out ImmutableArray<Throw> throws)
    {
        throws = [];
        if (x.Map(node.Inputs, node, scopeId, null, input: true, out var variables) is { } problem)
            return problem;
        var prepared = ImmutableArray.CreateBuilder<Throw>();
        var scope = new VariableScope(x.State, scopeId, variables);
        foreach (var part in node.Detail is MultipleDetail several ? several.Parts : [node.Detail!])
        {
            var (name, key) = ("", "");
            var failed = part switch
            {
                SignalDetail signal => Waits.Name(x, signal.Name, node, scope, "signal", out name),
                MessageDetail message => Waits.Message(x, message, node, scope, out name, out key),
                _ => null,
            };
            if (failed is not null)
                return failed;
            if (part is SignalDetail or MessageDetail && StartChain.IsFull(x.State.Chain, x.Now))
                return TooLong(x.State.Chain!, node);
            prepared.Add(part switch
            {
                SignalDetail => new Throw(ThrownKind.Signal, name, "", variables),
                MessageDetail => new Throw(ThrownKind.Message, name, key, variables),
                _ => new Throw(ThrownKind.Escalation, (part as EscalationDetail)?.Code, "", variables),
            });
        }

        throws = prepared.DrainToImmutable();
        return null;
    }

    private static Problem TooLong(StartChain chain, GraphNode node) => new("event.chain_too_long", string.Create(CultureInfo.InvariantCulture,
        $"This instance is number {chain.Starts} of those that started one another by messages or signals since {chain.Since.UtcDateTime:yyyy-MM-dd HH:mm} UTC, and '{node.Title}' would go on with it; {StartChain.Most} within an hour are allowed. Look for processes that start each other without end and correct a condition; retry in an hour, when the count begins anew, or cancel the instance."));

    public static void All(Execution x, GraphNode node, string scopeId, ImmutableArray<Throw> throws)
    {
        foreach (var thrown in throws)
        {
            if (thrown.Kind == ThrownKind.Escalation)
                Escalate(x, node, scopeId, thrown.Name, thrown.Variables);
            else
                Publish(x, node, thrown);
        }
    }

    /// <summary>An escalation that nobody catches changes nothing (BPMN 2.0.2, 10.5.6).</summary>
    public static void Escalate(Execution x, GraphNode node, string tokenOrScopeId, string? code, ImmutableDictionary<string, JsonElement> variables)
    {
        if (Errors.FindEscalation(x, tokenOrScopeId, code) is { } caught)
            Errors.Catch(x, caught, variables);
        else if (x.State.Parent is not null)
            x.Emit(new EventThrown(x.NextId(), node.Id, ThrownKind.Escalation, code, "", variables, x.Now));
    }

    private static void Publish(Execution x, GraphNode node, Throw thrown)
    {
        var id = x.NextId();
        x.Emit(new EventThrown(id, node.Id, thrown.Kind, thrown.Name, thrown.CorrelationKey, thrown.Variables, x.Now));
        if (thrown.Kind != ThrownKind.Signal)
            return;
        foreach (var subscription in Execution.Ordered(x.State.Subscriptions, s => s.Kind == SubscriptionKind.Signal && s.MessageName == thrown.Name))
            Received(x, subscription, id, thrown.Variables);
    }

    /// <summary>What a subscription waits for came.</summary>
    public static void Received(Execution x, string subscriptionId, string messageId, ImmutableDictionary<string, JsonElement> variables)
    {
        // A receiver before this one may have ended it.
        if (!x.State.Subscriptions.TryGetValue(subscriptionId, out var subscription) || x.Graph.Node(subscription.ElementId) is not { } source)
            return;
        x.Emit(new MessageCorrelated(subscriptionId, messageId, x.Now, subscription.Kind));
        // What does not interrupt goes on listening.
        if (!Waits.Recurs(source))
            x.Emit(new SubscriptionClosed(subscriptionId));
        Waits.Happened(x, subscription.TokenId, source, variables);
    }
}
