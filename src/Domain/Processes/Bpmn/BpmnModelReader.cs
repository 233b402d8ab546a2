using System.Collections.Immutable;

namespace Countersign.Domain.Processes.Bpmn;

/// <summary>A process found in a file.</summary>
internal sealed record BpmnProcess(ProcessModel Model, bool IsExecutable);

/// <summary>Reads BPMN 2.0 XML into models. What is not run is refused by name and place.</summary>
internal static class BpmnModelReader
{
    /// <summary>Root elements that say nothing about how one process runs.</summary>
    private static readonly ImmutableHashSet<string> InertRoots = ["documentation", "extensionElements", "collaboration", "itemDefinition", "category", "dataStore", "interface", "partnerEntity",
        "partnerRole", "resource", "endPoint", "extension", "relationship", "correlationProperty", "cancelEventDefinition", "compensateEventDefinition", "conditionalEventDefinition",
        "errorEventDefinition", "escalationEventDefinition", "linkEventDefinition", "messageEventDefinition", "signalEventDefinition", "terminateEventDefinition", "timerEventDefinition",
        "message", "error", "escalation", "signal", "process", "globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask"];

    public static ImmutableArray<BpmnProcess> Read(XmlTree root, FindingList findings)
    {
        if (!root.IsBpmn("definitions"))
        {
            findings.Error("bpmn.not-bpmn", null, $"The file's root is '{root.Name}', not BPMN 2.0 definitions.", "Export the process as BPMN 2.0 XML.", root.Line);
            return [];
        }

        foreach (var child in root.Children.Where(c => !(c.Ns == BpmnNames.Model && InertRoots.Contains(c.Name)) && c.Ns != BpmnNames.Diagram))
            ReportRoot(child, findings);
        var definitions = new BpmnDefinitions(root, findings);
        var processes = root.All("process").Select(p => new BpmnProcess(ReadProcess(p, definitions, findings), p["isExecutable"] == "true")).ToImmutableArray();
        foreach (var twice in processes.GroupBy(p => p.Model.Id, StringComparer.Ordinal).Where(g => g.Count() > 1))
            findings.Error("process.duplicate-id", twice.Key, $"Two processes have the id '{twice.Key}'.", "Give each process its own id.");
        if (processes.IsEmpty)
            findings.Error("process.missing", null, "The file has no process.", "Draw one, or export the right diagram.", root.Line);
        return processes;
    }

    private static void ReportRoot(XmlTree child, FindingList findings)
    {
        if (child.Ns == BpmnNames.Model && child.Name == "import")
            findings.Warning("bpmn.import", child["location"], $"The import of '{child["location"] ?? child["namespace"]}' is not followed; nothing is fetched.", "Put what is needed into the file.", child.Line);
        else if (child.Ns == BpmnNames.Model)
            findings.Warning("bpmn.root-not-run", child["id"], $"A root element '{child.Name}' is not run.", "Leave it as documentation, or model it as a process.", child.Line);
        else
            findings.Error("bpmn.unknown-element", child["id"], $"The element '{child.Name}' is of the unknown namespace '{Short(child.Ns)}'.", "Remove it, or move it into extensionElements.", child.Line);
    }

    private static ProcessModel ReadProcess(XmlTree process, BpmnDefinitions definitions, FindingList findings)
    {
        if (process["id"] is null)
            findings.Error("element.no-id", null, "The process has no id.", "Give it one; it becomes its key.", process.Line);
        var model = new ProcessModel(process["id"] ?? "", process["name"]) { Line = process.Line };
        foreach (var extension in process.All("extensionElements").SelectMany(e => e.Children))
            ExtensionReader.ReadProcess(extension, model, findings);
        ExtensionReader.CheckAttributes(process, findings);
        new ScopeReader(model, definitions, findings).Read(process, null);
        return model;
    }

    internal static string Short(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
