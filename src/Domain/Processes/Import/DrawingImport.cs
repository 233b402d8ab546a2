using System.Xml.Linq;

namespace Countersign.Domain.Processes.Import;

/// <summary>
/// Completes what a drawing leaves out and a run needs: names of messages and signals, times, numbers, called processes. Nothing is made up that changes the meaning:
/// a name is the label that people read, a time or a list is asked for in a variable.
/// </summary>
internal static class DrawingImport
{
    public static void Complete(XDocument document, XElement? process, EditList edits)
    {
        if (process is null)
            return;
        foreach (var definition in process.Descendants(Dialect.Bpmn + "messageEventDefinition").Where(d => d.Parent!.Is("startEvent", "intermediateCatchEvent", "boundaryEvent")).Concat(process.Descendants(Dialect.Bpmn + "receiveTask")).ToList())
            Name(document, definition, "message", "messageRef", edits);
        foreach (var definition in process.Descendants(Dialect.Bpmn + "signalEventDefinition").ToList())
            Name(document, definition, "signal", "signalRef", edits);
        foreach (var timer in process.Descendants(Dialect.Bpmn + "timerEventDefinition").ToList())
            Time(timer, edits);
        foreach (var marker in process.Descendants(Dialect.Bpmn + "multiInstanceLoopCharacteristics").ToList())
            Number(marker, edits);
        foreach (var call in process.Descendants(Dialect.Bpmn + "callActivity").Where(c => c.Attribute("calledElement") is not { Value.Length: > 0 } && c.Id() is not null).ToList())
            Called(call, edits);
        foreach (var cancel in process.Descendants(Dialect.Bpmn + "cancelEventDefinition").ToList())
            Cancelled(process, cancel, edits);
    }

    private static void Time(XElement timer, EditList edits)
    {
        var owner = timer.Owner();
        var text = timer.Elements().FirstOrDefault(e => e.Is("timeDate", "timeDuration", "timeCycle"));
        if (text is { Value: var given } && given.Trim().Length > 0 || owner.Id() is null)
            return;
        text?.Remove();
        var variable = Variable(owner, "wait");
        timer.Add(new XElement(Dialect.Bpmn + "timeDuration", "=" + variable));
        edits.Add("import.timer", owner.Id(), needsAttention: true, $"The timer '{owner.Title()}' says no time; it waits for the duration in the variable '{variable}'. Write the time in its place, or set the variable.", null, "=" + variable);
    }

    private static void Number(XElement marker, EditList edits)
    {
        var owner = marker.Owner();
        var isSaid = marker.Elements().Any(e => e.Is("loopCardinality", "loopDataInputRef") && e.Value.Trim().Length > 0) || marker.Foreign("collection") is not null
            || marker.Elements(Dialect.Bpmn + "extensionElements").Elements(Dialect.Zeebe + "loopCharacteristics").Any();
        if (isSaid || owner.Id() is null)
            return;
        var variable = Variable(owner, "items");
        var loop = marker.Extension("loopCharacteristics");
        loop.SetAttributeValue("inputCollection", "=" + variable);
        loop.SetAttributeValue("inputElement", "item");
        edits.Add("import.loop", owner.Id(), needsAttention: true, $"Nothing says how often '{owner.Title()}' is repeated; it is done once for each entry of the list in the variable '{variable}'.", null, "=" + variable);
    }

    private static void Called(XElement call, EditList edits)
    {
        if (call.Elements(Dialect.Bpmn + "extensionElements").Elements(Dialect.Zeebe + "calledElement").Any())
            return;
        call.Extension("calledElement").SetAttributeValue("processId", call.Id());
        edits.Add("import.call", call.Id(), needsAttention: true, $"'{call.Title()}' names no process to call; publish one with the key '{call.Id()}', or name another.", null, call.Id());
    }

    /// <summary>A cancel event works in a transaction only, and drawing one says that the sub-process is meant to be one.</summary>
    private static void Cancelled(XElement process, XElement cancel, EditList edits)
    {
        var place = cancel.Parent!;
        var scope = place.Is("boundaryEvent") ? process.Descendants().FirstOrDefault(e => e.Id() is { } id && id == (string?)place.Attribute("attachedToRef")) : place.Parent;
        if (scope is null || !scope.Is("subProcess") || (string?)scope.Attribute("triggeredByEvent") == "true")
            return;
        scope.Name = Dialect.Bpmn + "transaction";
        scope.Attribute("triggeredByEvent")?.Remove();
        edits.Add("import.transaction", scope.Id(), needsAttention: true, $"The cancel event '{place.Title()}' works in a transaction only, so '{scope.Title()}' became one.", "subProcess", "transaction");
    }

    private static string Variable(XElement owner, string prefix) => prefix + "_" + string.Concat(owner.Id()!.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static void Name(XDocument document, XElement definition, string kind, string reference, EditList edits)
    {
        var owner = definition.Owner();
        var named = Find(document, kind, (string?)definition.Attribute(reference));
        if (named?.Attribute("name") is { Value.Length: > 0 } || owner.Id() is not { } id || (definition.Attribute(reference) is not null && named is null))
            return;
        var name = owner.Title();
        if (named is null)
        {
            var made = $"{id}-{kind}";
            named = new XElement(Dialect.Bpmn + kind, new XAttribute("id", made));
            document.Root!.Elements(Dialect.Bpmn + "process").First().AddBeforeSelf(named);
            definition.SetAttributeValue(reference, made);
        }

        named.SetAttributeValue("name", name);
        edits.Add("import.name", id, needsAttention: true, $"'{owner.Title()}' had a {kind} without a name; it is called '{name}' now.", null, name);
    }

    private static XElement? Find(XDocument document, string kind, string? reference) => reference is null ? null
        : document.Root!.Elements(Dialect.Bpmn + kind).FirstOrDefault(e => e.Id() == reference || e.Id() == reference[(reference.IndexOf(':') + 1)..]);
}
