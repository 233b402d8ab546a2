namespace Countersign.Domain.Processes;

/// <summary>Checks that must hold before a graph can be made: ids, ends of flows, places of elements.</summary>
internal static class ModelLint
{
    /// <summary>More flow nodes than this are refused.</summary>
    private const int MaximumNodes = 10_000;

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
        if (IsEnd(source.Kind) || source.Kind == ElementKind.LinkThrow)
            findings.Error("flow.from-end", flow.Id, $"A sequence flow leaves '{source.Title}', where the path ends.", "Remove the flow.", flow.Line);
        if (target.Kind is ElementKind.NoneStart or ElementKind.LinkCatch || IsBoundary(target.Kind))
            findings.Error("flow.into-start", flow.Id, $"A sequence flow enters '{target.Title}', where a path begins.", "Remove the flow.", flow.Line);
        if (flow.Condition is not null && source.Kind is ElementKind.ParallelGateway or ElementKind.EventBasedGateway)
            findings.Error("flow.condition-place", flow.Id, $"A flow out of '{source.Title}' has a condition, which such a gateway does not look at.", "Remove the condition or use an exclusive or inclusive gateway.", flow.Line);
        if (flow.Condition is { } condition && !condition.TrimStart().StartsWith('='))
            findings.Error("flow.condition-language", flow.Id, "The condition is not FEEL.", "Write the condition in FEEL with a leading '='.", flow.Line);
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

        if (IsBoundary(node.Kind))
        {
            if (node.AttachedTo is null || !nodes.TryGetValue(node.AttachedTo, out var host) || !IsActivity(host.Kind) || host.Parent != node.Parent)
                findings.Error("boundary.host", node.Id, $"The boundary event '{node.Title}' is not attached to an activity beside it.", "Attach it to an activity.", node.Line);
            if (node.Kind == ElementKind.ErrorBoundary && !node.Interrupting)
                findings.Error("boundary.error-interrupts", node.Id, "An error boundary event always interrupts its activity.", "Set cancelActivity to true.", node.Line);
        }

        if (node.Kind == ElementKind.SubProcess)
            CheckStart(model, node.Id, node.Id, node.Line, findings);
        if (node.Kind == ElementKind.LinkThrow && model.Nodes.Count(n => n.Kind == ElementKind.LinkCatch && n.Parent == node.Parent && n.LinkName == node.LinkName) != 1)
            findings.Error("link.target", node.Id, $"The link '{node.LinkName}' must have exactly one place beside it where it goes on.", "Add or remove a link catch event of this name.", node.Line);
        if (node.Kind == ElementKind.EventBasedGateway)
            CheckEventGateway(node, model, nodes, findings);
    }

    private static void CheckEventGateway(ModelNode node, ProcessModel model, Dictionary<string, ModelNode> nodes, FindingList findings)
    {
        var targets = model.Flows.Where(f => f.SourceRef == node.Id).Select(f => nodes.GetValueOrDefault(f.TargetRef)).ToList();
        if (targets.Count < 2)
            findings.Error("event-gateway.two-events", node.Id, $"'{node.Title}' needs at least two events to choose from.", "Add a timer or message event behind it.", node.Line);
        foreach (var target in targets.OfType<ModelNode>().Where(t => t.Kind is not (ElementKind.TimerCatch or ElementKind.MessageCatch or ElementKind.ReceiveTask)))
            findings.Error("event-gateway.target", target.Id, $"Behind '{node.Title}' stands '{target.Title}', which waits for no event.", "Put only catching events and receive tasks behind it.", target.Line);
    }

    private static void CheckStart(ProcessModel model, string? parent, string id, int? line, FindingList findings)
    {
        var starts = model.Nodes.Count(n => n.Parent == parent && n.Kind == ElementKind.NoneStart);
        if (starts == 1)
            return;
        var what = parent is null ? "The process" : "The sub-process";
        if (starts == 0)
            findings.Error("start.missing", id, $"{what} has no start event.", "Add a start event without a trigger.", line);
        else
            findings.Error("start.several", id, $"{what} has {starts} start events without a trigger, so it is not clear where it begins.", "Keep one.", line);
    }

    private static bool IsEnd(ElementKind kind) => kind is ElementKind.NoneEnd or ElementKind.TerminateEnd or ElementKind.ErrorEnd or ElementKind.MessageEnd;

    private static bool IsBoundary(ElementKind kind) => kind is ElementKind.TimerBoundary or ElementKind.MessageBoundary or ElementKind.ErrorBoundary;

    private static bool IsActivity(ElementKind kind) => kind is ElementKind.UndefinedTask or ElementKind.ManualTask or ElementKind.ServiceTask or ElementKind.SendTask or ElementKind.ReceiveTask
        or ElementKind.UserTask or ElementKind.BusinessRuleTask or ElementKind.ScriptTask or ElementKind.SubProcess;
}
