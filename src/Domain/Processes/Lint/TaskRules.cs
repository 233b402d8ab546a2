using System.Collections.Immutable;
using System.Globalization;
using Countersign.Domain.Processes.Bpmn;
using Countersign.Feel;
using Countersign.Feel.Values;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about activities: quantities, loops, scripts, operations and resources.</summary>
internal static class TaskRules
{
    public static ImmutableArray<LintRule> All { get; } =
    [
        new("activity.start-quantity", "EXT.037", Error, "'{0}' waits for {1} tokens before it starts; at least 1 is needed.", "Remove startQuantity, or set it to 1 or more.", s => Quantity(s, "startQuantity")),
        new("activity.completion-quantity", "EXT.038", Error, "'{0}' hands on {1} tokens when it is done; at least 1 is needed.", "Remove completionQuantity, or set it to 1 or more.", s => Quantity(s, "completionQuantity")),
        new("activity.two-loops", "EXT.041", Error, "'{0}' is marked as a loop and as multi-instance.", "Keep one of the two.",
            s => s.Named(BpmnScan.Activities).Where(a => a.Child("standardLoopCharacteristics") is not null && a.Child("multiInstanceLoopCharacteristics") is not null).Select(a => new LintHit(a))),
        new("activity.resource", "EXT.039", Error, "'{0}' names a resource with parameters and also computes one.", "Keep either resourceRef with its parameters or resourceAssignmentExpression.",
            s => s.Named("performer", "humanPerformer", "potentialOwner", "resourceRole").Where(r => r.Child("resourceAssignmentExpression") is not null && (r.Child("resourceRef") ?? r.Child("resourceParameterBinding")) is not null).Select(r => new LintHit(r))),
        new("multi-instance.number", "EXT.067", Warning, "'{0}' is multi-instance, but nothing says how often.", "Set zeebe:loopCharacteristics inputCollection, or a cardinality.",
            s => s.Named("multiInstanceLoopCharacteristics").Where(m => s.IsExecuted(m) && (m.Child("loopCardinality") ?? m.Child("loopDataInputRef")) is null && !HasCollection(m)).Select(m => new LintHit(m))),
        new("multi-instance.output-type", "EXT.069", Error, "'{0}' collects outputs of another type than its output collection holds.", "Let the item's type be the element type of the collection.", s => ItemType(s, "loopDataOutputRef", "outputDataItem")),
        new("multi-instance.input-type", "EXT.070", Error, "'{0}' takes items of another type than its input collection holds.", "Let the item's type be the element type of the collection.", s => ItemType(s, "loopDataInputRef", "inputDataItem")),
        new("multi-instance.completion", "EXT.071", Error, "The completion condition of '{0}' is '{1}', which is neither true nor false.", "Write a condition.", s => NotBoolean(s, "completionCondition", "multiInstanceLoopCharacteristics")),
        new("multi-instance.behavior", "EXT.072", Error, "A behaviour condition of '{0}' is '{1}', which is neither true nor false.", "Write a condition.", s => NotBoolean(s, "condition", "complexBehaviorDefinition")),
        new("script.format", "EXT.053", Warning, "The script task '{0}' has a script, but nothing says in which language.", "Set scriptFormat to feel, or use zeebe:script.",
            s => s.Named("scriptTask").Where(t => t.Child("script") is not null && t["scriptFormat"] is null).Select(t => new LintHit(t))),
        new("receive.instantiate", "EXT.049", Error, "The receive task '{0}' starts the process by itself, but a sequence flow enters it.", "Remove the flow, or set instantiate to false.",
            s => s.Named("receiveTask").Where(t => t["instantiate"] == "true" && s.Incoming(t).Any()).Select(t => new LintHit(t))),
        new("receive.outputs", "EXT.051", Warning, "The receive task '{0}' takes one message and has {1} data outputs.", "Keep one.",
            s => from t in s.Named("receiveTask") where t["messageRef"] is not null let n = t.All("ioSpecification").SelectMany(i => i.All("dataOutput")).Count() where n > 1 select new LintHit(t, Number(n))),
        new("service.input-set", "EXT.042", Warning, "The service task '{0}' calls an operation and has {1} input sets; one is needed.", "Give it one input set.", s => Sets(s, "inputSet", n => n != 1)),
        new("service.output-set", "EXT.043", Warning, "The service task '{0}' calls an operation and has {1} output sets; at most one can be filled.", "Keep one output set.", s => Sets(s, "outputSet", n => n > 1)),
        new("service.message-type", "EXT.044", Warning, "The service task '{0}' hands over another type than the message of its operation has.", "Let both refer to the same item definition.", MessageType),
    ];

