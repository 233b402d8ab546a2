using System.Xml.Linq;
using Countersign.Domain.Processes.Bpmn;

namespace Countersign.Domain.Processes.Import;

/// <summary>Turns code inside of a file into work for a worker, and takes out what only the other engine does. Everything it does needs a person's eye.</summary>
internal sealed class WorkImport(IReadOnlySet<string> decisions, EditList edits)
{
    /// <summary>Attributes that hold or name code.</summary>
    private static readonly string[] Code = ["expression", "class", "delegateExpression", "type", "resource", "operationName", "serviceTask", "scriptFormat"];

    /// <summary>Attributes that only fill a variable of the other engine.</summary>
    private static readonly (string Name, string What)[] Conveniences =
    [
        ("initiator", "kept who started the instance in a variable; here it is in the instance itself"),
        ("errorCodeVariable", "kept the error's code in a variable"),
        ("errorMessageVariable", "kept the error's message in a variable"),
        ("escalationCodeVariable", "kept the escalation's code in a variable"),
        ("errorMessage", "gave the error a message"),
        ("variableName", "watched one variable; here a condition is looked at whenever a variable changes"),
        ("variableEvents", "watched certain changes; here a condition is looked at whenever a variable changes"),
        ("followUpDate", "was a reminder"),
        ("skipExpression", "skipped the task under a condition"),
        ("triggerable", "waited for a second call after the work"),
        ("calledElementBinding", "said which version is called; here it is the latest"),
        ("calledElementTenantId", "called the process of another tenant, which nothing here can"),
        ("decisionRefTenantId", "asked the decision of another tenant, which nothing here can"),
        ("businessKey", "gave the called process a business key"),
        ("inheritBusinessKey", "gave the called process the business key"),
        ("inheritVariables", "handed over all variables"),
        ("sameDeployment", "called the version of the same deployment; here it is the latest"),
        ("formHandlerClass", "filled the form by code"),
        ("storeResultVariableAsTransient", "kept the result for a moment only"),
        ("useLocalScopeForResultVariable", "kept the result inside of the activity"),
        ("formFieldValidation", "checked the form's fields"),
        ("validateFormFields", "checked the form's fields"),
        ("autoStoreVariables", "kept the script's variables"),
    ];

    /// <summary>Extension elements that run code beside the process.</summary>
    private static readonly string[] Beside = ["executionListener", "taskListener", "eventListener", "formFieldValidation", "connector", "field", "errorEventDefinition", "validation", "inputOutput", "script"];

    public void Replace(XElement element)
    {
        Case(element);
        if (element.Is("serviceTask", "sendTask", "businessRuleTask", "messageEventDefinition", "scriptTask"))
            Work(element);
        foreach (var (name, what) in Conveniences)
        {
            if (element.Foreign(name) is not { } attribute)
                continue;
            attribute.Remove();
            Removed(element, name, what, $"{name}=\"{attribute.Value}\"");
        }

        // What is still here could not be read as ours.
        foreach (var extension in element.Elements(Dialect.Bpmn + "extensionElements").Elements().Where(IsBeside).ToList())
        {
            if (extension.Name.LocalName == "inputOutput" && !extension.Descendants().Any(d => d.Name.LocalName is "script" or "list" or "map" || (Juel.IsIn(d.Value) && !JuelReader.Reads(d.Value, d.Name.LocalName))))
                continue;
            extension.Remove();
            Removed(element, extension.Name.LocalName, "ran code of the other engine beside the process", extension.ToString(SaveOptions.DisableFormatting));
        }
    }

    private static bool IsBeside(XElement extension) => (Dialect.IsKin(extension.Name.Namespace) && Beside.Contains(extension.Name.LocalName) && !IsOfClass(extension))
        || (extension.Name.Namespace == Dialect.Zeebe && extension.Name.LocalName is "executionListeners" or "taskListeners");

    /// <summary>Fields with fixed values go with the class as headers of its job.</summary>
    private static bool IsOfClass(XElement extension) => extension.Name.LocalName == "field" && extension.Attribute("stringValue") is not null && extension.Parent?.Parent?.Foreign("class") is not null;

    private void Work(XElement element)
    {
        var task = element.Is("messageEventDefinition") ? element.Parent! : element;
        if (task.Is("startEvent", "intermediateCatchEvent", "boundaryEvent", "definitions") || HasWork(task) || ReadsAsJob(element))
            return;
        if (element.Foreign("decisionRef") is { } decision)
        {
            if (decisions.Contains(decision.Value) || Juel.IsIn(decision.Value))
                Decision(element, decision);
            else
                Elsewhere(element, decision);
            return;
        }

        if (task.Id() is not { } id)
            return;
        var script = element.Element(Dialect.Bpmn + "script");
        if (script is not null && (string?)element.Attribute("scriptFormat") is { } format && format.Contains("feel", StringComparison.OrdinalIgnoreCase))
            return;
        var code = element.Attributes().FirstOrDefault(a => Dialect.IsKin(a.Name.Namespace) && Code.Contains(a.Name.LocalName));
        var connector = element.ForeignElements("connector").Descendants().FirstOrDefault(d => d.Name.LocalName == "connectorId")?.Value.Trim();
        var type = connector is { Length: > 0 } && Dialect.IsName(connector) ? connector : id;
        task.Extension("taskDefinition").SetAttributeValue("type", type);
        foreach (var attribute in element.Attributes().Where(a => Dialect.IsKin(a.Name.Namespace) && (Code.Contains(a.Name.LocalName) || a.Name.LocalName == "resultVariable")).ToList())
            attribute.Remove();
        var before = script?.Value ?? (connector is null ? code is null ? null : $"{code.Name.LocalName}=\"{code.Value}\"" : "connector " + connector);
        edits.Add("import.job", id, needsAttention: true, before is null
            ? $"Nothing said who does '{task.Title()}'; it became a job of the type '{type}'. Run a worker for it, or change the task."
            : $"'{task.Title()}' is code of the other engine; it became a job of the type '{type}'. Run a worker that does the same{(script is null ? "" : ": the script stays in the file")}.", before, type);
    }

