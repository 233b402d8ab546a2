using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about events: which trigger may stand where, and what must be connected to it.</summary>
internal static class EventRules
{
    private static readonly ImmutableHashSet<string> EndTriggers = ["message", "escalation", "error", "cancel", "compensate", "signal", "terminate"];
    private static readonly ImmutableHashSet<string> ThrowTriggers = ["message", "escalation", "compensate", "link", "signal"];
    private static readonly ImmutableHashSet<string> EventSubProcessTriggers = ["message", "error", "escalation", "compensate", "conditional", "signal", "timer"];

    /// <summary>An event that comes again and again cannot be an error or a compensation: each ends what it belongs to.</summary>
    private static readonly ImmutableHashSet<string> AlwaysInterrupting = ["error", "compensate"];

    public static ImmutableArray<LintRule> All { get; } =
    [
        new("start.incoming", "EXT.096", Error, "A sequence flow enters the start event '{0}', where a path begins.", "Remove the flow, or put an exclusive gateway behind the start event and lead the flow there.",
            s => s.Named("startEvent").Where(e => s.Incoming(e).Any()).Select(e => new LintHit(e))),
        new("start.without-outgoing", "EXT.101", Warning, "The start event '{0}' names no outgoing flow.", "Connect it, or export the diagram again: other elements of the file do name theirs.",
            s => s.Named("startEvent").Where(e => e.Child("outgoing") is null && ListsFlows(s, e)).Select(e => new LintHit(e))),
        new("end.without-incoming", "EXT.107", Warning, "The end event '{0}' names no incoming flow.", "Connect it, or export the diagram again: other elements of the file do name theirs.",
            s => s.Named("endEvent").Where(e => e.Child("incoming") is null && ListsFlows(s, e)).Select(e => new LintHit(e))),
        new("start.top-trigger", "EXT.121", Error, "The process begins with the start event '{0}', whose trigger '{1}' only an event sub-process can have.", "Use a message, timer, signal or conditional start event, or none.",
            s => from e in s.Named("startEvent") where s.ParentOf(e)?.Name == "process" from d in s.Definitions(e) where BpmnScan.Trigger(d) is not ("message" or "timer" or "signal" or "conditional") select new LintHit(e, BpmnScan.Trigger(d))),
        new("start.sub-process-trigger", "EXT.100", Error, "The start event '{0}' of a sub-process has a trigger; nothing waits there, the flow into the sub-process starts it.", "Remove the trigger, or make it an event sub-process.",
            s => s.Named("startEvent").Where(e => s.ParentOf(e) is { } p && BpmnScan.SubProcesses.Contains(p.Name) && p["triggeredByEvent"] != "true" && BpmnScan.HasDefinition(e)).Select(e => new LintHit(e))),
        new("start.event-sub-process-trigger", "EXT.059", Error, "The start event '{0}' of an event sub-process {1}.", "Give it a message, timer, signal, error, escalation, conditional or compensation trigger; error and compensation only when it interrupts.",
            s => s.Named("startEvent").Where(e => s.ParentOf(e) is { } p && p["triggeredByEvent"] == "true").SelectMany(e => EventSubProcess(s, e))),
        new("end.trigger", "EXT.146", Error, "The end event '{0}' has the trigger '{1}', which nothing can throw.", "Use a message, signal, error, escalation, cancel, compensation or terminate end event, or none.",
            s => from e in s.Named("endEvent") from d in s.Definitions(e) where !EndTriggers.Contains(BpmnScan.Trigger(d)) select new LintHit(e, BpmnScan.Trigger(d))),
        new("throw.trigger", "EXT.149", Error, "The intermediate throw event '{0}' has the trigger '{1}', which cannot be thrown there.", "Use message, signal, escalation, compensation or link; make it a catch event to wait, or an end event to end with it.",
            s => from e in s.Named("intermediateThrowEvent") from d in s.Definitions(e) where !ThrowTriggers.Contains(BpmnScan.Trigger(d)) select new LintHit(e, BpmnScan.Trigger(d))),
        new("boundary.trigger", "EXT.130", Error, "The boundary event '{0}' has no trigger, so it never fires.", "Choose what it waits for.",
            s => s.Named("boundaryEvent").Where(e => !BpmnScan.HasDefinition(e)).Select(e => new LintHit(e))),
        new("boundary.cancel", "EXT.120", Warning, "The cancel event '{0}' is attached to '{1}', which is no transaction, so it never fires.", "Attach it to a transaction, or use an error event.",
            s => from e in s.Named("boundaryEvent") where s.Definitions(e).Any(d => BpmnScan.Trigger(d) == "cancel") && s.Find(e["attachedToRef"]) is { Name: not "transaction" } select new LintHit(e, BpmnScan.Title(s.Find(e["attachedToRef"])!))),
        new("boundary.outgoing", "EXT.113", Warning, "No sequence flow leaves the boundary event '{0}': when it fires, nothing happens after it.", "Connect it to what should happen then.",
            s => s.Named("boundaryEvent").Where(e => !s.Outgoing(e).Any() && !s.Definitions(e).Any(d => BpmnScan.Trigger(d) == "compensate")).Select(e => new LintHit(e))),
        new("event.outgoing", "EXT.116", Warning, "No sequence flow leaves the intermediate event '{0}', so the path ends there.", "Connect it, or make it an end event.",
            s => s.Named("intermediateThrowEvent", "intermediateCatchEvent").Where(e => !s.Outgoing(e).Any() && !(e.Name == "intermediateThrowEvent" && s.Definitions(e).Any(d => BpmnScan.Trigger(d) == "link"))).Select(e => new LintHit(e))),
        new("link.pair", "EXT.118", Error, "The link '{0}' goes on at '{1}', which does not name it as a source.", "Let both ends of the link name each other, or only give them the same name.", Links),
        new("event.operation", "EXT.128", Warning, "The message event '{0}' says neither by an operation nor by an extension how its message is sent or taken.", "Set zeebe:taskDefinition on a sending event and zeebe:subscription correlationKey on the message of a waiting one.",
            s => from e in s.Named("startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent") where !s.UsesDialect && s.IsExecuted(e)
                from d in s.Definitions(e) where BpmnScan.Trigger(d) == "message" && d["operationRef"] is null && d.Child("operationRef") is null select new LintHit(e)),
        new("timer.invalid", "EXT.132, EXT.133", Error, "The timer '{0}' cannot be used: {1}", "Correct it.", Timers),
    ];

