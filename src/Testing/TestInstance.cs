using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Testing;

/// <summary>One instance of a test: what can be seen of it, and what a person or operator does by hand. Views assert nothing; any assertion library fits.</summary>
public sealed class TestInstance
{
    private readonly ProcessTest _test;
    private readonly List<IInstanceEvent> _facts = [];

    internal TestInstance(ProcessTest test, ProcessGraph graph, Guid id) => (_test, Graph, Id) = (test, graph, id);

    /// <summary>Id; the same in every run.</summary>
    public Guid Id { get; }

    /// <summary>The version that it runs.</summary>
    public ProcessGraph Graph { get; }

    /// <summary>The instance as its facts say.</summary>
    public InstanceState State => StateOrNull ?? InstanceState.None;

    /// <summary>Whether it runs, completed or was cancelled.</summary>
    public InstanceStatus Status => State.Status;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => State.HasEnded;

    /// <summary>All facts, in order.</summary>
    public IReadOnlyList<IInstanceEvent> Facts => _facts;

    /// <summary>All facts as sentences, with the names of the drawing.</summary>
    public ImmutableArray<string> Sentences => [.. _facts.Select(f => InstanceSentences.Of(f, Graph)).OfType<string>()];

    /// <summary>BPMN ids of the elements that a token stands at now, oldest first; one for each token.</summary>
    public ImmutableArray<string> Tokens => [.. WaitingFor.Where(w => w.TokenId is not null).Select(w => w.ElementId)];

    /// <summary>Why each token waits, one sentence each; empty when the instance has ended.</summary>
    public ImmutableArray<WaitReason> WaitingFor => StateOrNull is { } state ? WaitReasons.Of(Graph, state) : [];

    /// <summary>BPMN ids of the elements in the order in which they were reached, repetitions included.</summary>
    public ImmutableArray<string> Path => [.. _facts.Select(e => e switch { ElementPassed p => p.ElementId, ElementEntered n => n.ElementId, _ => null }).OfType<string>()];

    /// <summary>BPMN ids of the sequence flows in the order in which they were taken.</summary>
    public ImmutableArray<string> Flows => [.. _facts.SelectMany(e => e switch { ElementPassed p => p.To, ElementLeft l => l.Flows, _ => [] })];

    /// <summary>The end event at which it completed; null while it runs, or when it was cancelled.</summary>
    public string? EndedAt => _facts.OfType<InstanceCompleted>().LastOrDefault()?.EndElementId;

    /// <summary>Variables of the process.</summary>
    public ImmutableDictionary<string, JsonElement> Variables => State.Variables.GetValueOrDefault(InstanceState.RootScope, ImmutableDictionary<string, JsonElement>.Empty);

    /// <summary>Decisions of policies, in order.</summary>
    public ImmutableArray<DecisionRecord> Decisions => [.. _facts.OfType<DecisionRecorded>().Select(d => d.Decision)];

    /// <summary>What people said to decisions, in order.</summary>
    public ImmutableArray<DecisionReview> Reviews => [.. _facts.OfType<DecisionReviewed>().Select(d => d.Review)];

    /// <summary>Open tasks, oldest first.</summary>
    public ImmutableArray<TaskState> Tasks => [.. State.Tasks.OrderBy(t => Sequence(t.Key)).Select(t => t.Value)];

    /// <summary>Open jobs, oldest first.</summary>
    public ImmutableArray<JobState> Jobs => [.. State.Jobs.OrderBy(t => Sequence(t.Key)).Select(t => t.Value)];

    /// <summary>Open incidents, oldest first.</summary>
    public ImmutableArray<IncidentState> Incidents => [.. State.Incidents.OrderBy(t => Sequence(t.Key)).Select(t => t.Value)];

    /// <summary>Instances that it called, in the order of their starts.</summary>
    public ImmutableArray<TestInstance> Called => [.. _test.Instances.Where(i => i.StateOrNull?.Parent?.InstanceId == Id)];

    internal InstanceState? StateOrNull { get; private set; }

    /// <summary>A variable of the process as a .NET value; default when there is none.</summary>
    /// <typeparam name="T">Type to read it as.</typeparam>
    /// <param name="name">Its name.</param>
    public T? Variable<T>(string name) => Variables.TryGetValue(name, out var value) ? value.Deserialize<T>(JsonSerializerOptions.Web) : default;

    /// <summary>A person takes a task out of the pool.</summary>
    /// <param name="task">BPMN id of the task.</param>
    /// <param name="person">Member id.</param>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    public TestStep Claim(string task, string person) => Act(task, id => new ClaimTask(Tenant, Id, Who(person), id), TestStepKind.Person, task, $"{person} claimed '{Graph.NameOf(task)}'.");

