namespace Countersign.Domain.Processes;

/// <summary>
/// Where things of a model are, found once: a file of ten thousand elements asks tens of thousands of such questions, and looking through all elements for each would cost seconds.
/// Where ids are given twice, the first counts, as in a search from the beginning.
/// </summary>
internal sealed class ModelIndex
{
    private readonly Dictionary<string, ModelNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelFlow> _flows = new(StringComparer.Ordinal);
    private readonly ILookup<string?, ModelNode> _inside;
    private readonly ILookup<string, ModelNode> _attached;
    private readonly ILookup<(string? Scope, string? Name), ModelNode> _linkTargets;
    private readonly ILookup<string, ModelFlow> _going;
    private readonly HashSet<string> _entered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelFlow> _touching = new(StringComparer.Ordinal);
    private readonly ILookup<string, string> _associations;

    public ModelIndex(ProcessModel model)
    {
        foreach (var node in model.Nodes)
            _nodes.TryAdd(node.Id, node);
        foreach (var flow in model.Flows)
        {
            _flows.TryAdd(flow.Id, flow);
            _touching.TryAdd(flow.SourceRef, flow);
            _touching.TryAdd(flow.TargetRef, flow);
            _entered.Add(flow.TargetRef);
        }

        _inside = model.Nodes.ToLookup(n => n.Parent, StringComparer.Ordinal);
        _attached = model.Nodes.Where(n => n.AttachedTo is not null).ToLookup(n => n.AttachedTo!, StringComparer.Ordinal);
        _linkTargets = model.Nodes.Where(n => n.Kind == ElementKind.LinkCatch).ToLookup(n => (n.Parent, n.LinkName));
        _going = model.Flows.ToLookup(f => f.SourceRef, StringComparer.Ordinal);
        _associations = model.Associations.ToLookup(a => a.Source, a => a.Target, StringComparer.Ordinal);
    }

    public ModelNode? Node(string id) => _nodes.GetValueOrDefault(id);

    public ModelFlow? Flow(string id) => _flows.GetValueOrDefault(id);

    /// <summary>The nodes directly in a scope (null: in the process itself), in the order of the file.</summary>
    public IEnumerable<ModelNode> Inside(string? scope) => _inside[scope];

    /// <summary>The boundary events of an activity.</summary>
    public IEnumerable<ModelNode> AttachedTo(string id) => _attached[id];

    /// <summary>Where a link can go on.</summary>
    public IEnumerable<ModelNode> LinkTargets(ModelNode link) => _linkTargets[(link.Parent, link.LinkName)];

    /// <summary>The flows that begin at a node.</summary>
    public IEnumerable<ModelFlow> From(string id) => _going[id];

    /// <summary>Whether any flow ends at a node.</summary>
    public bool IsEntered(string id) => _entered.Contains(id);

    /// <summary>What associations lead to from an element.</summary>
    public IEnumerable<string> AssociatedWith(string id) => _associations[id];

    /// <summary>The first flow that begins or ends at a node.</summary>
    public ModelFlow? Touching(string id) => _touching.GetValueOrDefault(id);
}
