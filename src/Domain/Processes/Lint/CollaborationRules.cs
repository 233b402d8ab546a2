using System.Collections.Immutable;
using System.Globalization;
using Countersign.Domain.Processes.Bpmn;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about pools, message flows, conversations and choreographies. They say what happens between processes, which is not run, so they warn.</summary>
internal static class CollaborationRules
{
    private static readonly ImmutableHashSet<string> NotInGlobal = ["conversation", "subConversation", "callConversation", "participantAssociation", "messageFlowAssociation", "conversationAssociation",
        "association", "textAnnotation", "group"];

    public static ImmutableArray<LintRule> All { get; } =
    [
        new("message-flow.artifact-target", "EXT.008", Warning, "The message flow '{0}' ends at '{1}', which is a note, a group or an association.", "Connect it to a pool, an activity or an event.", s => Artifact(s, "targetRef")),
        new("message-flow.artifact-source", "EXT.009", Warning, "The message flow '{0}' begins at '{1}', which is a note, a group or an association.", "Connect it to a pool, an activity or an event.", s => Artifact(s, "sourceRef")),
        new("message-flow.catch-sends", "EXT.119", Warning, "The intermediate event '{0}' {1}.", "Turn the message flow around, or use the other kind of event.", Directions),
        new("message-flow.start-trigger", "EXT.103", Warning, "A message flow ends at the start event '{0}', which has no message trigger.", "Make it a message start event.",
            s => FlowEnds(s, "targetRef", "startEvent").Where(e => !TakesMessage(s, e)).Select(e => new LintHit(e))),
        new("message-flow.end-trigger", "EXT.109", Warning, "A message flow begins at the end event '{0}', which has no message trigger.", "Make it a message end event.",
            s => FlowEnds(s, "sourceRef", "endEvent").Where(e => !TakesMessage(s, e)).Select(e => new LintHit(e))),
        new("participant.minimum", "EXT.029", Warning, "'{0}' has a multiplicity with the minimum {1}; it cannot be negative.", "Set it to 0 or more.",
            s => s.Named("participantMultiplicity").Where(m => Number(m["minimum"]) < 0).Select(m => new LintHit(m, m["minimum"]!))),
        new("participant.maximum", "EXT.030", Warning, "'{0}' has a multiplicity with the maximum {1}; it must be at least 1 and not below the minimum.", "Correct it.",
            s => s.Named("participantMultiplicity").Where(m => m["maximum"] is not null && (Number(m["maximum"]) < 1 || Number(m["maximum"]) < (Number(m["minimum"]) ?? 0))).Select(m => new LintHit(m, m["maximum"]!))),
        new("choreography.reference", "EXT.027", Warning, "'{0}' refers to a choreography, which only a collaboration can.", "Remove choreographyRef.",
            s => s.Named("choreography", "globalChoreographyTask", "globalConversation").Where(c => c.Child("choreographyRef") is not null).Select(c => new LintHit(c))),
        new("conversation.global-content", "EXT.032", Warning, "The global conversation '{0}' contains '{1}'; it can only have pools, message flows and correlation keys.", "Use a collaboration.",
            s => from g in s.Named("globalConversation") where g.Children.Exists(IsForeign) select new LintHit(g, g.Children.First(IsForeign).Name)),
        new("choreography.closed", "EXT.033", Warning, "The collaboration '{0}' and the choreography '{1}' that it refers to disagree whether further messages are allowed.", "Set isClosed alike on both.",
            s => from c in s.Named("collaboration") from r in c.All("choreographyRef") where s.Find(r.Text) is { Name: "choreography" } other && (other["isClosed"] == "true") != (c["isClosed"] == "true")
                select new LintHit(c, BpmnScan.Title(s.Find(r.Text)!))),
    ];

    private static bool IsForeign(XmlTree child) => child.Ns == BpmnNames.Model && NotInGlobal.Contains(child.Name);

    private static IEnumerable<LintHit> Artifact(BpmnScan s, string end) =>
        from flow in s.Named("messageFlow") where s.Find(flow[end]) is { } found && BpmnScan.Artifacts.Contains(found.Name) select new LintHit(flow, BpmnScan.Title(s.Find(flow[end])!));

    private static IEnumerable<XmlTree> FlowEnds(BpmnScan s, string end, string name) => s.Named("messageFlow").Select(f => s.Find(f[end])).OfType<XmlTree>().Where(e => e.Name == name).Distinct();

    private static bool TakesMessage(BpmnScan s, XmlTree e) => s.Definitions(e).Any(d => BpmnScan.Trigger(d) == "message");

    private static IEnumerable<LintHit> Directions(BpmnScan s) => FlowEnds(s, "sourceRef", "intermediateCatchEvent").Where(e => TakesMessage(s, e)).Select(e => new LintHit(e, "waits for a message and sends one by a message flow"))
        .Concat(FlowEnds(s, "targetRef", "intermediateThrowEvent").Where(e => TakesMessage(s, e)).Select(e => new LintHit(e, "sends a message and receives one by a message flow")));

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : null;
}