    private static bool HasWork(XElement task) => task.Elements(Dialect.Bpmn + "extensionElements").Elements()
        .Any(e => (e.Name.Namespace == Dialect.Zeebe && e.Name.LocalName is "taskDefinition" or "calledDecision" or "script") || (e.Name.NamespaceName == BpmnNames.Own && e.Name.LocalName == "policy"));

    /// <summary>A topic, class or bean that is read as a job type by itself.</summary>
    private static bool ReadsAsJob(XElement element) => !element.Is("scriptTask")
        && ((element.Foreign("type")?.Value == "external" && element.Foreign("topic") is { } topic && (!Juel.IsIn(topic.Value) || JuelReader.Reads(topic.Value, "topic"))) || (element.Foreign("class") is { } name && Dialect.IsName(name.Value.Trim()))
        || (element.Foreign("delegateExpression") is { Value: var bean } && Dialect.IsName(bean.Trim().TrimStart('$', '#').Trim('{', '}').Trim()) && !bean.Contains('.')));

    private void Decision(XElement element, XAttribute decision)
    {
        if (Juel.IsIn(decision.Value) || element.Foreign("decisionRefBinding") is { Value: not ("latest" or "deployment") } || element.Foreign("mapDecisionResult") is { Value: "singleEntry" or "collectEntries" })
            return;
        var called = element.Extension("calledDecision");
        var variable = element.Foreign("resultVariable")?.Value ?? "result";
        called.SetAttributeValue("decisionId", decision.Value);
        called.SetAttributeValue("resultVariable", variable);
        edits.Add("import.decision", element.Id(), needsAttention: true,
            $"'{element.Title()}' kept the rows of the decision '{decision.Value}'; '{variable}' now holds its result: one value for a table with one output, else one value for each output.",
            $"mapDecisionResult=\"{element.Foreign("mapDecisionResult")?.Value ?? "resultList"}\"", $"resultVariable=\"{variable}\"");
        foreach (var name in new[] { "mapDecisionResult", "resultVariable", "decisionRefBinding", "decisionRef" })
            element.Foreign(name)?.Remove();
    }

    /// <summary>A decision that is deployed apart from the file: its table can be added, or a worker can answer.</summary>
    private void Elsewhere(XElement element, XAttribute decision)
    {
        if (!Dialect.IsName(decision.Value))
            return;
        var name = decision.Value;
        element.Extension("taskDefinition").SetAttributeValue("type", name);
        if (element.Foreign("resultVariable") is { } variable && element.Extension("ioMapping") is { } mapping && !mapping.Elements(Dialect.Zeebe + "output").Any())
            mapping.Add(new XElement(Dialect.Zeebe + "output", new XAttribute("source", "=result"), new XAttribute("target", variable.Value)));
        edits.Add("import.decision", element.Id(), needsAttention: true,
            $"The decision '{name}' of '{element.Title()}' is not among the files; it became a job of this type, whose variable 'result' is the answer. Better: import again with its DMN file.", $"decisionRef=\"{name}\"", name);
        foreach (var attribute in new[] { "mapDecisionResult", "resultVariable", "decisionRefBinding", "decisionRefVersion", "decisionRef" })
            element.Foreign(attribute)?.Remove();
    }

    /// <summary>A case of CMMN is run by nobody here: what calls one becomes work.</summary>
    private void Case(XElement element)
    {
        if (!element.Is("callActivity") || element.Foreign("caseRef") is not { } called || !Dialect.IsName(called.Value))
            return;
        element.Name = Dialect.Bpmn + "serviceTask";
        element.Extension("taskDefinition").SetAttributeValue("type", called.Value);
        foreach (var pass in element.ForeignElements("in").Concat(element.ForeignElements("out")).ToList())
        {
            if (pass.Attribute("source") is { } source && pass.Attribute("target") is { } target && Dialect.IsName(source.Value))
                element.Extension("ioMapping").Add(new XElement(Dialect.Zeebe + (pass.Name.LocalName == "in" ? "input" : "output"), new XAttribute("source", "=" + source.Value), new XAttribute("target", target.Value)));
            pass.Remove();
        }

        edits.Add("import.job", element.Id(), needsAttention: true, $"'{element.Title()}' called the case '{called.Value}', and cases are not run; it became a job of this type. Run a worker that handles the case, or call a process.", $"caseRef=\"{called.Value}\"", called.Value);
        foreach (var attribute in new[] { "caseBinding", "caseVersion", "caseTenantId", "caseRef" })
            element.Foreign(attribute)?.Remove();
    }

    private void Removed(XElement element, string name, string what, string before)
    {
        var owner = element.Owner();
        edits.Add("import.removed", owner.Id(), needsAttention: true, $"'{name}' of '{owner.Title()}' {what}. It was taken out.", before, null);
    }
}
