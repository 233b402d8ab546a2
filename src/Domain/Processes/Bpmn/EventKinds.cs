namespace Countersign.Domain.Processes.Bpmn;

/// <summary>Which events run: place and trigger to kind.</summary>
internal static class EventKinds
{
    public static ElementKind? Of(string element, string? definition) => (element, definition) switch
    {
        ("startEvent", null) => ElementKind.NoneStart,
        ("endEvent", null) => ElementKind.NoneEnd,
        ("endEvent", "terminateEventDefinition") => ElementKind.TerminateEnd,
        ("endEvent", "errorEventDefinition") => ElementKind.ErrorEnd,
        ("endEvent", "messageEventDefinition") => ElementKind.MessageEnd,
        ("intermediateThrowEvent", null) => ElementKind.NoneThrow,
        ("intermediateThrowEvent", "messageEventDefinition") => ElementKind.MessageThrow,
        ("intermediateThrowEvent", "linkEventDefinition") => ElementKind.LinkThrow,
        ("intermediateCatchEvent", "linkEventDefinition") => ElementKind.LinkCatch,
        ("intermediateCatchEvent", "timerEventDefinition") => ElementKind.TimerCatch,
        ("intermediateCatchEvent", "messageEventDefinition") => ElementKind.MessageCatch,
        ("boundaryEvent", "timerEventDefinition") => ElementKind.TimerBoundary,
        ("boundaryEvent", "messageEventDefinition") => ElementKind.MessageBoundary,
        ("boundaryEvent", "errorEventDefinition") => ElementKind.ErrorBoundary,
        _ => null,
    };

    /// <summary>An event as people call it.</summary>
    public static string Describe(string element, string? definition)
    {
        const string Suffix = "EventDefinition";
        var place = element switch
        {
            "startEvent" => "start event",
            "endEvent" => "end event",
            "boundaryEvent" => "boundary event",
            "intermediateCatchEvent" => "intermediate catch event",
            _ => "intermediate throw event",
        };
        return definition is null ? $"The {place} without a trigger" : $"The {definition[..^Suffix.Length]} {place}";
    }

    public static string Remedy(string element, bool inside) => element switch
    {
        "startEvent" when inside => "Begin a sub-process with a start event without a trigger.",
        "startEvent" => "Use a start event without a trigger and start instances through the API.",
        _ => "Use a timer, message or error event, or model it with other elements.",
    };
}
