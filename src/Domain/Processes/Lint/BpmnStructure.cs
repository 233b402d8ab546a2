using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Countersign.Domain.Processes.Lint;

/// <summary>
/// Which elements BPMN 2.0.2 lets stand in which, in which order and how often, written from the class diagrams and tables of its chapters 7 to 12 as data.
/// Each line: element, the kind whose content it begins with, and what follows; <c>?</c> = at most once; <c>$</c> = any of a group.
/// </summary>
internal static class BpmnStructure
{
    private const string Groups = """
        $definition: cancelEventDefinition compensateEventDefinition conditionalEventDefinition errorEventDefinition escalationEventDefinition linkEventDefinition messageEventDefinition signalEventDefinition terminateEventDefinition timerEventDefinition
        $role: resourceRole performer humanPerformer potentialOwner
        $loop: standardLoopCharacteristics multiInstanceLoopCharacteristics
        $flow: task sendTask receiveTask serviceTask userTask manualTask scriptTask businessRuleTask subProcess transaction adHocSubProcess callActivity exclusiveGateway parallelGateway inclusiveGateway complexGateway eventBasedGateway startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent implicitThrowEvent event sequenceFlow dataObject dataObjectReference dataStoreReference choreographyTask callChoreography subChoreography
        $artifact: association group textAnnotation
        $root: process collaboration globalConversation choreography category correlationProperty dataStore endPoint error escalation interface itemDefinition message partnerEntity partnerRole resource signal globalTask globalBusinessRuleTask globalManualTask globalScriptTask globalUserTask globalChoreographyTask
        $conversation: conversation subConversation callConversation
        $expression: expression formalExpression
        """;

    private const string Kinds = """
        base - documentation extensionElements?
        flowElement base auditing? monitoring? categoryValueRef
        flowNode flowElement incoming outgoing
        eventBase flowNode property
        catches eventBase dataOutput dataOutputAssociation outputSet? $definition eventDefinitionRef
        throws eventBase dataInput dataInputAssociation inputSet? $definition eventDefinitionRef
        activity flowNode ioSpecification? property dataInputAssociation dataOutputAssociation $role $loop?
        scope activity laneSet $flow $artifact
        callable base supportedInterfaceRef ioSpecification? ioBinding
        globalTaskBase callable $role
        definition base
        item base dataState?
        flows flowElement dataState?
        association base sourceRef targetRef? transformation? assignment
        conversationNode base participantRef messageFlowRef correlationKey
        role base resourceRef? resourceParameterBinding resourceAssignmentExpression?
        """;

    private const string Elements = """
        definitions - import extension $root $definition BPMNDiagram relationship
        process callable auditing? monitoring? property laneSet $flow $artifact $role correlationSubscription supports
        task activity
        sendTask activity
        receiveTask activity
        serviceTask activity
        manualTask activity
        businessRuleTask activity
        callActivity activity
        userTask activity rendering
        scriptTask activity script?
        subProcess scope
        transaction scope
        adHocSubProcess scope completionCondition?
        startEvent catches
        intermediateCatchEvent catches
        boundaryEvent catches
        endEvent throws
        intermediateThrowEvent throws
        implicitThrowEvent throws
        exclusiveGateway flowNode
        parallelGateway flowNode
        inclusiveGateway flowNode
        eventBasedGateway flowNode
        complexGateway flowNode activationCondition?
        sequenceFlow flowElement conditionExpression?
        dataObject flows
        dataObjectReference flows
        dataStoreReference flows
        dataStore item
        dataInput item
        dataOutput item
        property item
        dataInputAssociation association
        dataOutputAssociation association
        assignment base from? to?
        ioSpecification base dataInput dataOutput inputSet outputSet
        inputSet base dataInputRefs optionalInputRefs whileExecutingInputRefs outputSetRefs
        outputSet base dataOutputRefs optionalOutputRefs whileExecutingOutputRefs inputSetRefs
        timerEventDefinition base timeDate? timeDuration? timeCycle?
        conditionalEventDefinition base condition?
        messageEventDefinition base operationRef?
        linkEventDefinition base source target?
        cancelEventDefinition base
        compensateEventDefinition base
        errorEventDefinition base
        escalationEventDefinition base
        signalEventDefinition base
        terminateEventDefinition base
        standardLoopCharacteristics base loopCondition?
        multiInstanceLoopCharacteristics base loopCardinality? loopDataInputRef? loopDataOutputRef? inputDataItem? outputDataItem? complexBehaviorDefinition completionCondition?
        complexBehaviorDefinition base condition? event?
        laneSet base lane
        lane base partitionElement? flowNodeRef childLaneSet?
        childLaneSet base lane
        resourceRole role
        performer role
        humanPerformer role
        potentialOwner role
        resourceAssignmentExpression base $expression
        collaboration base participant messageFlow $artifact $conversation conversationAssociation participantAssociation messageFlowAssociation correlationKey choreographyRef conversationLink
        participant base interfaceRef endPointRef participantMultiplicity?
        messageFlow base
        message base
        error base
        escalation base
        signal base
        itemDefinition base
        interface base operation
        operation base inMessageRef? outMessageRef? errorRef
        resource base resourceParameter
        category base categoryValue
        association base
        group base
        textAnnotation base text?
        globalTask globalTaskBase
        globalManualTask globalTaskBase
        globalBusinessRuleTask globalTaskBase
        globalUserTask globalTaskBase rendering
        globalScriptTask globalTaskBase script?
        correlationProperty base correlationPropertyRetrievalExpression
        correlationKey base correlationPropertyRef
        correlationSubscription base correlationPropertyBinding
        """;

