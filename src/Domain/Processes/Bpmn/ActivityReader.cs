namespace Countersign.Domain.Processes.Bpmn;

/// <summary>Reads what activities carry beside their kind: repetition, data, calls, ad-hoc order.</summary>
internal sealed class ActivityReader(BpmnDefinitions definitions, EventReader events, FindingList findings)
{
    /// <summary>The marker of a loop or multi-instance, if there is one.</summary>
    public void ReadRepeat(XmlTree element, ModelNode node)
    {
        if (element.Child("standardLoopCharacteristics") is { } loop)
        {
            node.Repeat = new ModelRepeat { IsLoop = true, Sequential = true, TestBefore = loop["testBefore"] == "true", Maximum = loop["loopMaximum"], Condition = loop.Child("loopCondition")?.Text };
            return;
        }

        if (element.Child("multiInstanceLoopCharacteristics") is not { } multi)
            return;
        var repeat = new ModelRepeat
        {
            Sequential = multi["isSequential"] == "true",
            Cardinality = Text(multi.Child("loopCardinality")),
            Condition = Text(multi.Child("completionCondition")),
            Collection = Named(multi.Child("loopDataInputRef")?.Text),
            Element = multi.Child("inputDataItem") is { } item ? item["name"] ?? item["id"] : null,
            OutputCollection = multi.Child("loopDataOutputRef")?.Text,
            OutputElement = Named(multi.Child("outputDataItem") is { } output ? output["name"] ?? output["id"] : null),
            Behaviour = Behaviour(multi, node),
        };
        foreach (var extension in multi.All("extensionElements").SelectMany(e => e.Children).Where(e => e.Ns == BpmnNames.Zeebe && e.Name == "loopCharacteristics"))
        {
            repeat.Collection = extension["inputCollection"] ?? repeat.Collection;
            repeat.Element = extension["inputElement"] ?? repeat.Element;
            repeat.OutputCollection = extension["outputCollection"] ?? repeat.OutputCollection;
            repeat.OutputElement = extension["outputElement"] ?? repeat.OutputElement;
        }

        repeat.Throws = Thrown(multi, repeat.Behaviour);
        node.Repeat = repeat;
    }

    /// <summary>Data associations as mappings: a data object is the variable of its name.</summary>
    public void ReadData(XmlTree element, ModelNode node)
    {
        var names = element.All("ioSpecification").SelectMany(s => s.All("dataInput").Concat(s.All("dataOutput")))
            .Where(d => d["id"] is not null).GroupBy(d => d["id"]!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => Variable(g.First()), StringComparer.Ordinal);
        foreach (var association in element.All("dataInputAssociation").Where(a => IsSimple(a, node)))
        {
            if (DataName(association.Child("sourceRef")?.Text) is { } source && names.TryGetValue(association.Child("targetRef")?.Text ?? "", out var target))
                node.Inputs.Add(("=" + source, target));
        }

        foreach (var association in element.All("dataOutputAssociation").Where(a => IsSimple(a, node)))
        {
            if (DataName(association.Child("targetRef")?.Text) is { } target && names.TryGetValue(association.Child("sourceRef")?.Text ?? "", out var source))
                node.Outputs.Add(("=" + source, target));
        }
    }

    /// <summary>Which process a call activity calls.</summary>
    public static void ReadCall(XmlTree element, ModelNode node)
    {
        node.Call ??= new ModelCall();
        node.Call.Process ??= element["calledElement"] is { } called ? called[(called.IndexOf(':') + 1)..] : null;
    }

    /// <summary>The global task that a call activity calls, when the file has it: it runs in the caller's place.</summary>
    public XmlTree? GlobalTask(XmlTree element)
    {
        var called = element["calledElement"];
        return definitions.Find(called, "globalTask") ?? definitions.Find(called, "globalUserTask") ?? definitions.Find(called, "globalManualTask")
            ?? definitions.Find(called, "globalScriptTask") ?? definitions.Find(called, "globalBusinessRuleTask");
    }

    /// <summary>Order and end of an ad-hoc sub-process.</summary>
    public static void ReadAdHoc(XmlTree element, ModelNode node)
    {
        var active = element.All("extensionElements").SelectMany(e => e.Children).FirstOrDefault(e => e.Ns == BpmnNames.Zeebe && e.Name == "adHoc")?["activeElementsCollection"];
        node.AdHoc = new ModelAdHoc
        {
            Sequential = element["ordering"] == "Sequential",
            CancelRemaining = element["cancelRemainingInstances"] != "false",
            CompletionCondition = Text(element.Child("completionCondition")),
            ActiveElements = active,
        };
    }

    private RepeatBehaviour Behaviour(XmlTree multi, ModelNode node)
    {
        if (multi["behavior"] == "Complex")
            findings.Error("element.not-run", node.Id, $"The complex behaviour of the multi-instance '{node.Title}' is not run.", "Use a completion condition, or the behaviour All, One or None.", multi.Line);
        return multi["behavior"] switch { "None" => RepeatBehaviour.None, "One" => RepeatBehaviour.One, _ => RepeatBehaviour.All };
    }

    private (ElementKind Kind, string Name)? Thrown(XmlTree multi, RepeatBehaviour behaviour)
    {
        var reference = behaviour switch { RepeatBehaviour.None => multi["noneBehaviorEventRef"], RepeatBehaviour.One => multi["oneBehaviorEventRef"], _ => null };
        return reference is not null && definitions.EventDefinition(reference) is { } definition ? events.Thrown(definition) : null;
    }

    private bool IsSimple(XmlTree association, ModelNode node)
    {
        if (association.Child("assignment") is null && association.Child("transformation") is null)
            return true;
        findings.Warning("element.not-run", node.Id, $"A data association of '{node.Title}' transforms its value, which is not run.", "Use zeebe:ioMapping.", association.Line);
        return false;
    }

    private string? DataName(string? reference) => reference is null ? null
        : definitions.Data(reference) is { } data ? Variable(data) : null;

    // What a tool shows as a name ("Data Output") is no variable name; then the id is.
    private static string Variable(XmlTree data) => data["name"] is { } name && name.All(c => char.IsLetterOrDigit(c) || c == '_') && !char.IsDigit(name[0]) ? name : data["id"]!;

    private static string? Named(string? variable) => variable is null ? null : "=" + variable;

    private static string? Text(XmlTree? child) => string.IsNullOrWhiteSpace(child?.Text) ? null : child.Text;
}