    /// <summary>A person puts a task back into the pool.</summary>
    /// <param name="task">BPMN id of the task.</param>
    /// <param name="person">Member id.</param>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    public TestStep Release(string task, string person) => Act(task, id => new ReleaseTask(Tenant, Id, Who(person), id), TestStepKind.Person, task, $"{person} released '{Graph.NameOf(task)}'.");

    /// <summary>A person answers a task.</summary>
    /// <param name="task">BPMN id of the task.</param>
    /// <param name="person">Member id.</param>
    /// <param name="verdict">One of the task's verdicts.</param>
    /// <param name="values">Values entered; null means none.</param>
    /// <param name="reason">Reason in the person's words.</param>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    public TestStep Complete(string task, string person, string verdict = "complete", object? values = null, string? reason = null) =>
        Act(task, id => new CompleteTask(Tenant, Id, Who(person), id, verdict, reason, null, TestJson.Variables(values)), TestStepKind.Person, task, $"{person} answered '{verdict}' to '{Graph.NameOf(task)}'.");

    /// <summary>An operator sets variables.</summary>
    /// <param name="variables">The variables.</param>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    public TestStep SetVariables(object variables) => Operate(new SetVariables(Tenant, Id, Operator, TestJson.Variables(variables), Reason), "An operator set variables.");

    /// <summary>An operator tries again what raised the oldest incident.</summary>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    /// <exception cref="ProcessTestException">There is no incident.</exception>
    public TestStep RetryIncident() => Operate(new RetryIncident(Tenant, Id, Operator, OldestIncident, Reason), "An operator retried the incident.");

    /// <summary>An operator goes on behind what raised the oldest incident.</summary>
    /// <param name="variables">Results to hand on; null means none.</param>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    /// <exception cref="ProcessTestException">There is no incident.</exception>
    public TestStep SkipIncident(object? variables = null) => Operate(new SkipIncident(Tenant, Id, Operator, OldestIncident, TestJson.Variables(variables), Reason), "An operator skipped what raised the incident.");

    /// <summary>An operator suspends the instance.</summary>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    public TestStep Suspend() => Operate(new SuspendInstance(Tenant, Id, Operator, Reason), "An operator suspended the instance.");

    /// <summary>An operator lets the instance go on.</summary>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    public TestStep Resume() => Operate(new ResumeInstance(Tenant, Id, Operator, Reason), "An operator let the instance go on.");

    /// <summary>An operator cancels the instance.</summary>
    /// <returns>What happened; look at <see cref="TestStep.Refusal"/>.</returns>
    public TestStep Cancel() => Operate(new CancelInstance(Tenant, Id, Operator, Reason), "An operator cancelled the instance.");

    internal void Take(IEnumerable<IInstanceEvent> facts)
    {
        foreach (var fact in facts)
        {
            _facts.Add(fact);
            StateOrNull = InstanceState.Evolve(StateOrNull, fact);
        }
    }

    /// <summary>What a job sees, as its row says.</summary>
    internal ImmutableDictionary<string, JsonElement> VariablesOf(string jobId) => InstanceRows.Between(null, State).Upserts.OfType<JobRow>().First(j => j.Id == jobId).Variables;

    private const string Tenant = "testtenant";
    private const string Reason = "The test says so.";

    private static Actor Operator { get; } = new("operator", ActorKind.Person, [Role.Operator], []);

    private string OldestIncident => State.Incidents.Keys.OrderBy(Sequence).FirstOrDefault() ?? throw new ProcessTestException("There is no incident. Look at WaitingFor to see why the process waits.");

    private Actor Who(string person) => _test.Known(person, ActorKind.Person);

    private TestStep Operate(InstanceCommand command, string sentence) => _test.Do(this, command, TestStepKind.Operator, null, sentence);

    private TestStep Act(string task, Func<string, InstanceCommand> command, TestStepKind kind, string elementId, string sentence)
    {
        var open = State.Tasks.Where(t => t.Value.ElementId == task).Select(t => t.Key).OrderBy(Sequence).FirstOrDefault();
        return open is null
            ? throw new ProcessTestException($"No task '{task}' is open. {(State.Tasks.IsEmpty ? "No task is: run the process as far as one." : $"Open are: {string.Join(", ", Tasks.Select(t => t.ElementId))}.")}")
            : _test.Do(this, command(open), kind, elementId, sentence);
    }

    private static long Sequence(string id) => InsideId.TryParse(id, out _, out var sequence) ? sequence : 0;
}
