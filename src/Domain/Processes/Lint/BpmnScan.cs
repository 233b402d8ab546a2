using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;

namespace Countersign.Domain.Processes.Lint;

/// <summary>A BPMN file prepared for rules: who contains whom, ids, and which flows touch which node.</summary>
internal sealed class BpmnScan
{
    public static readonly ImmutableHashSet<string> Tasks = ["task", "sendTask", "receiveTask", "serviceTask", "userTask", "manualTask", "scriptTask", "businessRuleTask"];
    public static readonly ImmutableHashSet<string> SubProcesses = ["subProcess", "transaction", "adHocSubProcess"];
    public static readonly ImmutableHashSet<string> Activities = Tasks.Union(SubProcesses).Add("callActivity");
    public static readonly ImmutableHashSet<string> Gateways = ["exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"];
    public static readonly ImmutableHashSet<string> Events = ["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "implicitThrowEvent", "event"];
    public static readonly ImmutableHashSet<string> Choreography = ["choreographyTask", "callChoreography", "subChoreography"];
    public static readonly ImmutableHashSet<string> FlowNodes = Activities.Union(Gateways).Union(Events).Union(Choreography);
    public static readonly ImmutableHashSet<string> Artifacts = ["association", "textAnnotation", "group"];

    /// <summary>Parts of an element that no diagram shows by themselves, ids or not.</summary>
    private static readonly ImmutableHashSet<string> Parts = ["conditionExpression", "condition", "completionCondition", "loopCondition", "loopCardinality", "timeDate", "timeDuration", "timeCycle",
        "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "ioSpecification", "inputSet", "outputSet", "participantMultiplicity", "complexBehaviorDefinition", "script",
        "resourceAssignmentExpression", "resourceParameterBinding", "formalExpression", "inputDataItem", "outputDataItem", "event"];

    private readonly Dictionary<XmlTree, XmlTree> _parents = [];
    private readonly Dictionary<string, XmlTree> _byId = new(StringComparer.Ordinal);
    private readonly ILookup<string, XmlTree> _byName;
    private readonly ILookup<XmlTree, XmlTree> _incoming;
    private readonly ILookup<XmlTree, XmlTree> _outgoing;
    private readonly Dictionary<(XmlTree Level, string Name), bool> _has = [];
    private readonly Dictionary<(XmlTree Node, string List), HashSet<XmlTree>> _listed = [];

    public BpmnScan(XmlTree root)
    {
        var all = new List<XmlTree>();
        var open = new Stack<XmlTree>([root]);
        while (open.TryPop(out var element))
        {
            if (element.Ns == BpmnNames.Model)
                all.Add(element);
            UsesDialect |= element.Ns is BpmnNames.Zeebe or BpmnNames.Own || BpmnNames.IsForeignEngine(element.Ns)
                || element.Attributes.Keys.Any(a => a.Ns == BpmnNames.Zeebe || BpmnNames.IsForeignEngine(a.Ns));
            if (element is { Ns: BpmnNames.Model } && element["id"] is { } id)
                _byId.TryAdd(id, element);
            for (var i = element.Children.Count - 1; i >= 0; i--)
            {
                _parents[element.Children[i]] = element;
                open.Push(element.Children[i]);
            }
        }

        Everything = all;
        _byName = all.ToLookup(e => e.Name, StringComparer.Ordinal);
        var flows = _byName["sequenceFlow"].ToList();
        _incoming = flows.Where(f => Find(f["targetRef"]) is not null).ToLookup(f => Find(f["targetRef"])!);
        _outgoing = flows.Where(f => Find(f["sourceRef"]) is not null).ToLookup(f => Find(f["sourceRef"])!);
    }

    /// <summary>Whether the file is written for an engine that says by extensions what plain BPMN says by interfaces and operations.</summary>
    public bool UsesDialect { get; }

    /// <summary>All BPMN elements, in the order of the file.</summary>
    public IReadOnlyList<XmlTree> Everything { get; }

    /// <summary>All BPMN elements of these names, in the order of the file.</summary>
    public IEnumerable<XmlTree> Named(params IEnumerable<string> names) => names.SelectMany(n => _byName[n]);

    public XmlTree? ParentOf(XmlTree element) => _parents.GetValueOrDefault(element);

    /// <summary>The element that a qualified name refers to; the prefix says nothing inside one file.</summary>
    public XmlTree? Find(string? reference) =>
        reference is null ? null : _byId.GetValueOrDefault(reference) ?? _byId.GetValueOrDefault(reference[(reference.IndexOf(':') + 1)..]);

    /// <summary>Sequence flows that end at a node.</summary>
    public IEnumerable<XmlTree> Incoming(XmlTree node) => _incoming[node];

    /// <summary>Sequence flows that begin at a node.</summary>
    public IEnumerable<XmlTree> Outgoing(XmlTree node) => _outgoing[node];

    /// <summary>Whether an element has a child of this name. Asked of each node about the level around it, so the answer is kept.</summary>
    public bool Has(XmlTree level, string name)
    {
        if (!_has.TryGetValue((level, name), out var has))
            _has[(level, name)] = has = level.Child(name) is not null;
        return has;
    }

    /// <summary>Whether a node names a flow in its list of incoming or outgoing ones. A gateway may have thousands, each of which asks.</summary>
    public bool Lists(XmlTree node, string list, XmlTree flow)
    {
        if (!_listed.TryGetValue((node, list), out var listed))
            _listed[(node, list)] = listed = [.. node.All(list).Select(l => Find(l.Text)).OfType<XmlTree>()];
        return listed.Contains(flow);
    }

    /// <summary>What triggers an event: its own definitions and the shared ones that it refers to.</summary>
    public IEnumerable<XmlTree> Definitions(XmlTree e) => e.Children.Where(IsDefinition).Concat(e.All("eventDefinitionRef").Select(r => Find(r.Text)).OfType<XmlTree>().Where(IsDefinition));

    /// <summary>Whether an event has a definition or refers to one, found or not.</summary>
    public static bool HasDefinition(XmlTree e) => e.Children.Exists(c => IsDefinition(c) || c.IsBpmn("eventDefinitionRef"));

    public XmlTree? ProcessOf(XmlTree element)
    {
        var at = element;
        while (at is not null && !at.IsBpmn("process"))
            at = ParentOf(at);
        return at;
    }

    /// <summary>Whether a process says that it is executed.</summary>
    public bool IsExecuted(XmlTree element) => ProcessOf(element)?["isExecutable"] == "true";

    /// <summary>The element itself, or the nearest around it, that has an id and that a diagram or a list of definitions shows.</summary>
    public XmlTree? Shown(XmlTree element)
    {
        XmlTree? at = element;
        while (at is not null && (at["id"] is null || Parts.Contains(at.Name) || (IsDefinition(at) && ParentOf(at)?.Name != "definitions")))
            at = ParentOf(at);
        return at?.Name == "definitions" ? null : at;
    }

    public static bool IsDefinition(XmlTree element) => element.Ns == BpmnNames.Model && element.Name.EndsWith("EventDefinition", StringComparison.Ordinal);

    /// <summary>What kind of trigger a definition is, e.g. <c>timer</c>.</summary>
    public static string Trigger(XmlTree definition) => definition.Name[..^"EventDefinition".Length];

    public static string Title(XmlTree element) => BpmnModelReader.Short(element["name"] ?? element["id"] ?? element.Name);

    /// <summary>Whether a text is computed when the process runs, in whatever language, so that it cannot be judged now.</summary>
    public static bool IsComputed(string text) => text.TrimStart().StartsWith('=') || text.Contains("${", StringComparison.Ordinal) || text.Contains("#{", StringComparison.Ordinal);
}
