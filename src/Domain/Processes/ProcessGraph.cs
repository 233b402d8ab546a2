using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Countersign.Domain.Processes;

/// <summary>
/// A process version as the engine runs it: compiled once from its sources, immutable, safe for any number of threads.
/// </summary>
public sealed class ProcessGraph
{
    /// <summary>Number of the graph's own shape.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Number of the rules by which graphs are run. An open instance keeps the semantics it was started with.</summary>
    public const int CurrentSemantics = 1;

    private readonly FrozenDictionary<string, GraphNode> _nodes;
    private readonly FrozenDictionary<string, GraphFlow> _flows;

    internal ProcessGraph(string key, string? name, string hash, ImmutableArray<GraphNode> nodes, ImmutableArray<GraphFlow> flows)
    {
        Key = key;
        Name = name;
        Hash = hash;
        Nodes = nodes;
        Flows = flows;
        _nodes = nodes.ToFrozenDictionary(n => n.Id, StringComparer.Ordinal);
        _flows = flows.ToFrozenDictionary(f => f.Id, StringComparer.Ordinal);
    }

    /// <summary>BPMN process id.</summary>
    public string Key { get; }

    /// <summary>The process's title, or null.</summary>
    public string? Name { get; }

    /// <summary>Lower-case hex SHA-256 over the sources (<see cref="ProcessSources.Hash"/>).</summary>
    public string Hash { get; }

    /// <summary>Shape of this graph, <see cref="CurrentFormat"/>.</summary>
    public int FormatNumber { get; } = CurrentFormat;

    /// <summary>Rules by which it runs, <see cref="CurrentSemantics"/>.</summary>
    public int SemanticsNumber { get; } = CurrentSemantics;

    /// <summary>All flow nodes, in the order of the file.</summary>
    public ImmutableArray<GraphNode> Nodes { get; }

    /// <summary>All sequence flows, in the order of the file.</summary>
    public ImmutableArray<GraphFlow> Flows { get; }

    /// <summary>Ids of the policies that its steps ask; pinned when an instance starts.</summary>
    public ImmutableArray<string> Policies { get; internal init; } = [];

    /// <summary>Form ids that its tasks show, each found among the sources.</summary>
    public ImmutableArray<string> Forms { get; internal init; } = [];

    /// <summary>Job types that workers must serve.</summary>
    public ImmutableArray<string> JobTypes { get; internal init; } = [];

    /// <summary>Which variables hold what class of data.</summary>
    public ImmutableArray<DataClass> DataClasses { get; internal init; } = [];

    /// <summary>Tag by which calls can name this version; null = none.</summary>
    public string? VersionTag { get; internal init; }

    /// <summary>Whether a business key may belong to one running instance of the process only.</summary>
    public bool UniqueBusinessKey { get; internal init; }

    /// <summary>Keys of the processes that it calls by name.</summary>
    public ImmutableArray<string> Calls { get; internal init; } = [];

    /// <summary>Start events and receive tasks that begin an instance when something happens outside.</summary>
    public ImmutableArray<GraphNode> Triggers { get; internal init; } = [];

    /// <summary>Where an instance begins when nothing else is said; empty when only a trigger can start it.</summary>
    internal ImmutableArray<GraphNode> Starts { get; init; } = [];

    /// <summary>Start events of the event sub-processes at process level.</summary>
    internal ImmutableArray<GraphNode> EventStarts { get; init; } = [];

    /// <summary>Inclusive gateways that join, which need a look whenever nothing else can move.</summary>
    internal ImmutableArray<GraphNode> InclusiveJoins { get; init; } = [];

    /// <summary>
    /// From where tokens can still come to an inclusive join. Found when one first waits there, not when the version is compiled: a file may hold thousands of joins, and an instance
    /// passes few of them. Two threads that ask at once find the same.
    /// </summary>
    internal JoinReach ReachOf(GraphNode join) => join.Reach ??= Reachability.OfIncoming(join, Nodes.Length);

