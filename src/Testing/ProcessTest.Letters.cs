using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Testing;

/// <content>Messages, signals, and what instances have to say to each other.</content>
public sealed partial class ProcessTest
{
    private static readonly TimeSpan UsualLife = TimeSpan.FromHours(1);
    private readonly Queue<object> _letters = new();
    private readonly List<SentMessage> _messages = [];
    private readonly Dictionary<string, int> _opened = new(StringComparer.Ordinal);
    private int _sent;

    /// <summary>Sends a message as <c>POST /v1/messages</c> does: to the one subscription that has waited longest, else to a start event of that name, else it is kept.</summary>
    /// <param name="name">Name of the message.</param>
    /// <param name="key">Correlation key; unset means none.</param>
    /// <param name="variables">What it carries; null means nothing.</param>
    /// <param name="after">When it is sent, from now; null means at once.</param>
    /// <param name="timeToLive">How long it is kept when nobody waits; null means an hour.</param>
    /// <returns>The same test.</returns>
    public ProcessTest Message(string name, string key = "", object? variables = null, TimeSpan? after = null, TimeSpan? timeToLive = null)
    {
        var at = Now + (after ?? TimeSpan.Zero);
        _messages.Add(new SentMessage(NextThrow(), name, key, TestJson.Variables(variables), at, at + (timeToLive ?? UsualLife)));
        return this;
    }

    /// <summary>Broadcasts a signal: every instance that waits for it takes it, every process that starts with it is started.</summary>
    /// <param name="name">Name of the signal.</param>
    /// <param name="variables">What it carries; null means nothing.</param>
    /// <returns>The same test.</returns>
    public ProcessTest Signal(string name, object? variables = null)
    {
        Broadcast(NextThrow(), name, TestJson.Variables(variables), null);
        return this;
    }

    private string NextThrow() => "test-" + (++_sent).ToString(CultureInfo.InvariantCulture);

    private IEnumerable<Move> MessageMoves()
    {
        foreach (var message in _messages)
        {
            if (!message.Kept)
                yield return new Move(message.At, 1, 0, () => Publish(message));
            else if (Now >= message.Until)
                yield return new Move(Now, 1, 0, () => Expire(message));
            else if (Receiver(message) is { } found)
                yield return new Move(Now, 1, 0, () => HandOver(message, found.Instance, found.Subscription));
        }
    }

    private TestStep Publish(SentMessage message)
    {
        if (Receiver(message) is { } found)
            return HandOver(message, found.Instance, found.Subscription);
        _messages.Remove(message);
        foreach (var process in NewestOfEach())
        {
            if (process.Graph.Triggers.FirstOrDefault(t => t.IsTriggeredByMessage(message.Name)) is { } trigger)
                return StartBy(process, trigger, message.Id, message.Variables, $"The message '{message.Name}'", message.Chain);
        }

        if (message.Until <= Now)
            return Note(TestStepKind.Message, Guid.Empty, null, $"The message '{message.Name}' was lost: nobody waits for it, and it is not to be kept.");
        _messages.Add(message with { Kept = true });
        return Note(TestStepKind.Message, Guid.Empty, null, $"The message '{message.Name}' is kept until {Text(message.Until)}: nobody waits for it yet.");
    }

    private TestStep Expire(SentMessage message)
    {
        _messages.Remove(message);
        return Note(TestStepKind.Message, Guid.Empty, null, $"The message '{message.Name}' was not wanted in its time and is dropped.");
    }

    private TestStep HandOver(SentMessage message, TestInstance instance, string subscription)
    {
        _messages.Remove(message);
        var element = instance.State.Subscriptions[subscription].ElementId;
        return Do(instance, new CorrelateMessage(Tenant, instance.Id, Actor.System, subscription, message.Id, message.Variables), TestStepKind.Message, element,
            $"The message '{message.Name}' came to '{instance.Graph.NameOf(element)}'.");
    }

    private (TestInstance Instance, string Subscription)? Receiver(SentMessage message)
    {
        var waiting = Waiting(SubscriptionKind.Message, message.Name).Where(w => w.State.CorrelationKey == message.Key).OrderBy(w => _opened[w.Id]).ToList();
        return waiting.Count == 0 ? null : (waiting[0].Instance, waiting[0].Id);
    }

