using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Checks a BPMN file as it is written, before anything of it is read into a model: what one process cannot say by itself, and what reading would lose.</summary>
internal static class BpmnLint
{
    /// <summary>All rules, by id.</summary>
    public static ImmutableArray<LintRule> Rules { get; } =
        [.. FlowRules.All, .. EventRules.All, .. GatewayRules.All, .. ScopeRules.All, .. TaskRules.All, .. DataRules.All, .. CollaborationRules.All, .. ReferenceRules.All, .. SchemaRules.All];

    /// <summary>Checks all rules.</summary>
    /// <param name="root">The file.</param>
    /// <param name="wanted">The process to run, where the file's reader chose; null = the file's only one, or its only executable one.</param>
    /// <param name="findings">Where findings go.</param>
    public static void Check(XmlTree root, string? wanted, FindingList findings)
    {
        var run = Run(root, wanted);
        var scan = new BpmnScan(root);
        foreach (var rule in Rules)
        {
            foreach (var hit in rule.Find(scan))
            {
                var shown = scan.Shown(hit.Element);
                var sentence = rule.Say(BpmnScan.Title(shown ?? hit.Element), hit);
                // Another process of the file is not run: what is wrong in it misleads readers only.
                var isElsewhere = run is not null && scan.ProcessOf(hit.Element) is { } process && process["id"] != run;
                if (rule.Severity == FindingSeverity.Error && !isElsewhere)
                    findings.Error(rule.Id, shown?["id"], sentence, rule.Remedy, hit.Element.Line);
                else
                    findings.Warning(rule.Id, shown?["id"], sentence, rule.Remedy, hit.Element.Line);
            }
        }
    }

    private static string? Run(XmlTree root, string? wanted)
    {
        var processes = root.All("process").ToList();
        var executable = processes.Count == 1 ? processes : processes.FindAll(p => p["isExecutable"] == "true");
        return wanted ?? (executable.Count == 1 ? executable[0]["id"] : null);
    }
}
