using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Policies;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;

namespace Countersign.Domain.Tests.Instances;

/// <summary>
/// One instance under test. After every command it checks what must always hold: a replay gives the live state, a stored and reloaded state decides
/// the same, rows kept up to date equal rows made from nothing, ids are never given twice, and nothing hangs on a token that is gone.
/// </summary>
internal sealed class Scenario(ProcessGraph graph)
{
    public static readonly DateTimeOffset Monday = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    public static readonly Guid Id = new("01980000-0000-7000-8000-000000000001");
    public static readonly Actor Ana = new("ana", ActorKind.Person, [], ["clerks"]);
    public static readonly Actor Ben = new("ben", ActorKind.Person, [], ["approvers"]);
    public static readonly Actor Cleo = new("cleo", ActorKind.Person, [], ["approvers"]);
    public static readonly Actor Otto = new("otto", ActorKind.Person, ["operator"], []);

    private readonly SortedDictionary<string, string> _rows = new(StringComparer.Ordinal);

    public ProcessGraph Graph { get; } = graph;

    public List<IInstanceEvent> History { get; } = [];

    public InstanceState? State { get; private set; }

    public InstanceState Live => State ?? throw new InvalidOperationException("The instance has not been started.");

    public DateTimeOffset Now { get; set; } = Monday;

    public DecideContext Context { get; set; } = DecideContext.Empty;

    public Outcome Start(params (string Name, object? Value)[] variables) => Do(new StartInstance("acmefinance", Id, Ana, Graph.Key + ":1", Vars(variables), "INV-1"));

    public Outcome Do(InstanceCommand command)
    {
        var outcome = Engine.Decide(Graph, State, command, Context, Now);
        JsonOf(Engine.Decide(Graph, Reloaded(State), command, Context, Now)).ShouldBe(JsonOf(outcome), "a stored and reloaded state must decide the same");
        if (outcome is not Outcome.Facts facts)
            return outcome;
        var before = State;
        foreach (var fact in facts.Events.Cast<IInstanceEvent>())
        {
            CheckTokens(fact);
            History.Add(fact);
            State = InstanceState.Evolve(State, fact);
        }

        Keep(InstanceRows.Between(before, Live));
        CheckInvariants();
        return outcome;
    }

    /// <summary>Takes over facts that were decided elsewhere.</summary>
    public void Take(IEnumerable<IInstanceEvent> facts)
    {
        var before = State;
        foreach (var fact in facts)
        {
            History.Add(fact);
            State = InstanceState.Evolve(State, fact);
        }

        Keep(InstanceRows.Between(before, Live));
    }

    /// <summary>The same instance with the same history, to go another way with.</summary>
    public Scenario Copy()
    {
        var copy = new Scenario(Graph) { Now = Now, Context = Context };
        copy.Take(History);
        return copy;
    }

    public Outcome Policy(CompiledPolicy policy)
    {
        Context = Context with { Policies = Context.Policies.SetItem(policy.Id, policy), ActivePolicies = Context.ActivePolicies.SetItem(policy.Reference.Key, policy.Id) };
        return Outcome.Nothing;
    }

    public (string Id, JobState Job) Job(string elementId) => Live.Jobs.Where(j => j.Value.ElementId == elementId).Select(j => (j.Key, j.Value)).Single();

    public (string Id, TaskState Task) Task(string elementId) => Live.Tasks.Where(j => j.Value.ElementId == elementId).Select(j => (j.Key, j.Value)).Single();

    public (string Id, TimerState Timer) Timer(string elementId) => Live.Timers.Where(j => j.Value.ElementId == elementId).Select(j => (j.Key, j.Value)).Single();

    public (string Id, SubscriptionState Subscription) Subscription(string elementId) => Live.Subscriptions.Where(j => j.Value.ElementId == elementId).Select(j => (j.Key, j.Value)).Single();

    public (string Id, IncidentState Incident) Incident() => Live.Incidents.Select(j => (j.Key, j.Value)).Single();

