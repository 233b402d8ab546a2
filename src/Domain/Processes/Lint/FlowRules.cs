using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about sequence flows: their ends, their conditions, and the nodes that lack them.</summary>
internal static class FlowRules
{
    public static ImmutableArray<LintRule> All { get; } =
    [
        new("flow.artifact", "EXT.006, EXT.007", Error, "The sequence flow '{0}' is connected to '{1}', which is a note, a group or an association and never runs.", "Connect it to an activity, event or gateway, or use an association.",
            s => from flow in s.Named("sequenceFlow") from end in Ends(s, flow) where BpmnScan.Artifacts.Contains(end.Name) select new LintHit(flow, BpmnScan.Title(end))),
        new("flow.crosses-pool", "EXT.028", Error, "The sequence flow '{0}' goes from one process into another.", "Use a message flow, and send and receive a message.",
            s => s.Named("sequenceFlow").Where(f => Apart(s, f, (a, b) => s.ProcessOf(a) is { } from && s.ProcessOf(b) is { } to && from != to)).Select(f => new LintHit(f))),
        new("flow.crosses-boundary", "EXT.152", Error, "The sequence flow crosses the border of a sub-process.", "Connect elements of the same sub-process, or use events.",
            s => s.Named("sequenceFlow").Where(f => Apart(s, f, (a, b) => s.ProcessOf(a) == s.ProcessOf(b) && s.ParentOf(a) != s.ParentOf(b))).Select(f => new LintHit(f))),
        new("flow.dangling-source", "REF", Error, "The sequence flow begins at '{1}', which is no flow node of this process.", "Connect its beginning.", s => Dangling(s, "sourceRef")),
        new("flow.dangling-target", "REF", Error, "The sequence flow ends at '{1}', which is no flow node of this process.", "Connect its end.", s => Dangling(s, "targetRef")),
        new("flow.default", "EXT.026, REF", Error, "The default flow '{1}' does not leave '{0}'.", "Choose one of its outgoing flows.",
            s => from node in s.Named(BpmnScan.Activities.Union(BpmnScan.Gateways)) where node["default"] is not null && !(s.Find(node["default"]) is { Name: "sequenceFlow" } flow && s.Find(flow["sourceRef"]) == node)
                select new LintHit(node, BpmnModelReader.Short(node["default"]!))),
        new("flow.language-uri", "EXT.014", Error, "An expression of '{0}' names the language '{1}', which is no URI.", "Name the language by its URI, or leave it out: expressions are FEEL with a leading '='.",
            s => from e in s.Named("conditionExpression", "condition", "completionCondition", "loopCondition", "loopCardinality", "formalExpression", "from", "to", "timeDate", "timeDuration", "timeCycle")
                where e["language"] is { } language && !IsUri(language) select new LintHit(e, BpmnModelReader.Short(e["language"]!))),
        new("node.no-incoming", "EXT.150", Warning, "No sequence flow leads to '{0}' although its process has a start event, so it never runs.", "Connect it, or remove it.",
            s => s.Named(BpmnScan.Activities.Union(BpmnScan.Gateways).Union(["intermediateCatchEvent", "intermediateThrowEvent"])).Where(n => Level(s, n, "startEvent") && !BeginsByItself(s, n) && !Any(s, n, "incoming")).Select(n => new LintHit(n))),
        new("node.no-outgoing", "EXT.151", Warning, "No sequence flow leaves '{0}' although its process has an end event.", "Connect it to what comes next, or to an end event.",
            s => s.Named(BpmnScan.Activities.Union(BpmnScan.Gateways).Union(["startEvent"])).Where(n => Level(s, n, "endEvent") && !IsAside(n) && s.ParentOf(n)?.Name != "adHocSubProcess" && !Any(s, n, "outgoing")).Select(n => new LintHit(n))),
        new("flow.not-listed", "EXT.023", Warning, "The sequence flow '{0}' is not in the list of {1} flows of '{2}'; it is taken as drawn.", "Nothing, or export it again from the modeler.", NotListed),
    ];

    /// <summary>A node of the process itself that begins without a flow to it.</summary>
    public static bool BeginsByItself(BpmnScan s, XmlTree node) => IsAside(node) || node["instantiate"] == "true" || s.ParentOf(node)?.Name == "adHocSubProcess"
        || s.Definitions(node).Any(d => d.Name == "linkEventDefinition" && node.Name == "intermediateCatchEvent");

    /// <summary>Compensation handlers and event sub-processes stand beside the flow.</summary>
    private static bool IsAside(XmlTree node) => node["isForCompensation"] == "true" || node["triggeredByEvent"] == "true";

    private static bool Level(BpmnScan s, XmlTree node, string name) => s.ParentOf(node) is { } level && (level.IsBpmn("process") || BpmnScan.SubProcesses.Contains(level.Name)) && s.Has(level, name);

    private static bool Any(BpmnScan s, XmlTree node, string list) => (list == "incoming" ? s.Incoming(node) : s.Outgoing(node)).Any();

    private static IEnumerable<XmlTree> Ends(BpmnScan s, XmlTree flow) => new[] { s.Find(flow["sourceRef"]), s.Find(flow["targetRef"]) }.OfType<XmlTree>();

    private static bool Apart(BpmnScan s, XmlTree flow, Func<XmlTree, XmlTree, bool> apart) =>
        s.Find(flow["sourceRef"]) is { } a && s.Find(flow["targetRef"]) is { } b && BpmnScan.FlowNodes.Contains(a.Name) && BpmnScan.FlowNodes.Contains(b.Name) && apart(a, b);

    private static IEnumerable<LintHit> Dangling(BpmnScan s, string end) =>
        from flow in s.Named("sequenceFlow")
        let found = s.Find(flow[end])
        where found is null || !(BpmnScan.FlowNodes.Contains(found.Name) || BpmnScan.Artifacts.Contains(found.Name))
        select new LintHit(flow, BpmnModelReader.Short(flow[end] ?? ""));

    private static IEnumerable<LintHit> NotListed(BpmnScan s)
    {
        foreach (var flow in s.Named("sequenceFlow"))
        {
            // A node without any list comes from a tool that writes none; only a list that leaves something out contradicts the flows.
            if (s.Find(flow["sourceRef"]) is { } from && from.Child("outgoing") is not null && !s.Lists(from, "outgoing", flow))
                yield return new LintHit(flow, "outgoing", BpmnScan.Title(from));
            if (s.Find(flow["targetRef"]) is { } to && to.Child("incoming") is not null && !s.Lists(to, "incoming", flow))
                yield return new LintHit(flow, "incoming", BpmnScan.Title(to));
        }
    }

    /// <summary>Absolute URIs, and short names as tools write them; nothing with characters that a URI cannot hold.</summary>
    public static bool IsUri(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || "-._~:/?#[]@!$&'()*+,;=%".Contains(c)) && Uri.IsWellFormedUriString(text, UriKind.RelativeOrAbsolute);
}
