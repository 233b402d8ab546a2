using System.Collections.Immutable;
using System.Globalization;
using Countersign.Domain.Instances;
using Countersign.Domain.Policies;
using Countersign.Domain.Processes;

namespace Countersign.Testing;

/// <summary>
/// A process under test: a small world of its own with a simulated clock, scripted people, workers, models and called processes. It runs the engine of the
/// service itself, needs neither service nor database, and does the same every time. Not safe for several threads.
/// </summary>
public sealed partial class ProcessTest
{
    private const string Tenant = "testtenant";
    private readonly List<KnownProcess> _processes = [];
    private readonly Dictionary<string, CompiledPolicy> _policies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TestPolicy> _scriptedPolicies = new(StringComparer.Ordinal);
    private readonly List<TestPerson> _people = [];
    private readonly Dictionary<string, TestWorker> _workers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TestWorker> _workersAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TestCall> _calls = new(StringComparer.Ordinal);

    private ProcessTest()
    {
    }

    /// <summary>Where the clock stands when nothing else is said: Monday, 5 January 2026, 09:00 UTC.</summary>
    public static DateTimeOffset UsualStart { get; } = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Simulated time (UTC).</summary>
    public DateTimeOffset Now { get; private set; } = UsualStart;

    /// <summary>Bounds of one command: those of the service.</summary>
    internal DecideLimits Limits { get; set; } = DecideLimits.Default;

    /// <summary>What the compiler warns of in the processes of this test.</summary>
    public ImmutableArray<ProcessFinding> Warnings { get; private set; } = [];

    /// <summary>A test of one process.</summary>
    /// <param name="bpmn">BPMN 2.0 XML with one executable process.</param>
    /// <param name="more">Decisions and forms, see <see cref="ProcessFile"/>.</param>
    /// <exception cref="ProcessTestException">It cannot be published; the message has each finding with its remedy.</exception>
    public static ProcessTest Of(string bpmn, params ProcessSource[] more) => Of([ProcessFile.Bpmn(bpmn), .. more]);

    /// <summary>A test of one process.</summary>
    /// <param name="files">One BPMN file, the decisions that it calls, the forms that it shows.</param>
    /// <exception cref="ProcessTestException">It cannot be published; the message has each finding with its remedy.</exception>
    public static ProcessTest Of(params ProcessSource[] files) => new ProcessTest().And(files);

    /// <summary>A test of a process that is compiled already.</summary>
    /// <param name="graph">The compiled version.</param>
    public static ProcessTest Of(ProcessGraph graph) => new ProcessTest().And(graph);

    /// <summary>Adds another process, e.g. one that is called. A second one of the same key is its next version.</summary>
    /// <param name="files">One BPMN file, the decisions that it calls, the forms that it shows.</param>
    /// <returns>The same test.</returns>
    /// <exception cref="ProcessTestException">It cannot be published; the message has each finding with its remedy.</exception>
    public ProcessTest And(params ProcessSource[] files)
    {
        var compilation = ProcessCompiler.Compile(new ProcessSources([.. files]));
        Warnings = Warnings.AddRange(compilation.Findings.Where(f => f.Severity == FindingSeverity.Warning));
        return compilation.Graph is { } graph ? And(graph)
            : throw new ProcessTestException("The process cannot be published:" + string.Concat(compilation.Findings.Where(f => f.Severity == FindingSeverity.Error)
                .Select(f => $"{Environment.NewLine}- {(f.ElementId is null ? "" : f.ElementId + ": ")}{f.Sentence} {f.Remedy} [{f.Rule}]")));
    }

    /// <summary>Adds another process that is compiled already.</summary>
    /// <param name="graph">The compiled version.</param>
    /// <returns>The same test.</returns>
    public ProcessTest And(ProcessGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        _processes.Add(new KnownProcess(graph, _processes.Count(p => p.Graph.Key == graph.Key) + 1));
        return this;
    }

    /// <summary>Sets the clock before anything starts.</summary>
    /// <param name="start">Where it begins.</param>
    /// <returns>The same test.</returns>
    /// <exception cref="ProcessTestException">Something has been started already.</exception>
    public ProcessTest StartingAt(DateTimeOffset start)
    {
        if (_instances.Count > 0)
            throw new ProcessTestException("The clock never goes back: something has been started already. Set it before Start, or move it with AdvanceTo.");
        Now = start.ToUniversalTime();
        return this;
    }