    public Outcome CompleteJob(string elementId, params (string Name, object? Value)[] result)
    {
        var (id, job) = Job(elementId);
        return Do(new CompleteJob("acmefinance", Id, Actor.System, id, job.Attempt, Vars(result)));
    }

    public Outcome FailJob(string elementId, bool retryable = true, TimeSpan? after = null)
    {
        var (id, job) = Job(elementId);
        return Do(new FailJob("acmefinance", Id, Actor.System, id, job.Attempt, "http.500", "The other side answered 500.", retryable, after));
    }

    public Outcome CompleteTask(string elementId, Actor by, string verdict = "complete", string? reason = null, string? reasonCode = null, ShownEvidence? shown = null,
        params (string Name, object? Value)[] values) => Do(new CompleteTask("acmefinance", Id, by, Task(elementId).Id, verdict, reason, reasonCode, Vars(values), shown));

    public Outcome Fire(string elementId)
    {
        var (id, timer) = Timer(elementId);
        Now = timer.DueAt > Now ? timer.DueAt : Now;
        return Do(new FireTimer("acmefinance", Id, Actor.System, id));
    }

    public Outcome Send(string elementId, string messageId = "m-1", params (string Name, object? Value)[] variables) =>
        Do(new CorrelateMessage("acmefinance", Id, Actor.System, Subscription(elementId).Id, messageId, Vars(variables)));

    public Outcome RetryIncident() => Do(new RetryIncident("acmefinance", Id, Otto, Incident().Id, "corrected"));

    public Outcome Set(params (string Name, object? Value)[] variables) => Do(new SetVariables("acmefinance", Id, Otto, Vars(variables), "correcting"));

    public string? Variable(string name) => Live.Variables.TryGetValue(InstanceState.RootScope, out var root) && root.TryGetValue(name, out var value) ? value.GetRawText() : null;

    /// <summary>Elements in the order in which they were reached, in short.</summary>
    public string Path => string.Join(' ', History.Select(e => e switch { ElementPassed p => p.ElementId, ElementEntered n => n.ElementId, _ => null }).OfType<string>());

    public IEnumerable<T> Facts<T>() => History.OfType<T>();

    public static ImmutableDictionary<string, JsonElement> Vars(params (string Name, object? Value)[] variables) =>
        variables.ToImmutableDictionary(v => v.Name, v => JsonSerializer.SerializeToElement(v.Value), StringComparer.Ordinal);

    public static string JsonOf(Outcome outcome) => outcome switch
    {
        Outcome.Facts facts => string.Join('\n', facts.Events.Select(e => e.GetType().Name + " " + JsonSerializer.Serialize(e, e.GetType()))),
        Outcome.Refused refused => refused.Refusal.ToString(),
        _ => "nothing",
    };

    public static InstanceState? Reloaded(InstanceState? state) => state is null ? null : JsonSerializer.Deserialize<InstanceState>(JsonSerializer.Serialize(state));

    private void Keep(RowChanges changes)
    {
        foreach (var row in changes.Deletes)
            _rows.Remove(KeyOf(row)).ShouldBeTrue($"a row that is deleted must have been there: {KeyOf(row)}");
        foreach (var row in changes.Upserts)
            _rows[KeyOf(row)] = JsonSerializer.Serialize(row, row.GetType());
    }

    private static string KeyOf(object row) => row switch
    {
        TaskRow r => "task " + r.Id,
        JobRow r => "job " + r.Id,
        BusinessKeyRow r => "key " + r.Id,
        TimerRow r => "timer " + r.Id,
        SubscriptionRow r => "subscription " + r.Id,
        SignalRow r => "signal " + r.Id,
        IncidentRow r => "incident " + r.Id,
        _ => throw new InvalidOperationException(row.GetType().Name),
    };

