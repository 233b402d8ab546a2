using Countersign.Domain.Processes.Import;

namespace Countersign.Domain.Processes;

/// <summary>Checks that must hold before a graph can be made: ids, ends of flows, places of elements.</summary>
internal static class ModelLint
{
    /// <summary>More flow nodes than this are refused.</summary>
    public const int MaximumNodes = 10_000;

    public static void Check(ProcessModel model, FindingList findings)
    {
        if (model.Nodes.Count > MaximumNodes)
        {
            findings.Error("process.too-large", model.Id, $"The process has {model.Nodes.Count} flow nodes; {MaximumNodes} are allowed.", "Split it into several processes.", model.Line);
            return;
        }

        CheckIds(model, findings);
        if (findings.HasErrors)
            return;
        var nodes = model.Nodes.ToDictionary(n => n.Id, StringComparer.Ordinal);
        foreach (var flow in model.Flows)
            CheckFlow(flow, nodes, findings);
        foreach (var node in model.Nodes)
            CheckNode(node, model, nodes, findings);
        CheckStart(model, null, model.Id, model.Line, findings);
    }

    /// <summary>Whether a graph can be made of a model at all: everything that is named is there, once.</summary>
    public static bool CanBeBuilt(ProcessModel model)
    {
        var nodes = new Dictionary<string, ModelNode>(StringComparer.Ordinal);
        var flows = new HashSet<string>(StringComparer.Ordinal);
        return model.Nodes.Count <= MaximumNodes
            && model.Nodes.TrueForAll(n => nodes.TryAdd(n.Id, n))
            && model.Flows.TrueForAll(f => flows.Add(f.Id) && nodes.ContainsKey(f.SourceRef) && nodes.ContainsKey(f.TargetRef))
            && model.Nodes.TrueForAll(n => (n.Parent is null || nodes.ContainsKey(n.Parent))
                && (n.DefaultFlow is null || model.Flows.Exists(f => f.Id == n.DefaultFlow && f.SourceRef == n.Id))
                && (!ElementKinds.IsBoundary(n.Kind) || (n.AttachedTo is { } host && nodes.TryGetValue(host, out var activity) && ElementKinds.IsActivity(activity.Kind)))
                && (n.Kind != ElementKind.LinkThrow || LinkTargets(model, n) == 1));
    }

    private static int LinkTargets(ProcessModel model, ModelNode node) => model.Nodes.Count(n => n.Kind == ElementKind.LinkCatch && n.Parent == node.Parent && n.LinkName == node.LinkName);

