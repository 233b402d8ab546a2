namespace Countersign.Domain.Processes.Bpmn;

/// <summary>Which events run: place and trigger to kind.</summary>
internal static class EventKinds
{
    private const string Suffix = "EventDefinition";

    /// <param name="definition">Name of the trigger's element; null = none, <c>multiple</c> = several.</param>
    public static ElementKind? Of(string element, string? definition) => element switch
    {
        "startEvent" => Start(Word(definition)),
        "endEvent" => End(Word(definition)),
        "intermediateThrowEvent" => Throw(Word(definition)),
        "intermediateCatchEvent" => Catch(Word(definition)),
        "boundaryEvent" => Boundary(Word(definition)),
        _ => null,
    };

    /// <summary>An event as people call it.</summary>
    public static string Describe(string element, string? definition)
    {
        var place = element switch
        {
            "startEvent" => "start event",
            "endEvent" => "end event",
            "boundaryEvent" => "boundary event",
            "intermediateCatchEvent" => "intermediate catch event",
            _ => "intermediate throw event",
        };
        return definition is null ? $"The {place} without a trigger" : $"The {Word(definition)} {place}";
    }

    /// <summary>Where an event of this trigger may stand instead.</summary>
    public static string Remedy(string? definition) => Word(definition) switch
    {
        "cancel" => "Cancel events are an end event inside a transaction and a boundary event on one.",
        "compensate" => "Compensation is thrown by intermediate and end events, and caught on an activity or by an event sub-process.",
        "error" => "An error is thrown by an end event, and caught on an activity or by an event sub-process.",
        "terminate" => "Only an end event terminates.",
        _ => "Use an event of another kind there, or model it with other elements.",
    };

    private static ElementKind? Start(string? word) => word switch
    {
        null => ElementKind.NoneStart,
        "message" => ElementKind.MessageStart,
        "timer" => ElementKind.TimerStart,
        "signal" => ElementKind.SignalStart,
        "conditional" => ElementKind.ConditionalStart,
        "error" => ElementKind.ErrorStart,
        "escalation" => ElementKind.EscalationStart,
        "compensate" => ElementKind.CompensationStart,
        "multiple" => ElementKind.MultipleStart,
        _ => null,
    };

    private static ElementKind? End(string? word) => word switch
    {
        null => ElementKind.NoneEnd,
        "terminate" => ElementKind.TerminateEnd,
        "error" => ElementKind.ErrorEnd,
        "message" => ElementKind.MessageEnd,
        "escalation" => ElementKind.EscalationEnd,
        "signal" => ElementKind.SignalEnd,
        "cancel" => ElementKind.CancelEnd,
        "compensate" => ElementKind.CompensationEnd,
        "multiple" => ElementKind.MultipleEnd,
        _ => null,
    };

    private static ElementKind? Throw(string? word) => word switch
    {
        null => ElementKind.NoneThrow,
        "message" => ElementKind.MessageThrow,
        "link" => ElementKind.LinkThrow,
        "signal" => ElementKind.SignalThrow,
        "escalation" => ElementKind.EscalationThrow,
        "compensate" => ElementKind.CompensationThrow,
        "multiple" => ElementKind.MultipleThrow,
        _ => null,
    };

    private static ElementKind? Catch(string? word) => word switch
    {
        "link" => ElementKind.LinkCatch,
        "timer" => ElementKind.TimerCatch,
        "message" => ElementKind.MessageCatch,
        "signal" => ElementKind.SignalCatch,
        "conditional" => ElementKind.ConditionalCatch,
        "multiple" => ElementKind.MultipleCatch,
        _ => null,
    };

    private static ElementKind? Boundary(string? word) => word switch
    {
        "timer" => ElementKind.TimerBoundary,
        "message" => ElementKind.MessageBoundary,
        "error" => ElementKind.ErrorBoundary,
        "signal" => ElementKind.SignalBoundary,
        "escalation" => ElementKind.EscalationBoundary,
        "conditional" => ElementKind.ConditionalBoundary,
        "cancel" => ElementKind.CancelBoundary,
        "compensate" => ElementKind.CompensationBoundary,
        "multiple" => ElementKind.MultipleBoundary,
        _ => null,
    };

    private static string? Word(string? definition) => definition is null ? null : definition.EndsWith(Suffix, StringComparison.Ordinal) ? definition[..^Suffix.Length] : definition;
}