    /// <summary>Elements that only occur in others whose content is not looked at.</summary>
    private const string Others = """
        documentation extensionElements auditing monitoring incoming outgoing categoryValueRef eventDefinitionRef supportedInterfaceRef supports import extension relationship relationshipType from to sourceRef targetRef transformation
        dataState condition conditionExpression timeDate timeDuration timeCycle completionCondition loopCondition loopCardinality activationCondition script text source target operationRef categoryValue partitionElement flowNodeRef
        resourceParameter resourceParameterBinding resourceRef rendering ioBinding participantMultiplicity interfaceRef endPointRef participantRef messageFlowRef messagePath dataPath choreographyRef messageRef structureRef value expression
        participantAssociation messageFlowAssociation conversationAssociation conversationLink innerParticipantRef outerParticipantRef innerConversationNodeRef outerConversationNodeRef choreographyActivityShape initiatingParticipantRef
        correlationPropertyBinding correlationPropertyRetrievalExpression correlationPropertyRef correlationKeyRef event eventDefinition rootElement flowElement artifact baseElement
        """;

    private static readonly Dictionary<string, ImmutableArray<string>> GroupMembers = Lines(Groups).ToDictionary(l => l[0].TrimEnd(':'), l => l.Skip(1).ToImmutableArray(), StringComparer.Ordinal);
    private static readonly Dictionary<string, string[]> KindLines = Lines(Kinds).ToDictionary(l => l[0], l => l, StringComparer.Ordinal);

    /// <summary>What may stand in an element: for each child its place in the order, and whether it may stand there once only.</summary>
    public static FrozenDictionary<string, FrozenDictionary<string, (int Place, bool Once)>> Content { get; } =
        Lines(Elements).ToFrozenDictionary(l => l[0], l => Places([.. Slots(l)]), StringComparer.Ordinal);

    /// <summary>Every element that BPMN has.</summary>
    public static FrozenSet<string> Known { get; } =
        [.. Content.Keys, .. Content.Values.SelectMany(c => c.Keys), .. GroupMembers.Values.SelectMany(m => m), .. Others.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Attributes that are true or false.</summary>
    public static FrozenSet<string> Booleans { get; } = ["isExecutable", "isClosed", "isForCompensation", "triggeredByEvent", "cancelActivity", "isInterrupting", "parallelMultiple", "isSequential", "instantiate",
        "testBefore", "isCollection", "isUnlimited", "waitForCompletion", "isImmediate", "cancelRemainingInstances"];

    private static IEnumerable<string[]> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Slots(string[] line) => (line[1] == "-" ? [] : Slots(KindLines[line[1]])).Concat(line.Skip(2));

    private static FrozenDictionary<string, (int, bool)> Places(string[] slots)
    {
        var places = new Dictionary<string, (int, bool)>(StringComparer.Ordinal);
        for (var i = 0; i < slots.Length; i++)
        {
            var once = slots[i].EndsWith('?');
            var name = slots[i].TrimEnd('?');
            foreach (var member in GroupMembers.TryGetValue(name, out var members) ? members : [name])
                places.TryAdd(member, (i, once));
        }

        return places.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