    private void CheckInvariants()
    {
        var replayed = History.Aggregate((InstanceState?)null, InstanceState.Evolve)!;
        JsonSerializer.Serialize(replayed).ShouldBe(JsonSerializer.Serialize(Live), "a replay must give the live state");
        JsonSerializer.Serialize(Reloaded(Live)).ShouldBe(JsonSerializer.Serialize(Live), "a state must survive storage");

        var rebuilt = InstanceRows.Between(null, Live);
        rebuilt.Deletes.ShouldBeEmpty();
        var fresh = new SortedDictionary<string, string>(rebuilt.Upserts.ToDictionary(KeyOf, r => JsonSerializer.Serialize(r, r.GetType())), StringComparer.Ordinal);
        fresh.ShouldBe(_rows, "rows kept must equal rows rebuilt");

        Live.Events.ShouldBe(History.Count);
        foreach (var token in Live.Jobs.Values.Select(j => j.TokenId).Concat(Live.Tasks.Values.Select(t => t.TokenId)).Concat(Live.Timers.Values.Select(t => t.TokenId))
            .Concat(Live.Subscriptions.Values.Select(t => t.TokenId)).Concat(Live.Calls.Values.Select(c => c.TokenId)).Concat(Live.Repetitions.Keys).Concat(Live.Incidents.Values.Select(i => i.TokenId).OfType<string>()))
            (token == InstanceState.RootScope || Live.Tokens.ContainsKey(token)).ShouldBeTrue("nothing may hang on a token that is gone");
        foreach (var scope in Live.Variables.Keys.Where(s => s != InstanceState.RootScope).Concat(Live.Tokens.Values.Select(t => t.ScopeId).Where(s => s != InstanceState.RootScope)))
            Live.Tokens.ShouldContainKey(scope, "no scope may outlive its token");
        if (Live.HasEnded)
        {
            Live.Tokens.ShouldBeEmpty("an ended instance has no tokens");
            Live.Pending.ShouldBeEmpty("an ended instance has no tokens on flows");
        }
        else
        {
            WaitReasons.Of(Graph, Live).ShouldNotBeEmpty("what runs waits for something that can be said");
        }

        History.Select(Given).OfType<string>().ShouldBeUnique("no id may be given twice");
    }

    /// <summary>Tokens are conserved: a fact consumes only what is there, and a join exactly what it must.</summary>
    private void CheckTokens(IInstanceEvent fact)
    {
        var (element, scope, flows) = fact switch
        {
            ElementPassed e => (e.ElementId, e.ScopeId, e.From),
            ElementEntered e => (e.ElementId, e.ScopeId, e.Flows),
            _ => ("", "", []),
        };
        var pending = State?.Pending.ToList() ?? [];
        foreach (var flow in flows)
        {
            pending.Remove(new PendingFlow(scope, flow)).ShouldBeTrue($"'{element}' consumed a token that was not on '{flow}'");
            if (Graph.Node(element)!.Kind is not (ElementKind.TerminateEnd or ElementKind.CancelEnd or ElementKind.EventSubProcess))
                Graph.Flow(flow)!.Target.Id.ShouldBe(element);
        }

        // An operator may put a token at a join; it passes without the others.
        if (Graph.Node(element) is { Kind: ElementKind.ParallelGateway, Incoming.Length: > 1 } join && !(flows.IsEmpty && History.OfType<InstanceModified>().Any()))
            flows.ShouldBe(join.Incoming.Select(f => f.Id), "a parallel join takes one token from each flow");
        if (fact is ElementLeft left)
            Live.Tokens.ShouldContainKey(left.TokenId);
        if (fact is ElementTerminated ended)
            Live.Tokens.ShouldContainKey(ended.TokenId);
    }

    private static string? Given(IInstanceEvent e) => e switch
    {
        ElementEntered x => "token " + x.TokenId,
        JobCreated x => x.JobId,
        TaskCreated x => x.TaskId,
        TimerSet x => x.TimerId,
        SubscriptionOpened x => x.SubscriptionId,
        IncidentRaised x => x.IncidentId,
        DecisionRecorded x => x.Decision.DecisionId,
        _ => null,
    };
}
