using System.Collections.Immutable;

namespace Countersign.Domain.Processes.Bpmn;

/// <summary>Reads the open <c>zeebe</c> dialect and our own extensions. What changes a run and is not run is refused; what only tools read is left alone.</summary>
internal static class ExtensionReader
{
    /// <summary>
    /// Attributes of other engines that say nothing about what a run does: where a file came from, how long history is kept, who may start it there, and where a transaction is cut
    /// (here every step that waits is stored, and every job is asynchronous).
    /// </summary>
    private static readonly ImmutableHashSet<string> Harmless = ["versionTag", "historyTimeToLive", "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "isStartableInTasklist", "exclusive", "packageName",
        "version", "adHoc", "async", "asyncBefore", "asyncAfter", "asyncLeave", "asyncLeaveExclusive", "jobPriority", "taskPriority", "candidateStarterGroups", "candidateStarterUsers", "category", "diagramRelationId"];

    public static void ReadNode(XmlTree e, ModelNode node, FindingList findings)
    {
        switch (e.Ns)
        {
            case BpmnNames.Zeebe:
                ReadZeebe(e, node, findings);
                break;
            case BpmnNames.Own:
                ReadOwn(e, node, findings);
                break;
            default:
                ReadForeign(e, node.Id, node.Title, findings);
                break;
        }
    }

    public static void ReadProcess(XmlTree e, ProcessModel model, FindingList findings)
    {
        if (e.Ns == BpmnNames.Own && e.Name is "dataClasses" or "dataClass")
        {
            foreach (var data in e.Name == "dataClass" ? [e] : e.Children)
                ReadDataClass(data, model, findings);
        }
        else if (e is { Ns: BpmnNames.Own, Name: "businessKey" })
        {
            model.UniqueBusinessKey = e["unique"] == "true";
        }
        else if (e.Ns == BpmnNames.Own)
        {
            Unknown(e, model.Id, model.Name ?? model.Id, findings);
        }
        else if (e.Ns == BpmnNames.Zeebe)
        {
            if (e.Name == "versionTag")
                model.VersionTag = e["value"];
            else if (e.Name is not ("properties" or "userTaskForm"))
                NotRun(e, model.Id, model.Name ?? model.Id, findings);
        }
        else
        {
            ReadForeign(e, model.Id, model.Name ?? model.Id, findings);
        }
    }

    /// <summary>Attributes of other engines on an element.</summary>
    public static void CheckAttributes(XmlTree element, FindingList findings)
    {
        foreach (var ((ns, name), _) in element.Attributes)
        {
            // Where it came from and how long history is kept say nothing about the run.
            if (BpmnNames.IsForeignEngine(ns) && !Harmless.Contains(name))
                findings.Error("extension.not-run", element["id"], $"'{element["name"] ?? element["id"]}' has the attribute '{name}' of another engine, which is not run.", "Express it with the zeebe extensions.", element.Line);
        }
    }

    private static void ReadZeebe(XmlTree e, ModelNode node, FindingList findings)
    {
        switch (e.Name)
        {
            case "taskDefinition" when TakesJob(node):
                node.JobType = e["type"];
                node.Retries = e["retries"];
                break;
            case "taskHeaders":
                foreach (var header in e.Children.Where(h => h["key"] is not null))
                    node.Headers[header["key"]!] = header.Attributes.GetValueOrDefault(("", "value"), "");
                break;
            case "ioMapping":
                ReadMapping(e, node, findings);
                break;
            case "assignmentDefinition" when node.Kind == ElementKind.UserTask:
                node.Assignee = e["assignee"];
                node.CandidateGroups = e["candidateGroups"];
                node.CandidateUsers = e["candidateUsers"];
                break;
            case "taskSchedule" when node.Kind == ElementKind.UserTask:
                node.DueDate = e["dueDate"];
                if (e["followUpDate"] is not null)
                    findings.Warning("extension.not-run", node.Id, $"The follow-up date of '{node.Title}' is not run.", "Use the due date, or a timer on the task.", e.Line);
                break;
            case "priorityDefinition" when node.Kind == ElementKind.UserTask:
                node.Priority = e["priority"];
                break;
            case "formDefinition" when node.Kind == ElementKind.UserTask && e["formId"] is { } form:
                node.FormId = form;
                break;
            case "formDefinition" when e["formKey"] is not null || e["externalReference"] is not null:
                findings.Warning("extension.form", node.Id, $"'{node.Title}' has a form of another user interface, which is not shown; its variables are.", "Add a form-js form and set zeebe:formDefinition formId.", e.Line);
                break;
            case "taskDefinition" when node.Kind == ElementKind.UserTask:
                findings.Warning("extension.not-run", node.Id, $"The job type of the user task '{node.Title}' is not run: a person does it.", "Remove it, or make it a service task.", e.Line);
                break;
            case "calledDecision" when node.Kind == ElementKind.BusinessRuleTask:
                node.DecisionId = e["decisionId"];
                node.ResultVariable = e["resultVariable"];
                break;
            case "script" when node.Kind == ElementKind.ScriptTask:
                node.Script = e["expression"];
                node.ResultVariable = e["resultVariable"];
                break;
            case "calledElement" when node.Kind == ElementKind.CallActivity:
                ReadCalled(e, node, findings);
                break;
            case "adHoc" when node.Kind == ElementKind.AdHocSubProcess:
            case "userTask" or "properties" or "modelerTemplate":
                break;
            default:
                NotRun(e, node.Id, node.Title, findings);
                break;
        }
    }