    private IEnumerable<(TestInstance Instance, string Id, SubscriptionState State)> Waiting(SubscriptionKind kind, string name) => _instances.Where(i => !i.HasEnded && i.StateOrNull is { SuspendedAt: null })
        .SelectMany(i => i.State.Subscriptions.Where(s => s.Value.Kind == kind && s.Value.MessageName == name).Select(s => (i, s.Key, s.Value)));

    private void Broadcast(string throwId, string name, ImmutableDictionary<string, JsonElement> variables, TestInstance? thrower, StartChain? chain = null)
    {
        var receivers = Waiting(SubscriptionKind.Signal, name).Where(w => w.Instance != thrower).OrderBy(w => _opened[w.Id]).ToList();
        foreach (var (instance, id, state) in receivers)
        {
            _letters.Enqueue(new Act(() => Do(instance, new CorrelateMessage(Tenant, instance.Id, Actor.System, id, throwId, variables), TestStepKind.Message, state.ElementId,
                $"The signal '{name}' came to '{instance.Graph.NameOf(state.ElementId)}'.")));
        }

        var starts = NewestOfEach().SelectMany(p => p.Graph.Triggers.Where(t => t.IsTriggeredBySignal(name)).Select(t => (Process: p, Trigger: t))).ToList();
        foreach (var (process, trigger) in starts)
            _letters.Enqueue(new Act(() => StartBy(process, trigger, throwId, variables, $"The signal '{name}'", chain)));
        if (receivers.Count + starts.Count == 0)
            _letters.Enqueue(new Act(() => Note(TestStepKind.Message, thrower?.Id ?? Guid.Empty, null, $"The signal '{name}' was heard by nobody else.")));
    }

