using System.Collections.Immutable;

namespace Countersign.Domain.Processes.Bpmn;

/// <summary>Reads what stands inside a process or sub-process.</summary>
internal sealed class ScopeReader(ProcessModel model, BpmnDefinitions definitions, FindingList findings)
{
    /// <summary>Documentation and drawing: kept in the source, without effect on a run.</summary>
    private static readonly ImmutableHashSet<string> Inert = ["documentation", "extensionElements", "incoming", "outgoing", "laneSet", "dataObject", "dataObjectReference", "dataStoreReference",
        "association", "textAnnotation", "group", "auditing", "monitoring", "category", "supports",
        "ioSpecification", "dataInputAssociation", "dataOutputAssociation", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "completionCondition"];

    /// <summary>Data and resources that other means express here: said, not run.</summary>
    private static readonly ImmutableDictionary<string, string> SaidOtherwise = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["property"] = "Use variables.",
        ["ioBinding"] = "Use zeebe:ioMapping.",
        ["correlationSubscription"] = "Use zeebe:subscription correlationKey on the message.",
        ["resourceRole"] = "Use zeebe:assignmentDefinition.",
        ["performer"] = "Use zeebe:assignmentDefinition.",
        ["humanPerformer"] = "Use zeebe:assignmentDefinition.",
        ["potentialOwner"] = "Use zeebe:assignmentDefinition.",
        ["rendering"] = "Use zeebe:formDefinition.",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private static readonly ImmutableDictionary<string, ElementKind> Simple = new Dictionary<string, ElementKind>(StringComparer.Ordinal)
    {
        ["task"] = ElementKind.UndefinedTask,
        ["manualTask"] = ElementKind.ManualTask,
        ["serviceTask"] = ElementKind.ServiceTask,
        ["sendTask"] = ElementKind.SendTask,
        ["receiveTask"] = ElementKind.ReceiveTask,
        ["userTask"] = ElementKind.UserTask,
        ["businessRuleTask"] = ElementKind.BusinessRuleTask,
        ["scriptTask"] = ElementKind.ScriptTask,
        ["exclusiveGateway"] = ElementKind.ExclusiveGateway,
        ["parallelGateway"] = ElementKind.ParallelGateway,
        ["inclusiveGateway"] = ElementKind.InclusiveGateway,
        ["eventBasedGateway"] = ElementKind.EventBasedGateway,
        ["subProcess"] = ElementKind.SubProcess,
        ["transaction"] = ElementKind.Transaction,
        ["adHocSubProcess"] = ElementKind.AdHocSubProcess,
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>Elements of BPMN that are not run, as people call them.</summary>
    private static readonly ImmutableDictionary<string, string> NotRun = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["complexGateway"] = "A complex gateway",
        ["implicitThrowEvent"] = "An implicit throw event",
        ["subChoreography"] = "A sub-choreography",
        ["choreographyTask"] = "A choreography task",
        ["callChoreography"] = "A call choreography",
        ["event"] = "An event without a direction",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private readonly EventReader _events = new(definitions, findings);
    private readonly ActivityReader _activities = new(definitions, new EventReader(definitions, findings), findings);
    private int _unnamedFlows;

    public void Read(XmlTree scope, string? parent, bool isEventSubProcess = false)
    {
        foreach (var child in scope.Children)
        {
            if (child.Ns != BpmnNames.Model)
                findings.Error("bpmn.unknown-element", child["id"], $"The element '{child.Name}' is of the unknown namespace '{BpmnModelReader.Short(child.Ns)}'.", "Remove it, or move it into extensionElements.", child.Line);
            else if (child.Name == "sequenceFlow")
                ReadFlow(child, parent);
            else if (child.Name is "startEvent" or "endEvent" or "intermediateCatchEvent" or "intermediateThrowEvent" or "boundaryEvent")
                ReadEvent(child, parent, isEventSubProcess);
            else if (child.Name == "association")
                model.Associations.Add((child["sourceRef"] ?? "", child["targetRef"] ?? ""));
            else if (child.Name == "callActivity")
                ReadCall(child, parent);
            else if (child.Name == "subProcess" && child["triggeredByEvent"] == "true")
                ReadNode(child, ElementKind.EventSubProcess, parent);
            else if (Simple.TryGetValue(child.Name, out var kind))
                ReadNode(child, kind == ElementKind.SubProcess && IsEmpty(child) ? ElementKind.UndefinedTask : kind, parent);
            else
                Report(child, scope);
        }
    }

    /// <summary>A sub-process that is drawn and never opened has nothing to do: it passes, as the specification has it, and says so.</summary>
    private bool IsEmpty(XmlTree subProcess)
    {
        if (subProcess["id"] is null || subProcess.Children.Exists(c => c.Ns != BpmnNames.Model || c.Name == "sequenceFlow" || Lint.BpmnScan.FlowNodes.Contains(c.Name)))
            return false;
        findings.Warning("sub-process.empty", subProcess["id"], $"The sub-process '{Title(subProcess)}' is empty, so it passes at once.", "Draw what happens inside, or call a process.", subProcess.Line);
        return true;
    }

    private void ReadFlow(XmlTree flow, string? parent)
    {
        var condition = flow.Child("conditionExpression");
        var language = condition?["language"];
        if (language is not null && !IsFeel(language))
            findings.Error("flow.condition-language", flow["id"], $"The condition is written in '{BpmnModelReader.Short(language)}', which is not run.", "Write it in FEEL with a leading '='.", flow.Line);
        model.Flows.Add(new ModelFlow(flow["id"] ?? $"{model.Id}-flow-{++_unnamedFlows}", flow["sourceRef"] ?? "", flow["targetRef"] ?? "")
        {
            Name = flow["name"],
            Condition = string.IsNullOrWhiteSpace(condition?.Text) ? null : condition.Text,
            Parent = parent,
            Line = flow.Line,
        });
    }

    private void ReadNode(XmlTree element, ElementKind kind, string? parent)
    {
        if (!CheckPlain(element))
            return;
        var node = new ModelNode(element["id"]!, kind)
        {
            Name = element["name"],
            Parent = parent,
            Line = element.Line,
            DefaultFlow = element["default"],
            IsForCompensation = element["isForCompensation"] == "true",
            Instantiate = element["instantiate"] == "true",
            StartQuantity = element["startQuantity"] ?? "1",
            CompletionQuantity = element["completionQuantity"] ?? "1",
        };
        ReadExtensions(element, node);
        _activities.ReadRepeat(element, node);
        _activities.ReadData(element, node);
        var inside = ReadContent(element, node);
        if (!inside)
        {
            foreach (var child in element.Children.Where(c => c.Ns != BpmnNames.Model || !(Inert.Contains(c.Name) || (node.Kind == ElementKind.ScriptTask && c.Name == "script"))))
                Report(child, element);
        }

        model.Nodes.Add(node);
    }

    /// <summary>What belongs to one kind; true when its children are flow elements, read already.</summary>
    private bool ReadContent(XmlTree element, ModelNode node)
    {
        switch (node.Kind)
        {
            case ElementKind.ReceiveTask:
            case ElementKind.SendTask:
                _events.ReadMessage(element["messageRef"], node);
                return false;
            case ElementKind.ScriptTask:
                ReadScript(element, node);
                return false;
            case ElementKind.CallActivity:
                ActivityReader.ReadCall(element, node);
                return false;
            case ElementKind.AdHocSubProcess:
                ActivityReader.ReadAdHoc(element, node);
                Read(element, node.Id);
                return true;
            case ElementKind.SubProcess or ElementKind.Transaction or ElementKind.EventSubProcess:
                Read(element, node.Id, node.Kind == ElementKind.EventSubProcess);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A global task of the file runs where it is called: the call's place and flows, the task's content.</summary>
    private void ReadCall(XmlTree element, string? parent)
    {
        if (_activities.GlobalTask(element) is not { } task)
        {
            ReadNode(element, ElementKind.CallActivity, parent);
            return;
        }

        var kind = task.Name switch
        {
            "globalUserTask" => ElementKind.UserTask,
            "globalScriptTask" => ElementKind.ScriptTask,
            "globalBusinessRuleTask" => ElementKind.BusinessRuleTask,
            "globalManualTask" => ElementKind.ManualTask,
            _ => ElementKind.UndefinedTask,
        };
        var before = model.Nodes.Count;
        ReadNode(element, kind, parent);
        if (model.Nodes.Count == before)
            return;
        ReadExtensions(task, model.Nodes[^1]);
        ReadContent(task, model.Nodes[^1]);
    }

    private void ReadEvent(XmlTree element, string? parent, bool inEventSubProcess)
    {
        if (!CheckPlain(element) || _events.Read(element, parent, inEventSubProcess) is not { } node)
            return;
        ReadExtensions(element, node);
        foreach (var child in element.Children.Where(c => c.Ns != BpmnNames.Model || !(Inert.Contains(c.Name) || c.Name.EndsWith("EventDefinition", StringComparison.Ordinal) || c.Name == "eventDefinitionRef"
            || c.Name is "dataInput" or "dataOutput" or "inputSet" or "outputSet")))
            Report(child, element);
        model.Nodes.Add(node);
    }

    private void ReadScript(XmlTree element, ModelNode node)
    {
        if (node.Script is not null || node.JobType is not null || element.Child("script") is not { } script)
            return;
        if (element["scriptFormat"] is { } format && !IsFeel(format))
            findings.Error("script.language", node.Id, $"'{node.Title}' is written in '{BpmnModelReader.Short(format)}', and only FEEL is run inside the service.", "Write it in FEEL with a leading '=', or give the task a job type.", element.Line);
        else
            node.Script = element["scriptFormat"] is not null && !script.Text.StartsWith('=') ? "=" + script.Text : script.Text;
    }

    private void ReadExtensions(XmlTree element, ModelNode node)
    {
        foreach (var extension in element.All("extensionElements").SelectMany(e => e.Children))
            ExtensionReader.ReadNode(extension, node, findings);
    }

    /// <summary>Checks what every flow node can carry; false when it cannot be read further.</summary>
    private bool CheckPlain(XmlTree element)
    {
        ExtensionReader.CheckAttributes(element, findings);
        if (element["id"] is null)
        {
            findings.Error("element.no-id", null, $"The element '{element.Name}' at line {element.Line.ToString(System.Globalization.CultureInfo.InvariantCulture)} has no id.", "Give it one.", element.Line);
            return false;
        }

        Refuse(element, element["eventGatewayType"] == "Parallel", "An event-based gateway that waits for all events", "Use a parallel gateway before catching events.");
        return true;
    }

    private void Refuse(XmlTree element, bool when, string what, string remedy)
    {
        if (when)
            findings.Error("element.not-run", element["id"], $"{what} ('{Title(element)}') is not run.", remedy, element.Line);
    }

    private void Report(XmlTree child, XmlTree owner)
    {
        if (child.Ns != BpmnNames.Model)
        {
            findings.Error("bpmn.unknown-element", owner["id"], $"The element '{child.Name}' in '{Title(owner)}' is of the unknown namespace '{BpmnModelReader.Short(child.Ns)}'.", "Remove it, or move it into extensionElements.", child.Line);
            return;
        }

        if (Inert.Contains(child.Name))
            return;
        if (SaidOtherwise.TryGetValue(child.Name, out var remedy))
            findings.Warning("element.not-run", owner["id"], $"'{child.Name}' of '{Title(owner)}' is not run.", remedy, child.Line);
        else if (NotRun.TryGetValue(child.Name, out var what))
            findings.Error("element.not-run", child["id"], $"{what} ('{Title(child)}') is not run.", "Model it with other elements.", child.Line);
        else
            findings.Error("element.not-run", child["id"] ?? owner["id"], $"'{BpmnModelReader.Short(child.Name)}' in '{Title(owner)}' is not run.", "Remove it, or model it with other elements.", child.Line);
    }

    private static bool IsFeel(string language) => language.Contains("feel", StringComparison.OrdinalIgnoreCase);

    internal static string Title(XmlTree element) => BpmnModelReader.Short(element["name"] ?? element["id"] ?? element.Name);
}
