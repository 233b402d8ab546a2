using System.Collections.Immutable;

namespace Countersign.Domain.Processes.Bpmn;

/// <summary>Reads what stands inside a process or sub-process.</summary>
internal sealed class ScopeReader(ProcessModel model, BpmnDefinitions definitions, FindingList findings)
{
    /// <summary>Documentation and drawing: kept in the source, without effect on a run.</summary>
    private static readonly ImmutableHashSet<string> Inert = ["documentation", "extensionElements", "incoming", "outgoing", "laneSet", "dataObject", "dataObjectReference", "dataStoreReference",
        "association", "textAnnotation", "group", "auditing", "monitoring", "category", "supports"];

    /// <summary>Data and resources that other means express here: said, not run.</summary>
    private static readonly ImmutableDictionary<string, string> SaidOtherwise = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["property"] = "Use variables.",
        ["ioSpecification"] = "Use zeebe:ioMapping.",
        ["ioBinding"] = "Use zeebe:ioMapping.",
        ["dataInputAssociation"] = "Use zeebe:ioMapping.",
        ["dataOutputAssociation"] = "Use zeebe:ioMapping.",
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
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>Elements of BPMN that are not run, as people call them.</summary>
    private static readonly ImmutableDictionary<string, string> NotRun = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["complexGateway"] = "A complex gateway",
        ["callActivity"] = "A call activity",
        ["transaction"] = "A transaction sub-process",
        ["adHocSubProcess"] = "An ad-hoc sub-process",
        ["implicitThrowEvent"] = "An implicit throw event",
        ["subChoreography"] = "A sub-choreography",
        ["choreographyTask"] = "A choreography task",
        ["callChoreography"] = "A call choreography",
        ["event"] = "An event without a direction",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private int _unnamedFlows;

    public void Read(XmlTree scope, string? parent)
    {
        foreach (var child in scope.Children)
        {
            if (child.Ns != BpmnNames.Model)
                findings.Error("bpmn.unknown-element", child["id"], $"The element '{child.Name}' is of the unknown namespace '{BpmnModelReader.Short(child.Ns)}'.", "Remove it, or move it into extensionElements.", child.Line);
            else if (child.Name == "sequenceFlow")
                ReadFlow(child, parent);
            else if (child.Name is "startEvent" or "endEvent" or "intermediateCatchEvent" or "intermediateThrowEvent" or "boundaryEvent")
                ReadEvent(child, parent);
            else if (Simple.TryGetValue(child.Name, out var kind))
                ReadNode(child, kind, parent);
            else
                Report(child, scope);
        }
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
        var node = new ModelNode(element["id"]!, kind) { Name = element["name"], Parent = parent, Line = element.Line, DefaultFlow = element["default"] };
        ReadExtensions(element, node);
        switch (kind)
        {
            case ElementKind.ReceiveTask:
                ReadMessage(element["messageRef"], node);
                break;
            case ElementKind.ScriptTask:
                ReadScript(element, node);
                break;
            case ElementKind.SubProcess:
                Read(element, node.Id);
                break;
        }

        if (kind != ElementKind.SubProcess)
        {
            foreach (var child in element.Children.Where(c => c.Ns != BpmnNames.Model || !(Inert.Contains(c.Name) || (kind == ElementKind.ScriptTask && c.Name == "script"))))
                Report(child, element);
        }

        model.Nodes.Add(node);
    }

    private void ReadEvent(XmlTree element, string? parent)
    {
        if (!CheckPlain(element))
            return;
        var definition = Definition(element, out var understood);
        if (!understood)
            return;
        if (EventKinds.Of(element.Name, definition?.Name) is not { } kind)
        {
            findings.Error("element.not-run", element["id"], $"{EventKinds.Describe(element.Name, definition?.Name)} ('{Title(element)}') is not run.", EventKinds.Remedy(element.Name, parent is not null), element.Line);
            return;
        }

        var node = new ModelNode(element["id"]!, kind)
        {
            Name = element["name"],
            Parent = parent,
            Line = element.Line,
            AttachedTo = element["attachedToRef"],
            Interrupting = element["cancelActivity"] != "false",
        };
        ReadExtensions(element, node);
        if (definition is not null)
            ReadDefinition(element, definition, node);
        foreach (var child in element.Children.Where(c => c.Ns != BpmnNames.Model || !(Inert.Contains(c.Name) || c.Name.EndsWith("EventDefinition", StringComparison.Ordinal) || c.Name == "eventDefinitionRef"
            || c.Name is "dataInput" or "dataOutput" or "inputSet" or "outputSet")))
            Report(child, element);
        model.Nodes.Add(node);
    }