    /// <summary>The node with this id, or null.</summary>
    public GraphNode? Node(string id) => _nodes.GetValueOrDefault(id);

    /// <summary>The sequence flow with this id, or null.</summary>
    public GraphFlow? Flow(string id) => _flows.GetValueOrDefault(id);

    /// <summary>What people call an element: its name, or its id where it has none.</summary>
    public string NameOf(string elementId) => _nodes.GetValueOrDefault(elementId)?.Title ?? elementId;
}

/// <summary>A class of data for one variable, or for a part of it.</summary>
/// <param name="Variable">Variable name.</param>
/// <param name="Path">Dotted path inside the variable; null = all of it.</param>
/// <param name="Class">Class, e.g. <c>personal</c>.</param>
/// <param name="Subject">Dotted path (from the variables) to the id of the person it is about; null = the instance's own subject.</param>
public sealed record DataClass(string Variable, string? Path, string Class, string? Subject)
{
    /// <summary>Whether values of this class are stored sealed.</summary>
    public bool IsPersonal => Class.StartsWith("personal", StringComparison.Ordinal) || Class is "special_category" or "secret";

    /// <summary>Whether an expression takes the value: its variable, and of a part of it also the part's name.</summary>
    internal bool IsIn(ProcessExpression expression) => expression.Names.Contains(Variable, StringComparer.Ordinal)
        && (Path is null || expression.Text.TrimStart('=').Trim() == Variable || expression.Text.Contains(Path[(Path.LastIndexOf('.') + 1)..], StringComparison.Ordinal));
}

/// <summary>A sequence flow.</summary>
public sealed class GraphFlow
{
    internal GraphFlow(string id, string? name, GraphNode source, GraphNode target, ProcessExpression? condition)
    {
        Id = id;
        Name = name;
        Source = source;
        Target = target;
        Condition = condition;
        Self = [id];
    }

    /// <summary>BPMN id.</summary>
    public string Id { get; }

    /// <summary>Label, or null.</summary>
    public string? Name { get; }

    /// <summary>Where it comes from.</summary>
    public GraphNode Source { get; }

    /// <summary>Where it goes to.</summary>
    public GraphNode Target { get; }

    /// <summary>Condition to take it; null = none.</summary>
    internal ProcessExpression? Condition { get; }

    /// <summary>Its own id as a list of one: the usual content of a fact, shared by all facts.</summary>
    internal ImmutableArray<string> Self { get; }
}

/// <summary>A flow node: event, activity or gateway.</summary>
public sealed class GraphNode
{
    internal GraphNode(string id, string? name, ElementKind kind, int index)
    {
        Id = id;
        Name = name;
        Kind = kind;
        Index = index;
    }

    /// <summary>BPMN id.</summary>
    public string Id { get; }

    /// <summary>Label, or null.</summary>
    public string? Name { get; }

    /// <summary>What people call it: its name, or its id.</summary>
    public string Title => string.IsNullOrWhiteSpace(Name) ? Id : Name;

    /// <summary>What it is and how it behaves.</summary>
    public ElementKind Kind { get; }

    /// <summary>Position among the graph's nodes.</summary>
    public int Index { get; }

    /// <summary>The sub-process around it; null at process level.</summary>
    public GraphNode? Parent { get; internal set; }

    /// <summary>The activity it is attached to (boundary events); null otherwise.</summary>
    public GraphNode? AttachedTo { get; internal set; }

    /// <summary>Whether a boundary event ends its activity.</summary>
    public bool Interrupting { get; internal set; } = true;

    /// <summary>Flows that come in.</summary>
    public ImmutableArray<GraphFlow> Incoming { get; internal set; } = [];

    /// <summary>Flows that go out, in the order of the file.</summary>
    public ImmutableArray<GraphFlow> Outgoing { get; internal set; } = [];