    private static IEnumerable<LintHit> Quantity(BpmnScan s, string attribute) =>
        from a in s.Named(BpmnScan.Activities) where a[attribute] is { } text && !(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n >= 1) select new LintHit(a, BpmnModelReader.Short(a[attribute]!));

    /// <summary>Dialects name the collection in an attribute or an extension.</summary>
    private static bool HasCollection(XmlTree marker) => marker.Attributes.Keys.Any(a => BpmnNames.IsForeignEngine(a.Ns) && a.Name == "collection")
        || marker.All("extensionElements").SelectMany(e => e.Children).Any(e => (e.Ns == BpmnNames.Zeebe && e.Name == "loopCharacteristics") || (BpmnNames.IsForeignEngine(e.Ns) && e.Name == "collection"));

    private static IEnumerable<LintHit> ItemType(BpmnScan s, string collection, string item)
    {
        foreach (var marker in s.Named("multiInstanceLoopCharacteristics"))
        {
            if (marker.Child(collection) is not { } named || marker.Child(item) is not { } one)
                continue;
            var whole = s.Find(s.Find(named.Text)?["itemSubjectRef"]);
            var part = s.Find(one["itemSubjectRef"]);
            if (whole is not null && part is not null && (part["isCollection"] == "true" || part["structureRef"] != whole["structureRef"]))
                yield return new LintHit(marker);
        }
    }

    /// <summary>A condition that gives the same without any variable, and neither true nor false.</summary>
    private static IEnumerable<LintHit> NotBoolean(BpmnScan s, string name, string inside)
    {
        foreach (var condition in s.Named(name).Where(c => s.ParentOf(c)?.Name == inside && c.Text.Length > 0))
        {
            var text = condition.Text.TrimStart('=');
            if (FeelExpression.Compile(text).Expression is { } expression
                && expression.Evaluate(FeelScope.Empty, FeelBudgets.Options(DateTimeOffset.UnixEpoch, 1000)) is { Failure: null, Value: { Kind: not (FeelKind.Null or FeelKind.Boolean) } })
                yield return new LintHit(condition, BpmnModelReader.Short(condition.Text));
        }
    }

    private static IEnumerable<LintHit> Sets(BpmnScan s, string name, Func<int, bool> wrong) =>
        from t in s.Named("serviceTask")
        where t["operationRef"] is not null && s.Find(t["operationRef"]) is { Name: "operation" }
        let n = t.All("ioSpecification").SelectMany(i => i.All(name)).Count()
        where wrong(n)
        select new LintHit(t, Number(n));

    private static IEnumerable<LintHit> MessageType(BpmnScan s)
    {
        foreach (var task in s.Named("serviceTask"))
        {
            if (s.Find(task["operationRef"]) is not { Name: "operation" } operation || task.Child("ioSpecification") is not { } io)
                continue;
            if (Differs(s, operation.Child("inMessageRef"), io.All("dataInput")) || Differs(s, operation.Child("outMessageRef"), io.All("dataOutput")))
                yield return new LintHit(task);
        }
    }

    private static bool Differs(BpmnScan s, XmlTree? message, IEnumerable<XmlTree> data)
    {
        var type = s.Find(s.Find(message?.Text)?["itemRef"]);
        return type is not null && data.Any(d => s.Find(d["itemSubjectRef"]) is { } own && own != type && (own["structureRef"] is null || own["structureRef"] != type["structureRef"]));
    }

    private static string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
}
