using System.Globalization;

namespace Countersign.Domain.Processes;

/// <summary>
/// Makes a process in C#: for tests and for generated processes. What it builds goes through the same checks and the same compiler as BPMN.
/// Elements are added in any order; flows join them by id.
/// </summary>
public sealed partial class GraphBuilder
{
    private readonly ProcessModel _model;
    private string? _parent;

    /// <summary>A process with this id.</summary>
    public GraphBuilder(string key, string? name = null) => _model = new ProcessModel(key, name);

    /// <summary>A start event without a trigger.</summary>
    public GraphBuilder Start(string id = "start") => Add(new ModelNode(id, ElementKind.NoneStart) { Parent = _parent });

    /// <summary>An end event.</summary>
    public GraphBuilder End(string id = "end") => Add(new ModelNode(id, ElementKind.NoneEnd) { Parent = _parent });

    /// <summary>An end event that ends everything in its scope.</summary>
    public GraphBuilder Terminate(string id) => Add(new ModelNode(id, ElementKind.TerminateEnd) { Parent = _parent });

    /// <summary>An end event that throws a BPMN error.</summary>
    public GraphBuilder ErrorEnd(string id, string? code) => Add(new ModelNode(id, ElementKind.ErrorEnd) { Parent = _parent, ErrorCode = code });

    /// <summary>A task that does nothing.</summary>
    public GraphBuilder Task(string id) => Add(new ModelNode(id, ElementKind.UndefinedTask) { Parent = _parent });

    /// <summary>A service task: a job of this type.</summary>
    /// <param name="retries">Attempts in all.</param>
    /// <param name="inputs">Input mapping, pairs of source (FEEL with a leading <c>=</c>, or a literal) and target.</param>
    /// <param name="outputs">Output mapping; none hands the whole result on.</param>
    public GraphBuilder Service(string id, string type, int retries = 3, (string Source, string Target)[]? inputs = null, (string Source, string Target)[]? outputs = null)
    {
        var node = new ModelNode(id, ElementKind.ServiceTask) { Parent = _parent, JobType = type, Retries = retries.ToString(CultureInfo.InvariantCulture) };
        node.Inputs.AddRange(inputs ?? []);
        node.Outputs.AddRange(outputs ?? []);
        return Add(node);
    }

    /// <summary>A user task.</summary>
    /// <param name="groups">Candidate groups, comma separated or FEEL.</param>
    /// <param name="separateFrom"><c>initiator</c> and ids of earlier user tasks.</param>
    /// <param name="verdicts">Accepted answers; none means <c>complete</c>.</param>
    /// <param name="countersigns">Business rule task whose decision it countersigns.</param>
    /// <param name="outputs">Output mapping; none hands the entered values on.</param>
    public GraphBuilder User(string id, string? groups = null, string[]? separateFrom = null, string[]? verdicts = null, string? countersigns = null,
        (string Source, string Target)[]? outputs = null, string? users = null, string? assignee = null)
    {
        var node = new ModelNode(id, ElementKind.UserTask) { Parent = _parent, CandidateGroups = groups, CandidateUsers = users, Assignee = assignee, Countersigns = countersigns };
        node.SeparateFrom.AddRange(separateFrom ?? []);
        node.Verdicts.AddRange(verdicts ?? []);
        node.Outputs.AddRange(outputs ?? []);
        return Add(node);
    }

    /// <summary>A business rule task that asks a policy.</summary>
    public GraphBuilder Policy(string id, string policyId, string resultVariable = "decision", string? proposalFrom = null) =>
        Add(new ModelNode(id, ElementKind.BusinessRuleTask) { Parent = _parent, PolicyId = policyId, ResultVariable = resultVariable, ProposalFrom = proposalFrom });

    /// <summary>A script task: one FEEL expression.</summary>
    public GraphBuilder Script(string id, string expression, string? resultVariable = null) =>
        Add(new ModelNode(id, ElementKind.ScriptTask) { Parent = _parent, Script = expression, ResultVariable = resultVariable });

    /// <summary>A receive task.</summary>
    public GraphBuilder Receive(string id, string message, string? correlationKey = null) =>
        Add(new ModelNode(id, ElementKind.ReceiveTask) { Parent = _parent, MessageName = message, CorrelationKey = correlationKey });

    /// <summary>An exclusive gateway.</summary>
    public GraphBuilder Exclusive(string id, string? defaultFlow = null) => Add(new ModelNode(id, ElementKind.ExclusiveGateway) { Parent = _parent, DefaultFlow = defaultFlow });

    /// <summary>A parallel gateway.</summary>
    public GraphBuilder Parallel(string id) => Add(new ModelNode(id, ElementKind.ParallelGateway) { Parent = _parent });

    /// <summary>An inclusive gateway.</summary>
    public GraphBuilder Inclusive(string id, string? defaultFlow = null) => Add(new ModelNode(id, ElementKind.InclusiveGateway) { Parent = _parent, DefaultFlow = defaultFlow });

