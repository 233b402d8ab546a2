using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about gateways: their direction, and what may stand behind one that waits for events.</summary>
internal static class GatewayRules
{
    private static readonly ImmutableHashSet<string> Awaited = ["message", "signal", "timer", "conditional"];

    public static ImmutableArray<LintRule> All { get; } =
    [
        new("gateway.converging", "EXT.017", Warning, "The gateway '{0}' is marked as converging and has {1} outgoing flows.", "Correct gatewayDirection, or use a gateway of its own to split.",
            s => from g in Marked(s, "Converging") let n = s.Outgoing(g).Count() where n > 1 select new LintHit(g, Number(n))),
        new("gateway.diverging", "EXT.018", Warning, "The gateway '{0}' is marked as diverging and has {1} incoming flows.", "Correct gatewayDirection, or use a gateway of its own to join.",
            s => from g in Marked(s, "Diverging") let n = s.Incoming(g).Count() where n > 1 select new LintHit(g, Number(n))),
        new("gateway.mixed", "EXT.019", Warning, "The gateway '{0}' is marked as mixed and has {1} incoming and {2} outgoing flows.", "Correct gatewayDirection.",
            s => from g in Marked(s, "Mixed") let i = s.Incoming(g).Count() let o = s.Outgoing(g).Count() where i < 2 || o < 2 select new LintHit(g, Number(i), Number(o))),
        new("gateway.useless", "EXT.135", Warning, "The gateway '{0}' neither splits nor joins: it has {1} incoming and {2} outgoing flows.", "Remove it, or connect what is missing.",
            s => from g in s.Named(BpmnScan.Gateways) where g.Name != "eventBasedGateway" let i = s.Incoming(g).Count() let o = s.Outgoing(g).Count() where i < 2 && o < 2 select new LintHit(g, Number(i), Number(o))),
        new("event-gateway.target", "EXT.138", Error, "Behind '{1}' stands '{0}', which waits for no event.", "Put only catching events and receive tasks behind it.",
            s => Behind(s).Where(b => !Waits(s, b.Target)).Select(b => new LintHit(b.Target, BpmnScan.Title(b.Gateway)))),
        new("event-gateway.other-flow", "EXT.141", Error, "'{0}' stands behind the event-based gateway '{1}' and has another incoming flow, which the gateway knows nothing of.", "Remove the other flow, or wait for the same event a second time.",
            s => Behind(s).Where(b => s.Incoming(b.Target).Count() > 1).Select(b => new LintHit(b.Target, BpmnScan.Title(b.Gateway)))),
        new("event-gateway.mixed-messages", "EXT.139", Warning, "Behind '{0}' stand message events and receive tasks; BPMN allows only one of the two.", "Use message catch events only.",
            s => from g in s.Named("eventBasedGateway") let targets = Targets(s, g).ToList() where targets.Exists(t => t.Name == "receiveTask") && targets.Exists(t => s.Definitions(t).Any(d => BpmnScan.Trigger(d) == "message")) select new LintHit(g)),
    ];

    private static IEnumerable<XmlTree> Marked(BpmnScan s, string direction) => s.Named(BpmnScan.Gateways).Where(g => g["gatewayDirection"] == direction);

    private static IEnumerable<XmlTree> Targets(BpmnScan s, XmlTree gateway) => s.Outgoing(gateway).Select(f => s.Find(f["targetRef"])).OfType<XmlTree>().Where(t => BpmnScan.FlowNodes.Contains(t.Name)).Distinct();

    private static IEnumerable<(XmlTree Gateway, XmlTree Target)> Behind(BpmnScan s) => s.Named("eventBasedGateway").SelectMany(g => Targets(s, g).Select(t => (g, t)));

    private static bool Waits(BpmnScan s, XmlTree target) =>
        target.Name == "receiveTask" || (target.Name == "intermediateCatchEvent" && BpmnScan.HasDefinition(target) && s.Definitions(target).All(d => Awaited.Contains(BpmnScan.Trigger(d))));

    private static string Number(int n) => n.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