    private XmlTree? Definition(XmlTree element, out bool understood)
    {
        var found = element.Children.Where(c => c.Ns == BpmnNames.Model && c.Name.EndsWith("EventDefinition", StringComparison.Ordinal)).ToList();
        understood = true;
        foreach (var reference in element.All("eventDefinitionRef"))
        {
            if (definitions.EventDefinition(reference.Text) is { } shared)
            {
                found.Add(shared);
                continue;
            }

            findings.Error("event.definition-missing", element["id"], $"'{Title(element)}' refers to the event definition '{BpmnModelReader.Short(reference.Text)}', which is not in the file.", "Choose one that is.", element.Line);
            understood = false;
        }

        if (found.Count > 1)
        {
            findings.Error("element.not-run", element["id"], $"An event with several triggers ('{Title(element)}') is not run.", "Use one event for each trigger.", element.Line);
            understood = false;
        }

        return found.FirstOrDefault();
    }

    private void ReadDefinition(XmlTree element, XmlTree definition, ModelNode node)
    {
        switch (node.Kind)
        {
            case ElementKind.TimerCatch or ElementKind.TimerBoundary:
                ReadTimer(definition, node);
                break;
            case ElementKind.MessageCatch or ElementKind.MessageBoundary:
                ReadMessage(definition["messageRef"], node);
                break;
            case ElementKind.ErrorEnd or ElementKind.ErrorBoundary when definition["errorRef"] is { } reference:
                if (definitions.Find(reference, "error") is { } error)
                    node.ErrorCode = error["errorCode"] ?? error["id"];
                else
                    findings.Error("error.not-found", node.Id, $"'{node.Title}' refers to the error '{reference}', which is not in the file.", "Choose one that is.", element.Line);
                break;
            case ElementKind.LinkThrow or ElementKind.LinkCatch:
                node.LinkName = definition["name"] ?? "";
                break;
        }
    }

    private void ReadTimer(XmlTree definition, ModelNode node)
    {
        foreach (var (name, kind) in new[] { ("timeDate", TimerKind.Date), ("timeDuration", TimerKind.Duration), ("timeCycle", TimerKind.Cycle) })
        {
            if (definition.Child(name) is not { } text)
                continue;
            if (node.TimerText is not null)
                findings.Error("timer.several", node.Id, $"The timer '{node.Title}' has more than one of date, duration and cycle.", "Keep one.", definition.Line);
            node.TimerKind = kind;
            node.TimerText = text.Text;
        }
    }

    private void ReadMessage(string? reference, ModelNode node)
    {
        if (definitions.Find(reference, "message") is not { } message)
        {
            if (reference is not null)
                findings.Error("message.not-found", node.Id, $"'{node.Title}' refers to the message '{reference}', which is not in the file.", "Choose one that is.", node.Line);
            return;
        }

        node.MessageName = message["name"];
        node.CorrelationKey = message.All("extensionElements").SelectMany(e => e.Children).FirstOrDefault(e => e.Ns == BpmnNames.Zeebe && e.Name == "subscription")?["correlationKey"];
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

        Refuse(element, element["triggeredByEvent"] == "true", "An event sub-process", "Use a boundary event on a sub-process.");
        Refuse(element, element["isForCompensation"] == "true", "A compensation handler", "Model what undoes the work as an ordinary path.");
        Refuse(element, element["instantiate"] == "true", "An element that starts the process by itself", "Begin with a start event without a trigger.");
        Refuse(element, element["startQuantity"] is not (null or "1") || element["completionQuantity"] is not (null or "1"), "A start or completion quantity other than 1", "Use gateways.");
        Refuse(element, element["eventGatewayType"] == "Parallel", "An event-based gateway that waits for all events", "Use a parallel gateway before catching events.");
        Refuse(element, element["parallelMultiple"] == "true", "An event that waits for several triggers at once", "Use a parallel gateway before catching events.");
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
        else if (child.Name is "multiInstanceLoopCharacteristics" or "standardLoopCharacteristics")
            findings.Error("element.not-run", owner["id"], $"The {(child.Name[0] == 'm' ? "multi-instance" : "loop")} marker of '{Title(owner)}' is not run.", "Model the repetition with gateways.", child.Line);
        else
            findings.Error("element.not-run", child["id"] ?? owner["id"], $"'{BpmnModelReader.Short(child.Name)}' in '{Title(owner)}' is not run.", "Remove it, or model it with other elements.", child.Line);
    }

    private static bool IsFeel(string language) => language.Contains("feel", StringComparison.OrdinalIgnoreCase);

    private static string Title(XmlTree element) => BpmnModelReader.Short(element["name"] ?? element["id"] ?? element.Name);
}