    /// <summary>An event-based gateway.</summary>
    public GraphBuilder EventBased(string id) => Add(new ModelNode(id, ElementKind.EventBasedGateway) { Parent = _parent });

    /// <summary>An intermediate timer event with an ISO 8601 duration.</summary>
    public GraphBuilder Timer(string id, string duration) =>
        Add(new ModelNode(id, ElementKind.TimerCatch) { Parent = _parent, TimerKind = TimerKind.Duration, TimerText = duration });

    /// <summary>An intermediate message event.</summary>
    public GraphBuilder Message(string id, string message, string? correlationKey = null) =>
        Add(new ModelNode(id, ElementKind.MessageCatch) { Parent = _parent, MessageName = message, CorrelationKey = correlationKey });

    /// <summary>A link that goes on elsewhere.</summary>
    public GraphBuilder LinkTo(string id, string link) => Add(new ModelNode(id, ElementKind.LinkThrow) { Parent = _parent, LinkName = link });

    /// <summary>Where a link goes on.</summary>
    public GraphBuilder LinkFrom(string id, string link) => Add(new ModelNode(id, ElementKind.LinkCatch) { Parent = _parent, LinkName = link });

    /// <summary>A timer on an activity: an ISO 8601 duration, or a cycle (<c>R3/PT1H</c>).</summary>
    public GraphBuilder BoundaryTimer(string id, string on, string text, bool interrupting = true) => Add(new ModelNode(id, ElementKind.TimerBoundary)
    {
        Parent = _parent,
        AttachedTo = on,
        Interrupting = interrupting,
        TimerKind = text.StartsWith('R') ? TimerKind.Cycle : TimerKind.Duration,
        TimerText = text,
    });

    /// <summary>A message on an activity.</summary>
    public GraphBuilder BoundaryMessage(string id, string on, string message, bool interrupting = true, string? correlationKey = null) =>
        Add(new ModelNode(id, ElementKind.MessageBoundary) { Parent = _parent, AttachedTo = on, Interrupting = interrupting, MessageName = message, CorrelationKey = correlationKey });

    /// <summary>Catches a BPMN error of an activity; without a code every error.</summary>
    public GraphBuilder BoundaryError(string id, string on, string? code = null) =>
        Add(new ModelNode(id, ElementKind.ErrorBoundary) { Parent = _parent, AttachedTo = on, ErrorCode = code });

    /// <summary>An embedded sub-process.</summary>
    public GraphBuilder Sub(string id, Action<GraphBuilder> inside) => Scope(new ModelNode(id, ElementKind.SubProcess) { Parent = _parent }, inside);

    /// <summary>A sequence flow; without an id it is called <c>source-target</c>.</summary>
    /// <param name="condition">FEEL with a leading <c>=</c>.</param>
    public GraphBuilder Flow(string source, string target, string? condition = null, string? id = null)
    {
        _model.Flows.Add(new ModelFlow(id ?? $"{source}-{target}", source, target) { Condition = condition, Parent = _parent });
        return this;
    }

    /// <summary>A chain of sequence flows.</summary>
    public GraphBuilder Path(params string[] nodes)
    {
        for (var i = 1; i < nodes.Length; i++)
            Flow(nodes[i - 1], nodes[i]);
        return this;
    }

    /// <summary>A class of data for a variable.</summary>
    public GraphBuilder Data(string variable, string dataClass, string? path = null)
    {
        _model.DataClasses.Add(new DataClass(variable, path, dataClass, null));
        return this;
    }

    /// <summary>A business key belongs to one running instance only.</summary>
    public GraphBuilder UniqueBusinessKey()
    {
        _model.UniqueBusinessKey = true;
        return this;
    }

    /// <summary>Checks and compiles what was built.</summary>
    public ProcessCompilation Compile() => ProcessCompiler.Compile(_model, ModelHash());

    /// <summary>Compiles what was built.</summary>
    /// <exception cref="InvalidOperationException">The process has errors; the message lists them.</exception>
    public ProcessGraph Build()
    {
        var compilation = Compile();
        return compilation.Graph ?? throw new InvalidOperationException(string.Join('\n', compilation.Findings.Select(f => $"{f.Rule} at {f.ElementId}: {f.Sentence}")));
    }

    private string ModelHash()
    {
        var text = new System.Text.StringBuilder(_model.Id).Append('\n');
        foreach (var node in _model.Nodes)
            text.Append(CultureInfo.InvariantCulture, $"{node.Kind} {node.Id} {node.Parent} {node.JobType} {node.Script} {node.TimerText} {node.MessageName} {node.PolicyId} {node.SignalName} {node.EscalationCode} {node.Condition} {node.Repeat?.Cardinality} {node.Repeat?.Collection} {node.Repeat?.Condition} {node.Call?.Process} {node.Interrupting}\n");
        foreach (var flow in _model.Flows)
            text.Append(CultureInfo.InvariantCulture, $"{flow.Id} {flow.SourceRef} {flow.TargetRef} {flow.Condition}\n");
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text.ToString())));
    }

    private GraphBuilder Add(ModelNode node)
    {
        _model.Nodes.Add(node);
        return this;
    }
}