    private static void CheckIds(ProcessModel model, FindingList findings)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { model.Id };
        foreach (var (id, line) in model.Nodes.Select(n => (n.Id, n.Line)).Concat(model.Flows.Select(f => (f.Id, f.Line))))
        {
            if (!seen.Add(id))
                findings.Error("element.duplicate-id", id, $"The id '{id}' is used more than once.", "Give each element its own id.", line);
        }
    }

    private static void CheckFlow(ModelFlow flow, Dictionary<string, ModelNode> nodes, FindingList findings)
    {
        var source = nodes.GetValueOrDefault(flow.SourceRef);
        var target = nodes.GetValueOrDefault(flow.TargetRef);
        if (source is null)
            findings.Error("flow.dangling-source", flow.Id, $"The sequence flow begins at '{flow.SourceRef}', which is no flow node of this process.", "Connect its beginning.", flow.Line);
        if (target is null)
            findings.Error("flow.dangling-target", flow.Id, $"The sequence flow ends at '{flow.TargetRef}', which is no flow node of this process.", "Connect its end.", flow.Line);
        if (source is null || target is null)
            return;
        if (source.Parent != target.Parent)
            findings.Error("flow.crosses-boundary", flow.Id, "The sequence flow crosses the border of a sub-process.", "Connect elements of the same sub-process, or use events.", flow.Line);
        if (ElementKinds.IsEnd(source.Kind) || source.Kind == ElementKind.LinkThrow)
            findings.Error("flow.from-end", flow.Id, $"A sequence flow leaves '{source.Title}', where the path ends.", "Remove the flow.", flow.Line);
        if (target.Kind is ElementKind.LinkCatch || ElementKinds.IsStart(target.Kind) || ElementKinds.IsBoundary(target.Kind))
            findings.Error("flow.into-start", flow.Id, $"A sequence flow enters '{target.Title}', where a path begins.", "Remove the flow.", flow.Line);
        if (flow.Condition is not null && source.Kind is ElementKind.ParallelGateway or ElementKind.EventBasedGateway)
            findings.Error("flow.condition-place", flow.Id, $"A flow out of '{source.Title}' has a condition, which such a gateway does not look at.", "Remove the condition or use an exclusive or inclusive gateway.", flow.Line);
        if (flow.Condition is { } condition && !ExpressionText.IsComputed(condition))
            findings.Error("flow.condition-language", flow.Id, "The condition is not FEEL" + (Juel.IsIn(condition) ? ", and JUEL that is not read as it stands: " + Juel.Read(condition).Problem : "."), "Write the condition in FEEL with a leading '='.", flow.Line);
    }

    private static void CheckNode(ModelNode node, ProcessModel model, Dictionary<string, ModelNode> nodes, FindingList findings)
    {
        if (node.DefaultFlow is { } standard)
        {
            var flow = model.Flows.Find(f => f.Id == standard);
            if (flow?.SourceRef != node.Id)
                findings.Error("flow.default", node.Id, $"The default flow '{standard}' does not leave '{node.Title}'.", "Choose one of its outgoing flows.", node.Line);
            else if (flow.Condition is not null)
                findings.Error("flow.default-condition", flow.Id, "The default flow has a condition.", "Remove the condition: the default flow is taken when no other is.", flow.Line);
        }

        if (ElementKinds.IsBoundary(node.Kind))
        {
            if (node.AttachedTo is null || !nodes.TryGetValue(node.AttachedTo, out var host) || !ElementKinds.IsActivity(host.Kind) || host.Parent != node.Parent)
                findings.Error("boundary.host", node.Id, $"The boundary event '{node.Title}' is not attached to an activity beside it.", "Attach it to an activity.", node.Line);
            if (node.Kind == ElementKind.ErrorBoundary && !node.Interrupting)
                findings.Error("boundary.error-interrupts", node.Id, "An error boundary event always interrupts its activity.", "Set cancelActivity to true.", node.Line);
            if (node.Kind == ElementKind.CancelBoundary && node.AttachedTo is { } on && nodes.TryGetValue(on, out var transaction) && transaction.Kind != ElementKind.Transaction)
                findings.Error("cancel.place", node.Id, $"The cancel event '{node.Title}' is not attached to a transaction.", "Attach it to one, or use another event.", node.Line);
        }

        if (node.Kind == ElementKind.CancelEnd && !(node.Parent is { } scope && nodes[scope].Kind == ElementKind.Transaction))
            findings.Error("cancel.place", node.Id, $"The cancel event '{node.Title}' is not inside a transaction.", "Move it into one, or use another event.", node.Line);
        if (node.Kind is ElementKind.SubProcess or ElementKind.Transaction)
            CheckStart(model, node.Id, node.Id, node.Line, findings);
        if (node.Kind == ElementKind.EventSubProcess)
            CheckEventSubProcess(node, model, findings);
        if (node.Kind == ElementKind.AdHocSubProcess && !model.Nodes.Exists(n => n.Parent == node.Id && ElementKinds.IsActivity(n.Kind)))
            findings.Error("ad-hoc.empty", node.Id, $"The ad-hoc sub-process '{node.Title}' has no activity.", "Add one.", node.Line);
        if (node.Kind == ElementKind.LinkThrow && LinkTargets(model, node) != 1)
            findings.Error("link.target", node.Id, $"The link '{node.LinkName}' must have exactly one place beside it where it goes on.", "Add or remove a link catch event of this name.", node.Line);
        if (node.Kind == ElementKind.EventBasedGateway)
            CheckEventGateway(node, model, nodes, findings);
    }

    private static void CheckEventGateway(ModelNode node, ProcessModel model, Dictionary<string, ModelNode> nodes, FindingList findings)
    {
        var targets = model.Flows.Where(f => f.SourceRef == node.Id).Select(f => nodes.GetValueOrDefault(f.TargetRef)).ToList();
        if (targets.Count < 2)
            findings.Error("event-gateway.two-events", node.Id, $"'{node.Title}' needs at least two events to choose from.", "Add a timer or message event behind it.", node.Line);
        foreach (var target in targets.OfType<ModelNode>().Where(t => t.Kind != ElementKind.ReceiveTask && !ElementKinds.IsCatch(t.Kind)))
            findings.Error("event-gateway.target", target.Id, $"Behind '{node.Title}' stands '{target.Title}', which waits for no event.", "Put only catching events and receive tasks behind it.", target.Line);
    }

    private static void CheckStart(ProcessModel model, string? parent, string id, int? line, FindingList findings)
    {
        var inside = model.Nodes.Where(n => n.Parent == parent).ToList();
        // No instance is there that could remember the first trigger until the last one comes.
        foreach (var all in inside.Where(n => parent is null && n is { Kind: ElementKind.MultipleStart, ParallelMultiple: true }))
            findings.Error("element.not-run", all.Id, $"A start of a process that waits for several triggers at once ('{all.Title}') is not run.", "Start by one of them, and wait for the others behind it.", all.Line);
        var starts = inside.Count(n => n.Kind == ElementKind.NoneStart);
        if (starts == 1)
            return;
        var what = parent is null ? "The process" : "The sub-process";
        if (starts > 1)
        {
            findings.Error("start.several", id, $"{what} has {starts} start events without a trigger, so it is not clear where it begins.", "Keep one.", line);
            return;
        }

        var triggered = inside.Exists(n => ElementKinds.IsTriggeredStart(n.Kind) || n.Instantiate);
        // Without any start event a path begins at everything that nothing leads to.
        var reached = model.Flows.Select(f => f.TargetRef).ToHashSet(StringComparer.Ordinal);
        var implied = inside.Exists(n => ElementKinds.IsActivity(n.Kind) && !reached.Contains(n.Id)) && !inside.Exists(n => n.Kind == ElementKind.NoneEnd);
        if (parent is null ? !triggered && !implied : triggered || !implied)
            findings.Error("start.missing", id, $"{what} has no start event{(triggered ? " without a trigger" : "")}.", "Add a start event without a trigger.", line);
    }

    private static void CheckEventSubProcess(ModelNode node, ProcessModel model, FindingList findings)
    {
        var starts = model.Nodes.Where(n => n.Parent == node.Id && ElementKinds.IsStart(n.Kind)).ToList();
        if (starts.Count != 1 || !ElementKinds.IsTriggeredStart(starts[0].Kind))
            findings.Error("event-sub-process.start", node.Id, $"The event sub-process '{node.Title}' must have exactly one start event, with a trigger.", "Give it one start event of the event it waits for.", node.Line);
        else if (starts[0] is { Kind: ElementKind.ErrorStart, Interrupting: false })
            findings.Error("event-sub-process.error", starts[0].Id, $"The error start event '{starts[0].Title}' must interrupt.", "Set isInterrupting to true.", starts[0].Line);
        if (model.Flows.Find(f => f.SourceRef == node.Id || f.TargetRef == node.Id) is { } flow)
            findings.Error("event-sub-process.flow", flow.Id, $"A sequence flow touches the event sub-process '{node.Title}', which only its event starts.", "Remove the flow.", flow.Line);
        if (model.Nodes.Find(n => n.AttachedTo == node.Id) is { } boundary)
            findings.Error("event-sub-process.boundary", boundary.Id, $"'{boundary.Title}' is attached to an event sub-process.", "Attach it to the sub-process around it.", boundary.Line);
    }
}