    /// <summary>The policy as it is published, with its real gate: scripted scores of models are judged as in the service.</summary>
    /// <param name="key">Key by which the process asks it.</param>
    /// <param name="document">The policy document (JSON).</param>
    /// <param name="gate">The gate (DMN XML).</param>
    /// <returns>The same test.</returns>
    /// <exception cref="ProcessTestException">It cannot be published; the message has each finding with its remedy.</exception>
    public ProcessTest WithPolicy(string key, string document, string gate)
    {
        var compilation = PolicyCompiler.Compile(document, gate, key, 1);
        _policies[key] = compilation is { IsSound: true, Policy: { } policy } ? policy
            : throw new ProcessTestException($"The policy '{key}' cannot be published:" + string.Concat(compilation.Findings.Select(f => $"{Environment.NewLine}- {f.Sentence} {f.Remedy} [{f.Rule}]")));
        return this;
    }

    /// <summary>A policy that is compiled already.</summary>
    /// <param name="policy">The compiled version; its own key is the one by which the process asks it.</param>
    /// <returns>The same test.</returns>
    public ProcessTest WithPolicy(CompiledPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        _policies[policy.Reference.Key] = policy;
        return this;
    }

    /// <summary>A policy that decides as it is told, in place of the published one.</summary>
    /// <param name="key">Key by which the process asks it.</param>
    public TestPolicy Policy(string key)
    {
        if (!_scriptedPolicies.TryGetValue(key, out var policy))
        {
            _scriptedPolicies.Add(key, policy = new TestPolicy(key));
            _policies[key] = policy.Compiled;
        }

        return policy;
    }

    /// <summary>A person of the test; asked again, the same one.</summary>
    /// <param name="id">Member id.</param>
    public TestPerson Person(string id)
    {
        if (_people.Find(p => p.Id == id) is { } known)
            return known;
        var person = new TestPerson(id);
        _people.Add(person);
        return person;
    }

    /// <summary>The worker of a job type; asked again, the same one.</summary>
    /// <param name="type">Job type.</param>
    public TestWorker Worker(string type) => Of(_workers, type, static () => new TestWorker());

    /// <summary>The worker of a job type, by code.</summary>
    /// <param name="type">Job type.</param>
    /// <param name="answer">Gets the job, gives the answer.</param>
    public TestWorker Worker(string type, Func<TestJob, TestJobAnswer> answer) => Worker(type).Does(answer);

    /// <summary>The worker of the jobs of one element; it goes before the worker of their type.</summary>
    /// <param name="elementId">BPMN id of the step.</param>
    public TestWorker WorkerAt(string elementId) => Of(_workersAt, elementId, static () => new TestWorker());

    /// <summary>A model that answers the jobs of a type with a proposal and scores.</summary>
    /// <param name="name">Name of the model, as the policy names it.</param>
    /// <param name="jobType">Job type that it answers.</param>
    public TestModel Model(string name, string jobType) => new(name, Worker(jobType));

    /// <summary>A stand-in for a called process; without one the process of that key in this test runs.</summary>
    /// <param name="processKey">Key of the called process.</param>
    public TestCall Called(string processKey) => Of(_calls, processKey, static () => new TestCall());

    private static T Of<T>(Dictionary<string, T> all, string key, Func<T> make)
    {
        if (!all.TryGetValue(key, out var there))
            all.Add(key, there = make());
        return there;
    }

    private KnownProcess? Newest(string key) => _processes.FindLast(p => p.Graph.Key == key);

    private KnownProcess? Resolve(string key, CallBinding binding, string? version) => binding switch
    {
        CallBinding.Version => _processes.Find(p => p.Graph.Key == key && p.Version.ToString(CultureInfo.InvariantCulture) == version),
        CallBinding.Tag => _processes.FindLast(p => p.Graph.Key == key && p.Graph.VersionTag == version),
        _ => Newest(key),
    };

    private IEnumerable<KnownProcess> NewestOfEach() => _processes.GroupBy(p => p.Graph.Key, StringComparer.Ordinal).Select(g => g.Last());
}

internal sealed record KnownProcess(ProcessGraph Graph, int Version)
{
    public string VersionId => string.Create(CultureInfo.InvariantCulture, $"{Graph.Key}:{Version}");
}
