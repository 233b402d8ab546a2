using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about processes and sub-processes: where they begin and end, and what may stand inside.</summary>
internal static class ScopeRules
{
    public static ImmutableArray<LintRule> All { get; } =
    [
        new("end.without-start", "EXT.097", Warning, "The end event '{0}' stands where nothing starts: its process or sub-process has no start event.", "Add a start event.",
            s => Levels(s).Where(l => !Starts(l)).SelectMany(l => l.All("endEvent")).Select(e => new LintHit(e))),
        new("start.without-end", "EXT.105", Warning, "The start event '{0}' stands where nothing ends: its process or sub-process has no end event.", "Add an end event at the end of each path.",
            s => Levels(s).Where(l => l.Child("endEvent") is null).SelectMany(l => l.All("startEvent")).Select(e => new LintHit(e))),
        new("event-sub-process.start", "EXT.058", Error, "The event sub-process '{0}' has {1} start events; exactly one says what starts it.", "Keep one start event with a trigger.",
            s => from p in s.Named("subProcess") where p["triggeredByEvent"] == "true" let n = p.All("startEvent").Count() where n != 1 select new LintHit(p, n.ToString(System.Globalization.CultureInfo.InvariantCulture))),
        new("event-sub-process.flow", "EXT.057", Error, "A sequence flow touches the event sub-process '{0}', which its own event starts.", "Remove the flow.",
            s => s.Named("subProcess").Where(p => p["triggeredByEvent"] == "true" && (s.Incoming(p).Any() || s.Outgoing(p).Any())).Select(p => new LintHit(p))),
        new("ad-hoc.content", "EXT.062", Error, "'{0}' stands in the ad-hoc sub-process '{1}', which begins with any of its activities and ends by its completion condition.", "Remove the event, or use an ordinary sub-process.",
            s => from a in s.Named("adHocSubProcess") from c in a.Children where c.IsBpmn("startEvent") || c.IsBpmn("endEvent") || (c.Ns == BpmnNames.Model && BpmnScan.Choreography.Contains(c.Name)) select new LintHit(c, BpmnScan.Title(a))),
        new("process.choreography", "EXT.036", Error, "'{0}' is a choreography activity, which cannot stand in a process.", "Model it with tasks and messages.",
            s => s.Named("process").SelectMany(p => p.Children).Where(c => c.Ns == BpmnNames.Model && BpmnScan.Choreography.Contains(c.Name)).Select(c => new LintHit(c))),
        new("process.public", "EXT.035", Error, "The process '{0}' is public, that is, a view for others, and marked as executable.", "Set processType to Private or None, or isExecutable to false.",
            s => s.Named("process").Where(p => p["processType"] == "Public" && p["isExecutable"] == "true").Select(p => new LintHit(p))),
        new("transaction.method", "EXT.060", Error, "The transaction '{0}' names the method '{1}', which is no URI.", "Leave the method out.",
            s => from t in s.Named("transaction") where t["method"] is { } method && !FlowRules.IsUri(method) select new LintHit(t, BpmnModelReader.Short(t["method"]!))),
        new("sub-process.io", "EXT.079", Warning, "The sub-process '{0}' has an input and output specification, which BPMN does not allow there; it is not run.", "Use zeebe:ioMapping.",
            s => s.Named(BpmnScan.SubProcesses).Where(p => p.Child("ioSpecification") is not null).Select(p => new LintHit(p))),
        new("property.place", "EXT.078", Warning, "The property '{0}' stands outside of processes, activities and events, where nothing can read it.", "Move it into the process.",
            s => s.Named("property").Where(p => s.ParentOf(p) is { } o && o.Name != "process" && !BpmnScan.Activities.Contains(o.Name) && !BpmnScan.Events.Contains(o.Name)).Select(p => new LintHit(p))),
    ];

    private static IEnumerable<XmlTree> Levels(BpmnScan s) => s.Named("process", "subProcess", "transaction");

    /// <summary>What starts a level: start events, and at process level a receive task or event-based gateway that makes an instance.</summary>
    private static bool Starts(XmlTree level) => level.Children.Exists(c => c.IsBpmn("startEvent") || c["instantiate"] == "true");
}
