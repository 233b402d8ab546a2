using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about references: what an element names by id must be there and be of the right kind. Ends of sequence flows have rules of their own; what an event's own definition names is checked where it is read.</summary>
internal static class ReferenceRules
{
    private static readonly ImmutableHashSet<string> Interaction = BpmnScan.FlowNodes.Union(BpmnScan.Artifacts).Union(["participant", "conversation", "subConversation", "callConversation"]);
    private static readonly ImmutableHashSet<string> Data = ["dataObject", "dataObjectReference", "dataStoreReference", "dataInput", "dataOutput", "property"];

    /// <summary>References that change what runs: a wrong one is an error. Element names, the attribute or child that refers, and what it may refer to.</summary>
    private static readonly ImmutableArray<Reference> Run =
    [
        new(["compensateEventDefinition"], "activityRef", BpmnScan.Activities),
        new(["linkEventDefinition"], "source", ["linkEventDefinition"]),
        new(["linkEventDefinition"], "target", ["linkEventDefinition"]),
        new(["operation"], "errorRef", ["error"]),
        new(["sendTask", "receiveTask", "serviceTask", "messageEventDefinition"], "operationRef", ["operation"]),
        new(["inputSet"], "dataInputRefs", ["dataInput"]),
        new(["outputSet"], "dataOutputRefs", ["dataOutput"]),
    ];

    /// <summary>References that only describe: a wrong one warns.</summary>
    private static readonly ImmutableArray<Reference> Describe =
    [
        new(["messageFlow"], "sourceRef", Interaction),
        new(["messageFlow"], "targetRef", Interaction),
        new(["messageFlow"], "messageRef", ["message"]),
        new(["sendTask"], "messageRef", ["message"]),
        new(["message"], "itemRef", ["itemDefinition"]),
        new(["error", "escalation", "signal"], "structureRef", ["itemDefinition"]),
        new(["dataObject", "dataInput", "dataOutput", "property", "dataStore"], "itemSubjectRef", ["itemDefinition"]),
        new(["dataObjectReference"], "dataObjectRef", ["dataObject"]),
        new(["dataStoreReference"], "dataStoreRef", ["dataStore"]),
        new(["dataInputAssociation", "dataOutputAssociation"], "sourceRef", Data),
        new(["dataInputAssociation", "dataOutputAssociation"], "targetRef", Data),
        new(["participant"], "processRef", ["process"]),
        new(["participant"], "interfaceRef", ["interface"]),
        new(["partnerEntity", "partnerRole"], "participantRef", ["participant"]),
        new(["process"], "definitionalCollaborationRef", ["collaboration", "choreography", "globalConversation"]),
        new(["correlationKey", "correlationPropertyBinding"], "correlationPropertyRef", ["correlationProperty"]),
        new(["correlationSubscription"], "correlationKeyRef", ["correlationKey"]),
        new(["correlationPropertyRetrievalExpression"], "messageRef", ["message"]),
        new(["operation"], "inMessageRef", ["message"]),
        new(["operation"], "outMessageRef", ["message"]),
        new(["group"], "categoryValueRef", ["categoryValue"]),
        new(["lane"], "flowNodeRef", BpmnScan.FlowNodes.Union(Data).Union(BpmnScan.Artifacts)),
        new(["multiInstanceLoopCharacteristics"], "loopDataInputRef", Data),
        new(["multiInstanceLoopCharacteristics"], "loopDataOutputRef", Data),
    ];

    public static ImmutableArray<LintRule> All { get; } =
    [
        new("boundary.host", "REF", Error, "The boundary event '{0}' is not attached to an activity beside it.", "Attach it to an activity.",
            s => from e in s.Named("boundaryEvent") let host = s.Find(e["attachedToRef"]) where host is null || !BpmnScan.Activities.Contains(host.Name) || s.ParentOf(host) != s.ParentOf(e) select new LintHit(e)),
        new("event.definition-missing", "REF", Error, "'{0}' refers to the event definition '{1}', which is not in the file.", "Choose one that is.",
            s => from e in s.Named(BpmnScan.Events) from r in e.All("eventDefinitionRef") where s.Find(r.Text) is not { } found || !BpmnScan.IsDefinition(found) select new LintHit(e, BpmnModelReader.Short(r.Text))),
        new("reference.run", "REF", Error, "'{0}' names '{1}' in {2}, which {3}.", "Choose one that is there and of the right kind, or remove the reference.", s => Check(s, Run)),
        new("reference.describe", "REF", Warning, "'{0}' names '{1}' in {2}, which {3}.", "Choose one that is there and of the right kind, or remove the reference.", s => Check(s, Describe)),
    ];

    private static IEnumerable<LintHit> Check(BpmnScan s, ImmutableArray<Reference> references)
    {
        foreach (var reference in references)
        {
            foreach (var element in s.Named(reference.From))
            {
                foreach (var text in Texts(element, reference.Name).Where(t => !IsElsewhere(s, t)))
                {
                    var found = s.Find(text);
                    if (found is null)
                        yield return new LintHit(element, BpmnModelReader.Short(text), reference.Name, "is not in the file");
                    else if (!reference.To.Contains(found.Name))
                        yield return new LintHit(element, BpmnModelReader.Short(text), reference.Name, $"is a {found.Name}");
                }
            }
        }
    }

    /// <summary>The same reference is an attribute in some places of BPMN and an element in others.</summary>
    private static IEnumerable<string> Texts(XmlTree element, string name)
    {
        if (element[name] is { } attribute)
            yield return attribute;
        foreach (var child in element.All(name).Where(c => c.Text.Length > 0))
            yield return child.Text;
    }

    /// <summary>A prefix of an imported file's namespace: what it names lies there. Nothing is fetched, so it cannot be judged.</summary>
    private static bool IsElsewhere(BpmnScan s, string text) => text.Contains(':') && s.Named("import").Any();

    /// <param name="From">Elements that refer.</param>
    /// <param name="Name">Attribute or child that refers.</param>
    /// <param name="To">What it may refer to.</param>
    private readonly record struct Reference(ImmutableHashSet<string> From, string Name, ImmutableHashSet<string> To);
}
