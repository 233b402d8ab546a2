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
        var index = new ModelIndex(model);
        foreach (var flow in model.Flows)
            CheckFlow(flow, index, findings);
        foreach (var node in model.Nodes)
            CheckNode(node, index, findings);
        CheckStart(index, null, model.Id, model.Line, findings);
    }

    /// <summary>Whether a graph can be made of a model at all: everything that is named is there, once.</summary>
    public static bool CanBeBuilt(ProcessModel model)
    {
        if (model.Nodes.Count > MaximumNodes)
            return false;
        var index = new ModelIndex(model);
        return model.Nodes.TrueForAll(n => index.Node(n.Id) == n)
            && model.Flows.TrueForAll(f => index.Flow(f.Id) == f && index.Node(f.SourceRef) is not null && index.Node(f.TargetRef) is not null)
            && model.Nodes.TrueForAll(n => (n.Parent is null || index.Node(n.Parent) is not null)
                && (n.DefaultFlow is null || index.Flow(n.DefaultFlow)?.SourceRef == n.Id)
                && (!ElementKinds.IsBoundary(n.Kind) || (n.AttachedTo is { } host && index.Node(host) is { } activity && ElementKinds.IsActivity(activity.Kind)))
                && (n.Kind != ElementKind.LinkThrow || index.LinkTargets(n).Count() == 1));
    }

    private static void CheckIds(ProcessModel model, FindingList findings)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { model.Id };
        foreach (var (id, line) in model.Nodes.Select(n => (n.Id, n.Line)).Concat(model.Flows.Select(f => (f.Id, f.Line))))
        {
            if (!seen.Add(id))
                findings.Error("element.duplicate-id", id, $"The id '{id}' is used more than once.", "Give each element its own id.", line);
        }
    }

    private static void CheckFlow(ModelFlow flow, ModelIndex index, FindingList findings)
    {
        var source = index.Node(flow.SourceRef);
        var target = index.Node(flow.TargetRef);
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

    private static void CheckNode(ModelNode node, ModelIndex index, FindingList findings)
    {
        if (node.DefaultFlow is { } standard)
        {
            var flow = index.Flow(standard);
            if (flow?.SourceRef != node.Id)
                findings.Error("flow.default", node.Id, $"The default flow '{standard}' does not leave '{node.Title}'.", "Choose one of its outgoing flows.", node.Line);
            else if (flow.Condition is not null)
                findings.Error("flow.default-condition", flow.Id, "The default flow has a condition.", "Remove the condition: the default flow is taken when no other is.", flow.Line);
        }

        if (ElementKinds.IsBoundary(node.Kind))
        {
            if (node.AttachedTo is null || index.Node(node.AttachedTo) is not { } host || !ElementKinds.IsActivity(host.Kind) || host.Parent != node.Parent)
                findings.Error("boundary.host", node.Id, $"The boundary event '{node.Title}' is not attached to an activity beside it.", "Attach it to an activity.", node.Line);
            if (node.Kind == ElementKind.ErrorBoundary && !node.Interrupting)
                findings.Error("boundary.error-interrupts", node.Id, "An error boundary event always interrupts its activity.", "Set cancelActivity to true.", node.Line);
            if (node.Kind == ElementKind.CancelBoundary && node.AttachedTo is { } on && index.Node(on) is { Kind: not ElementKind.Transaction })
                findings.Error("cancel.place", node.Id, $"The cancel event '{node.Title}' is not attached to a transaction.", "Attach it to one, or use another event.", node.Line);
        }

        if (node.Kind == ElementKind.CancelEnd && !(node.Parent is { } scope && index.Node(scope) is { Kind: ElementKind.Transaction }))
            findings.Error("cancel.place", node.Id, $"The cancel event '{node.Title}' is not inside a transaction.", "Move it into one, or use another event.", node.Line);
        if (node.Kind is ElementKind.SubProcess or ElementKind.Transaction)
            CheckStart(index, node.Id, node.Id, node.Line, findings);
        if (node.Kind == ElementKind.EventSubProcess)
            CheckEventSubProcess(node, index, findings);
        if (node.Kind == ElementKind.AdHocSubProcess && !index.Inside(node.Id).Any(n => ElementKinds.IsActivity(n.Kind)))
            findings.Error("ad-hoc.empty", node.Id, $"The ad-hoc sub-process '{node.Title}' has no activity.", "Add one.", node.Line);
        if (node.Kind == ElementKind.LinkThrow && index.LinkTargets(node).Count() != 1)
            findings.Error("link.target", node.Id, $"The link '{node.LinkName}' must have exactly one place beside it where it goes on.", "Add or remove a link catch event of this name.", node.Line);
        if (node.Kind == ElementKind.EventBasedGateway)
            CheckEventGateway(node, index, findings);
    }

    private static void CheckEventGateway(ModelNode node, ModelIndex index, FindingList findings)
    {
        var targets = index.From(node.Id).Select(f => index.Node(f.TargetRef)).ToList();
        if (targets.Count < 2)
            findings.Error("event-gateway.two-events", node.Id, $"'{node.Title}' needs at least two events to choose from.", "Add a timer or message event behind it.", node.Line);
        foreach (var target in targets.OfType<ModelNode>().Where(t => t.Kind != ElementKind.ReceiveTask && !ElementKinds.IsCatch(t.Kind)))
            findings.Error("event-gateway.target", target.Id, $"Behind '{node.Title}' stands '{target.Title}', which waits for no event.", "Put only catching events and receive tasks behind it.", target.Line);
    }

    private static void CheckStart(ModelIndex index, string? parent, string id, int? line, FindingList findings)
    {
        var inside = index.Inside(parent).ToList();
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
        var implied = inside.Exists(n => ElementKinds.IsActivity(n.Kind) && !index.IsEntered(n.Id)) && !inside.Exists(n => n.Kind == ElementKind.NoneEnd);
        if (parent is null ? !triggered && !implied : triggered || !implied)
            findings.Error("start.missing", id, $"{what} has no start event{(triggered ? " without a trigger" : "")}.", "Add a start event without a trigger.", line);
    }

    private static void CheckEventSubProcess(ModelNode node, ModelIndex index, FindingList findings)
    {
        var starts = index.Inside(node.Id).Where(n => ElementKinds.IsStart(n.Kind)).ToList();
        if (starts.Count != 1 || !ElementKinds.IsTriggeredStart(starts[0].Kind))
            findings.Error("event-sub-process.start", node.Id, $"The event sub-process '{node.Title}' must have exactly one start event, with a trigger.", "Give it one start event of the event it waits for.", node.Line);
        else if (starts[0] is { Kind: ElementKind.ErrorStart, Interrupting: false })
            findings.Error("event-sub-process.error", starts[0].Id, $"The error start event '{starts[0].Title}' must interrupt.", "Set isInterrupting to true.", starts[0].Line);
        if (index.Touching(node.Id) is { } flow)
            findings.Error("event-sub-process.flow", flow.Id, $"A sequence flow touches the event sub-process '{node.Title}', which only its event starts.", "Remove the flow.", flow.Line);
        if (index.AttachedTo(node.Id).FirstOrDefault() is { } boundary)
            findings.Error("event-sub-process.boundary", boundary.Id, $"'{boundary.Title}' is attached to an event sub-process.", "Attach it to the sub-process around it.", boundary.Line);
    }
}
