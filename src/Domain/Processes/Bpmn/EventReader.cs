namespace Countersign.Domain.Processes.Bpmn;

/// <summary>Reads events: their place, their triggers, and what the triggers refer to.</summary>
internal sealed class EventReader(BpmnDefinitions definitions, FindingList findings)
{
    private const string Multiple = "multiple";

    /// <summary>The event as a node; null with a finding when it is not run there.</summary>
    public ModelNode? Read(XmlTree element, string? parent, bool inEventSubProcess)
    {
        if (Triggers(element) is not { } triggers)
            return null;
        var word = triggers.Count switch { 0 => null, 1 => triggers[0].Name, _ => Multiple };
        if (EventKinds.Of(element.Name, word) is not { } kind || (!inEventSubProcess && InsideOnly(kind)))
        {
            findings.Error("element.not-run", element["id"], $"{EventKinds.Describe(element.Name, word)} ('{ScopeReader.Title(element)}') is not run there.", EventKinds.Remedy(word), element.Line);
            return null;
        }

        var node = Make(element, kind, parent);
        if (node is { ParallelMultiple: true, Interrupting: false })
            findings.Error("element.not-run", node.Id, $"An event that waits for several triggers at once and does not interrupt ('{node.Title}') is not run.", "Let it interrupt, or give each trigger an event of its own.", node.Line);
        if (word != Multiple)
        {
            if (triggers.Count == 1)
                ReadTrigger(triggers[0], node);
            return node;
        }

        foreach (var trigger in triggers)
        {
            if (EventKinds.Of(element.Name, trigger.Name) is { } single && (inEventSubProcess || !InsideOnly(single)) && single is not (ElementKind.LinkThrow or ElementKind.LinkCatch or ElementKind.TerminateEnd or ElementKind.ErrorEnd or ElementKind.CancelEnd
                or ElementKind.CompensationEnd or ElementKind.CompensationThrow or ElementKind.CancelBoundary or ElementKind.CompensationBoundary or ElementKind.ErrorBoundary or ElementKind.EscalationBoundary
                or ElementKind.ErrorStart or ElementKind.EscalationStart or ElementKind.CompensationStart))
            {
                var part = Make(element, single, parent);
                ReadTrigger(trigger, part);
                node.Parts.Add(part);
                continue;
            }

            findings.Error("element.not-run", element["id"], $"{EventKinds.Describe(element.Name, trigger.Name)} as one of several triggers ('{ScopeReader.Title(element)}') is not run.", "Give it an event of its own.", element.Line);
        }

        return node;
    }

    /// <summary>The message that an element names, with its correlation key.</summary>
    public void ReadMessage(string? reference, ModelNode node)
    {
        if (definitions.Find(reference, "message") is not { } message)
        {
            if (reference is not null)
                findings.Error("message.not-found", node.Id, $"'{node.Title}' refers to the message '{reference}', which is not in the file.", "Choose one that is.", node.Line);
            return;
        }

        node.MessageName = message["name"] ?? message["id"];
        node.CorrelationKey = message.All("extensionElements").SelectMany(e => e.Children).FirstOrDefault(e => e.Ns == BpmnNames.Zeebe && e.Name == "subscription")?["correlationKey"];
    }

    /// <summary>What a shared event definition throws to a boundary: a signal's name or an escalation's code.</summary>
    public (ElementKind Kind, string Name)? Thrown(XmlTree definition) => definition.Name switch
    {
        "signalEventDefinition" when definitions.Find(definition["signalRef"], "signal") is { } signal => (ElementKind.SignalBoundary, signal["name"] ?? signal["id"]!),
        "escalationEventDefinition" when definitions.Find(definition["escalationRef"], "escalation") is { } escalation => (ElementKind.EscalationBoundary, escalation["escalationCode"] ?? escalation["id"]!),
        _ => null,
    };

    /// <summary>Outside an instance there are no variables, and nothing is thrown: these start event sub-processes alone.</summary>
    private static bool InsideOnly(ElementKind kind) => kind is ElementKind.ErrorStart or ElementKind.EscalationStart or ElementKind.CompensationStart or ElementKind.ConditionalStart;

    private static ModelNode Make(XmlTree element, ElementKind kind, string? parent) => new(element["id"]!, kind)
    {
        Name = element["name"],
        Parent = parent,
        Line = element.Line,
        AttachedTo = element["attachedToRef"],
        Interrupting = element[element.Name == "startEvent" ? "isInterrupting" : "cancelActivity"] != "false",
        ParallelMultiple = element["parallelMultiple"] == "true",
    };

    private List<XmlTree>? Triggers(XmlTree element)
    {
        var found = element.Children.Where(c => c.Ns == BpmnNames.Model && c.Name.EndsWith("EventDefinition", StringComparison.Ordinal)).ToList();
        foreach (var reference in element.All("eventDefinitionRef"))
        {
            if (definitions.EventDefinition(reference.Text) is { } shared)
            {
                found.Add(shared);
                continue;
            }

            findings.Error("event.definition-missing", element["id"], $"'{ScopeReader.Title(element)}' refers to the event definition '{BpmnModelReader.Short(reference.Text)}', which is not in the file.", "Choose one that is.", element.Line);
            return null;
        }

        return found;
    }

    private void ReadTrigger(XmlTree definition, ModelNode node)
    {
        switch (definition.Name)
        {
            case "timerEventDefinition":
                ReadTimer(definition, node);
                break;
            case "messageEventDefinition":
                ReadMessage(definition["messageRef"], node);
                break;
            case "errorEventDefinition" when definition["errorRef"] is { } reference:
                node.ErrorCode = Referred(node, reference, "error", "errorCode");
                break;
            case "escalationEventDefinition" when definition["escalationRef"] is { } reference:
                node.EscalationCode = Referred(node, reference, "escalation", "escalationCode");
                break;
            case "signalEventDefinition" when definition["signalRef"] is { } reference:
                node.SignalName = Referred(node, reference, "signal", "name");
                break;
            case "conditionalEventDefinition":
                node.Condition = definition.Child("condition")?.Text;
                break;
            case "compensateEventDefinition":
                node.CompensateRef = definition["activityRef"];
                node.WaitForCompletion = definition["waitForCompletion"] != "false";
                break;
            case "linkEventDefinition":
                node.LinkName = definition["name"] ?? "";
                break;
        }
    }

    private string? Referred(ModelNode node, string reference, string kind, string attribute)
    {
        if (definitions.Find(reference, kind) is { } found)
            return found[attribute] ?? found["id"];
        var rule = kind switch { "error" => "error.not-found", "signal" => "signal.not-found", _ => "escalation.not-found" };
        findings.Error(rule, node.Id, $"'{node.Title}' refers to the {kind} '{BpmnModelReader.Short(reference)}', which is not in the file.", "Choose one that is.", node.Line);
        return null;
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
}