    private static void ReadOwn(XmlTree e, ModelNode node, FindingList findings)
    {
        switch (e.Name)
        {
            case "policy" when node.Kind == ElementKind.BusinessRuleTask && e["policyId"] is { } policy:
                node.PolicyId = policy;
                node.ResultVariable = e["resultVariable"] ?? node.ResultVariable;
                node.ProposalFrom = e["proposalFrom"];
                break;
            case "call" when node.Kind == ElementKind.CallActivity && e["version"] is { } version:
                node.Call ??= new ModelCall();
                (node.Call.Binding, node.Call.Version) = (CallBinding.Version, version);
                break;
            case "duty" when node.Kind == ElementKind.UserTask:
                node.SeparateFrom.AddRange(Words(e["separateFrom"]));
                break;
            case "separateFrom" when node.Kind == ElementKind.UserTask:
                node.SeparateFrom.AddRange(Words(e["value"] ?? e.Text));
                break;
            case "countersigns" when node.Kind == ElementKind.UserTask && e["decision"] is { } decision:
                node.Countersigns = decision;
                break;
            case "verdicts" when node.Kind == ElementKind.UserTask:
                node.Verdicts.AddRange(Words(e["values"]));
                node.VerdictVariable = e["resultVariable"];
                break;
            case "why" when node.Kind == ElementKind.UserTask:
                node.Why = e["expression"];
                break;
            default:
                Unknown(e, node.Id, node.Title, findings);
                break;
        }
    }

    private static void ReadMapping(XmlTree mapping, ModelNode node, FindingList findings)
    {
        foreach (var entry in mapping.Children)
        {
            var target = entry["target"];
            if (entry.Name is not ("input" or "output") || target is null)
            {
                findings.Error("mapping.target", node.Id, $"A variable mapping of '{node.Title}' has no target.", "Give it source and target.", entry.Line);
                continue;
            }

            (entry.Name == "input" ? node.Inputs : node.Outputs).Add((entry["source"] ?? "=null", target));
        }
    }

    private static void ReadCalled(XmlTree e, ModelNode node, FindingList findings)
    {
        node.Call = new ModelCall
        {
            Process = e["processId"],
            Binding = e["bindingType"] == "versionTag" ? CallBinding.Tag : CallBinding.Latest,
            Version = e["versionTag"],
            AllIn = e["propagateAllParentVariables"] != "false",
            AllOut = e["propagateAllChildVariables"] != "false",
        };
        if (e["bindingType"] == "deployment")
            findings.Error("extension.not-run", node.Id, $"'{node.Title}' calls the process of its own deployment, which is not run: versions are published one by one.", "Bind by latest, by version tag, or by version (cs:call version).", e.Line);
    }

    private static void ReadDataClass(XmlTree e, ProcessModel model, FindingList findings)
    {
        if (e["variable"] is { } variable && e["class"] is { } name)
            model.DataClasses.Add(new DataClass(variable, e["path"], name, e["subject"]));
        else
            findings.Error("data-class.incomplete", model.Id, "A data class names no variable or no class.", "Set variable and class, e.g. class=\"personal\".", e.Line);
    }

    private static void ReadForeign(XmlTree e, string id, string title, FindingList findings)
    {
        if (BpmnNames.IsForeignEngine(e.Ns) && e.Name is not ("properties" or "metaData" or "modelerTemplate" or "failedJobRetryTimeCycle"))
            findings.Error("extension.not-run", id, $"'{title}' has the extension '{e.Name}' of another engine, which is not run.", "Express it with the zeebe extensions.", e.Line);
    }

    private static bool TakesJob(ModelNode node) => node.Kind is ElementKind.ServiceTask or ElementKind.SendTask or ElementKind.BusinessRuleTask or ElementKind.ScriptTask or ElementKind.MessageThrow or ElementKind.MessageEnd;

    private static string[] Words(string? text) => text?.Split([' ', ',', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static void NotRun(XmlTree e, string id, string title, FindingList findings) =>
        findings.Error("extension.not-run", id, $"The extension 'zeebe:{e.Name}' of '{title}' is not run there.", "Remove it, or model it with other elements.", e.Line);

    private static void Unknown(XmlTree e, string id, string title, FindingList findings) =>
        findings.Error("extension.unknown", id, $"The extension 'cs:{e.Name}' of '{title}' is unknown there or lacks an attribute.", "See the reference of extensions for its name, place and attributes.", e.Line);
}