    /// <summary>Whether the elements of a process name the flows that touch them; tools that never do say nothing by leaving one out.</summary>
    private static bool ListsFlows(BpmnScan s, XmlTree e) => s.ParentOf(e) is { } level && level.Children.Exists(c => c != e && (c.Child("incoming") ?? c.Child("outgoing")) is not null);

    private static IEnumerable<LintHit> EventSubProcess(BpmnScan s, XmlTree e)
    {
        if (!BpmnScan.HasDefinition(e))
            yield return new LintHit(e, "has no trigger");
        foreach (var trigger in s.Definitions(e).Select(BpmnScan.Trigger))
        {
            if (!EventSubProcessTriggers.Contains(trigger))
                yield return new LintHit(e, $"has the trigger '{trigger}', which cannot start one");
            else if (AlwaysInterrupting.Contains(trigger) && e["isInterrupting"] == "false")
                yield return new LintHit(e, $"does not interrupt, but its trigger '{trigger}' always does");
        }
    }

    private static IEnumerable<LintHit> Links(BpmnScan s)
    {
        foreach (var link in s.Named("linkEventDefinition"))
        {
            if (link.Child("target") is { } named && s.Find(named.Text) is { Name: "linkEventDefinition" } target && target.All("source").Any() && !target.All("source").Any(source => s.Find(source.Text) == link))
                yield return new LintHit(link, BpmnModelReader.Short(target["name"] ?? target["id"]!));
        }
    }

    private static IEnumerable<LintHit> Timers(BpmnScan s)
    {
        foreach (var (name, kind) in new[] { ("timeDate", TimerKind.Date), ("timeDuration", TimerKind.Duration), ("timeCycle", TimerKind.Cycle) })
        {
            foreach (var timer in s.Named(name))
            {
                if (timer.Text.Length > 0 && !BpmnScan.IsComputed(timer.Text) && TimerText.DueAt(kind, timer.Text, DateTimeOffset.UnixEpoch, out _) is { } wrong)
                    yield return new LintHit(timer, wrong);
            }
        }
    }
}