    /// <summary>The flow taken when no condition holds, or null.</summary>
    public GraphFlow? Default { get; internal set; }

    /// <summary>Boundary events attached to it.</summary>
    public ImmutableArray<GraphNode> Boundaries { get; internal set; } = [];

    /// <summary>Name of the message that it waits for, where it is no expression; null otherwise.</summary>
    public string? MessageName => Detail is MessageDetail { Name.IsFeel: false } message ? message.Name.Text : null;

    /// <summary>Name of the signal that it waits for or throws, where it is no expression; null otherwise.</summary>
    public string? SignalName => Detail is SignalDetail { Name.IsFeel: false } signal ? signal.Name.Text : null;

    /// <summary>Whether a message of this name triggers it, alone or as one of several triggers.</summary>
    public bool IsTriggeredByMessage(string name) => AnyOf<MessageDetail>().Any(m => !m.Name.IsFeel && m.Name.Text == name);

    /// <summary>Whether a signal of this name triggers it, alone or as one of several triggers.</summary>
    public bool IsTriggeredBySignal(string name) => AnyOf<SignalDetail>().Any(s => !s.Name.IsFeel && s.Name.Text == name);

    /// <summary>Whether it waits for a message whose key is made of personal data.</summary>
    internal bool HasPersonalKey => Detail switch
    {
        MessageDetail one => one.PersonalKey is not null,
        MultipleDetail several => several.Parts.OfType<MessageDetail>().Any(m => m.PersonalKey is not null),
        _ => false,
    };

    /// <summary>Its triggers of one kind, each of which suffices.</summary>
    internal IEnumerable<T> AnyOf<T>()
        where T : NodeDetail => Detail switch
        {
            T one => [one],
            MultipleDetail { All: false } several => several.Parts.OfType<T>(),
            _ => [],
        };

    /// <summary>Where a token inside a sub-process begins; empty otherwise.</summary>
    internal ImmutableArray<GraphNode> InnerStarts { get; set; } = [];

    /// <summary>Start events of the event sub-processes directly inside a sub-process.</summary>
    internal ImmutableArray<GraphNode> EventStarts { get; set; } = [];

    /// <summary>How an activity is repeated; null = it runs once.</summary>
    internal RepeatDetail? Repeat { get; set; }

    /// <summary>What undoes this activity; null = nothing.</summary>
    internal GraphNode? Handler { get; set; }

    /// <summary>Whether it only undoes another activity.</summary>
    internal bool IsHandler { get; set; }

    /// <summary>Whether it starts an instance by itself (receive tasks, event-based gateways).</summary>
    internal bool Instantiates { get; set; }

    /// <summary>Tokens consumed to begin once.</summary>
    internal int StartQuantity { get; set; } = 1;

    /// <summary>Tokens put on each outgoing flow.</summary>
    internal int CompletionQuantity { get; set; } = 1;

    /// <summary>What its kind needs to know.</summary>
    internal NodeDetail? Detail { get; set; }

    /// <summary>Variables made local on entry.</summary>
    internal ImmutableArray<VariableMapping> Inputs { get; set; } = [];

    /// <summary>Variables handed on when it ends; empty = the result as it is.</summary>
    internal ImmutableArray<VariableMapping> Outputs { get; set; } = [];

    /// <summary>The link events that go on here.</summary>
    internal ImmutableArray<GraphNode> LinkedFrom { get; set; } = [];

    /// <summary>For an inclusive join that a token has waited at: from where one could still arrive by which incoming flow.</summary>
    internal JoinReach? Reach { get; set; }

    /// <summary>Ids of all outgoing flows, shared by all facts.</summary>
    internal ImmutableArray<string> OutgoingIds { get; set; } = [];

    /// <summary>Ids of all incoming flows, shared by all facts.</summary>
    internal ImmutableArray<string> IncomingIds { get; set; } = [];
}