    private TestStep StartBy(KnownProcess process, GraphNode trigger, string throwId, ImmutableDictionary<string, JsonElement> variables, string what, StartChain? chain = null)
    {
        var id = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"start {throwId} {process.Graph.Key} {trigger.Id}")).AsSpan(0, 16));
        var instance = Create(process, id);
        var step = Do(instance, new StartInstance(Tenant, id, Actor.System, process.VersionId, variables, null, trigger.Id, Chain: chain), TestStepKind.Start, trigger.Id, $"{what} started {Quoted(process.Graph)}.");
        if (step.Refusal is not null)
            _instances.Remove(instance);
        return step;
    }

    private TestStep Deliver() => _letters.Dequeue() switch
    {
        Act act => act.Do(),
        CancelInstance cancel => _instances.Find(i => i.Id == cancel.InstanceId) is { HasEnded: false } child
            ? Do(child, cancel, TestStepKind.Call, null, $"{Quoted(child.Graph)} was cancelled: the process that called it no longer wants it.")
            : Note(TestStepKind.Call, cancel.InstanceId, null, "A call that had not begun is no longer wanted."),
        SuspendInstance suspend => StandStill(suspend, "stands still with the instance that it works for"),
        ResumeInstance resume => StandStill(resume, "goes on with the instance that it works for"),
        CallReady ready => Call(ready),
        CallNews news => Report(news),
        ThrownOutside thrown => Thrown(thrown),
        var other => throw new InvalidOperationException($"A letter of an unknown kind: {other.GetType().Name}."),
    };

    private TestStep StandStill(InstanceCommand command, string how) => _instances.Find(i => i.Id == command.InstanceId) is { HasEnded: false } slice
        ? Do(slice, command, TestStepKind.Call, null, $"A part of {Quoted(slice.Graph)} {how}.")
        : Note(TestStepKind.Call, command.InstanceId, null, "A part that is over needs nothing.");

    private TestStep Call(CallReady ready)
    {
        var caller = Instance(ready.InstanceId);
        if (!caller.State.Calls.TryGetValue(ready.CallId, out var call) || call.Failed)
            return Note(TestStepKind.Call, caller.Id, null, "A call that had not begun is no longer wanted.");
        if (call.Slice is null && _calls.TryGetValue(call.ProcessKey, out var scripted) && scripted.HasAnswer)
        {
            var answer = scripted.Next();
            return Do(caller, Say(caller, ready.CallId, answer.Report, "scripted", answer.Code, answer.Message, answer.Variables), TestStepKind.Call, call.ElementId,
                $"The stand-in for the called process '{call.ProcessKey}' answered '{answer.Report}'.");
        }

        if (Resolve(call.ProcessKey, call.Binding, call.Version) is not { } process)
        {
            var wanted = call.Version is null ? $"The process '{call.ProcessKey}'" : $"The version '{call.Version}' of the process '{call.ProcessKey}'";
            return Do(caller, Say(caller, ready.CallId, CallReport.Failed, "not-found", "process.not_found", $"{wanted} is not in this test. Add it with And, or script Called(\"{call.ProcessKey}\").", null),
                TestStepKind.Call, call.ElementId, $"{wanted} could not be called.");
        }

        var child = Create(process, call.ChildId);
        var start = InstanceMail.StartOf(Tenant, caller.State, ready.CallId, process.VersionId);
        var step = Do(child, start, TestStepKind.Call, null, call.Slice is not { } slice ? $"'{caller.Graph.NameOf(call.ElementId)}' called {Quoted(process.Graph)}."
            : $"Repetitions {slice.From} to {slice.From + slice.Count - 1} of '{caller.Graph.NameOf(call.ElementId)}' began in an instance of their own.");
        if (step.Refusal is { } refusal)
        {
            _instances.Remove(child);
            Do(caller, Say(caller, ready.CallId, CallReport.Failed, "refused", refusal.Code, refusal.Detail, null), TestStepKind.Call, call.ElementId, $"{Quoted(process.Graph)} could not be started.");
        }

        return step;
    }

    private TestStep Report(CallNews news)
    {
        var (caller, child) = (Instance(news.Parent.InstanceId), Instance(news.InstanceId));
        var variables = news.Report == CallReport.Completed ? InstanceMail.VariablesOf(child.State) : child.Facts.OfType<EventThrown>().FirstOrDefault(e => e.ThrowId == news.ReportId)?.Variables;
        var element = caller.State.Calls.GetValueOrDefault(news.Parent.CallId)?.ElementId;
        return Do(caller, Say(caller, news.Parent.CallId, news.Report, news.ReportId, news.Code, news.Message, variables) with { Completers = child.State.Slice is null ? null : child.State.Completers }, TestStepKind.Call, element, $"{Quoted(child.Graph)} reported '{news.Report}' to its caller.");
    }

    private TestStep Thrown(ThrownOutside thrown)
    {
        var thrower = Instance(thrown.InstanceId);
        var variables = thrower.Facts.OfType<EventThrown>().FirstOrDefault(e => e.ThrowId == thrown.ThrowId)?.Variables ?? ImmutableDictionary<string, JsonElement>.Empty;
        if (thrown.Kind == ThrownKind.Message)
        {
            var message = new SentMessage(thrown.ThrowId, thrown.Name, thrown.CorrelationKey, variables, Now, Now + UsualLife, Chain: thrown.Chain);
            return Publish(message);
        }

        Broadcast(thrown.ThrowId, thrown.Name, variables, thrower, thrown.Chain);
        return Deliver();
    }

    private TestInstance Instance(Guid id) => _instances.Find(i => i.Id == id) ?? throw new InvalidOperationException("A letter of an unknown instance.");

    private static ReportCall Say(TestInstance caller, string callId, CallReport report, string id, string? code, string? message, ImmutableDictionary<string, JsonElement>? variables) =>
        new(Tenant, caller.Id, Actor.System, callId, report, id, code, message, variables ?? ImmutableDictionary<string, JsonElement>.Empty);

    private sealed record SentMessage(string Id, string Name, string Key, ImmutableDictionary<string, JsonElement> Variables, DateTimeOffset At, DateTimeOffset Until, bool Kept = false, StartChain? Chain = null);

    private sealed record Act(Func<TestStep> Do);
}
