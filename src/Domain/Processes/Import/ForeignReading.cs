using System.Collections.Immutable;
using System.Xml.Linq;
using Countersign.Domain.Processes.Bpmn;

namespace Countersign.Domain.Processes.Import;

/// <summary>
/// Reads the extensions of the Camunda 7 family where they mean the same as ours: they are put beside as zeebe extensions, the file itself stays as it is.
/// Expressions that mean the same in FEEL are marked as JUEL and read by <see cref="ProcessExpression"/>. What means something else is left alone and refused where it stands.
/// </summary>
internal static class ForeignReading
{
    /// <summary>A thing read as ours that an author should know of.</summary>
    internal readonly record struct Note(string Rule, XElement Element, string Sentence, string Remedy);

    /// <summary>The file as the compiler reads it: unchanged when it has neither extensions nor expressions of the family.</summary>
    public static XmlTree Read(ReadOnlyMemory<byte> content, XmlTree root, FindingList findings)
    {
        if (!Uses(root))
            return root;
        var document = BpmnDocument.Load(content);
        var isMarked = JuelReader.MarkExpressions(document.Xml);
        // Without its extensions, a file is of the family by its expressions, unless it is of the zeebe dialect; '${' in a note or a label makes it none.
        if (Has(document.Xml, Dialect.IsKin) || (isMarked && !Has(document.Xml, Dialect.Zeebe.Equals)))
        {
            JuelReader.MarkNames(document.Xml, findings);
            foreach (var note in Apply(document.Xml))
                findings.Warning(note.Rule, note.Element.Owner().Id(), note.Sentence, note.Remedy, ((System.Xml.IXmlLineInfo)note.Element).LineNumber);
        }

        return document.Tree();
    }

    /// <summary>Puts zeebe extensions where the family's mean the same.</summary>
    public static ImmutableArray<Note> Apply(XDocument document)
    {
        var notes = ImmutableArray.CreateBuilder<Note>();
        foreach (var element in document.Descendants().Where(e => e.Name.Namespace == Dialect.Bpmn).ToList())
        {
            Assignment(element);
            Work(element, notes);
            Decision(element);
            Repetition(element);
            Mappings(element);
            Call(element);
            Forms(element, notes);
            Received(document, element, notes);
        }

        return notes.ToImmutable();
    }

    private static bool Has(XDocument document, Func<XNamespace, bool> isOf) => document.Descendants().Any(e => isOf(e.Name.Namespace) || e.Attributes().Any(a => !a.IsNamespaceDeclaration && isOf(a.Name.Namespace)));

    private static bool Uses(XmlTree root)
    {
        var open = new Stack<XmlTree>([root]);
        while (open.TryPop(out var element))
        {
            if (Dialect.IsKin(element.Ns) || Juel.IsIn(element.Text) || element.Attributes.Keys.Any(a => Dialect.IsKin(a.Ns)))
                return true;
            element.Children.ForEach(open.Push);
        }

        return false;
    }

    private static void Assignment(XElement e)
    {
        if (!e.Is("userTask"))
        {
            // Only user tasks have people; elsewhere these are left over from a change of the task's type.
            foreach (var name in new[] { "assignee", "candidateUsers", "candidateGroups", "dueDate", "priority" }.Where(_ => e.Is("serviceTask", "scriptTask", "sendTask", "receiveTask", "manualTask", "task", "businessRuleTask")))
                e.Foreign(name)?.Remove();
            return;
        }

        foreach (var name in new[] { "assignee", "candidateUsers", "candidateGroups" })
            Move(e, name, "assignmentDefinition", name);
        Move(e, "dueDate", "taskSchedule", "dueDate");
        Move(e, "priority", "priorityDefinition", "priority");
        Move(e, "formRef", "formDefinition", "formId");
    }

    /// <summary>A class, a bean or a topic names who does the work; so does a job type.</summary>
    private static void Work(XElement e, ImmutableArray<Note>.Builder notes)
    {
        if (!e.Is("serviceTask", "sendTask", "businessRuleTask", "messageEventDefinition"))
            return;
        var task = e.Is("messageEventDefinition") ? e.Parent! : e;
        if (task.Is("startEvent", "intermediateCatchEvent", "boundaryEvent"))
            return;
        if (e.Foreign("type") is { Value: "external" } type && e.Foreign("topic") is { } topic && !IsUnread(topic.Value))
        {
            task.Extension("taskDefinition").SetAttributeValue("type", topic.Value);
            type.Remove();
            topic.Remove();
            e.Foreign("taskPriority")?.Remove();
            return;
        }

        var named = e.Foreign("class") ?? e.Foreign("delegateExpression");
        if (named is null)
            return;
        var text = named.Value.Trim();
        var name = named.Name.LocalName == "class" ? text : text.Length > 3 && text[0] is '$' or '#' && text[1] == '{' && text[^1] == '}' ? text[2..^1].Trim() : "";
        if (!Dialect.IsName(name) || (named.Name.LocalName == "delegateExpression" && name.Contains('.')))
            return;
        task.Extension("taskDefinition").SetAttributeValue("type", name);
        named.Remove();
        foreach (var field in task.ForeignElements("field").Where(f => f.Attribute("stringValue") is not null && f.Attribute("name") is not null).ToList())
        {
            task.Extension("taskHeaders").Add(new XElement(Dialect.Zeebe + "header", new XAttribute("key", (string)field.Attribute("name")!), new XAttribute("value", (string)field.Attribute("stringValue")!)));
            field.Remove();
        }

        notes.Add(new Note("extension.job", task, $"'{task.Title()}' names the code '{BpmnModelReader.Short(name)}'; it is read as a job of this type.", "Run a worker for this job type, or choose another."));
    }

    private static void Decision(XElement e)
    {
        // One value or a list of values is what our decisions give; a map of one value is not.
        if (!e.Is("businessRuleTask") || e.Foreign("decisionRef") is not { } decision || Juel.IsIn(decision.Value) || e.Foreign("mapDecisionResult") is not { Value: "singleEntry" or "collectEntries" } map)
            return;
        if (e.Foreign("decisionRefBinding") is { Value: not ("latest" or "deployment") })
            return;
        var called = e.Extension("calledDecision");
        called.SetAttributeValue("decisionId", decision.Value);
        called.SetAttributeValue("resultVariable", e.Foreign("resultVariable")?.Value ?? "result");
        decision.Remove();
        map.Remove();
        e.Foreign("resultVariable")?.Remove();
        e.Foreign("decisionRefBinding")?.Remove();
    }

    private static void Repetition(XElement e)
    {
        if (!e.Is("multiInstanceLoopCharacteristics") || e.Foreign("collection") is not { } collection)
            return;
        var text = collection.Value.Trim();
        var isComputed = ExpressionText.IsComputed(text);
        if (!isComputed && (!Dialect.IsName(text) || text.Contains('.')))
            return;
        var loop = e.Extension("loopCharacteristics");
        loop.SetAttributeValue("inputCollection", isComputed ? text : "=" + text);
        if (e.Foreign("elementVariable") is { } variable)
        {
            loop.SetAttributeValue("inputElement", variable.Value);
            variable.Remove();
        }

        collection.Remove();
    }

    /// <summary>Texts without expressions are themselves in both, and a marked expression is one as a whole.</summary>
    private static void Mappings(XElement e)
    {
        foreach (var parameter in e.Elements(Dialect.Bpmn + "extensionElements").Elements().Where(x => x.Name.LocalName == "inputOutput" && Dialect.IsKin(x.Name.Namespace)).Elements().ToList())
        {
            if (parameter.HasElements || IsUnread(parameter.Value) || parameter.Attribute("name") is not { } name || parameter.Name.LocalName is not ("inputParameter" or "outputParameter"))
                continue;
            e.Extension("ioMapping").Add(new XElement(Dialect.Zeebe + (parameter.Name.LocalName == "inputParameter" ? "input" : "output"), new XAttribute("source", parameter.Value), new XAttribute("target", name.Value)));
            parameter.RemoveWithParent();
        }
    }

    private static void Call(XElement e)
    {
        if (!e.Is("callActivity"))
            return;
        if (e.Attribute("calledElement") is not { } called || IsUnread(called.Value) || e.Element(Dialect.Bpmn + "extensionElements")?.Element(Dialect.Zeebe + "calledElement") is not null)
            return;
        if (e.Foreign("calledElementBinding") is { Value: "latest" } binding)
            binding.Remove();
        // There, nothing is handed over that is not named; here, everything is unless it says so.
        var extension = e.Extension("calledElement");
        extension.SetAttributeValue("processId", called.Value);
        extension.SetAttributeValue("propagateAllParentVariables", "false");
        extension.SetAttributeValue("propagateAllChildVariables", "false");
        foreach (var pass in e.ForeignElements("in").Concat(e.ForeignElements("out")).ToList())
        {
            var isIn = pass.Name.LocalName == "in";
            if ((string?)pass.Attribute("variables") == "all")
            {
                extension.SetAttributeValue(isIn ? "propagateAllParentVariables" : "propagateAllChildVariables", "true");
            }
            else if (pass.Attribute("source") is { } source && pass.Attribute("target") is { } target && Dialect.IsName(source.Value))
            {
                e.Extension("ioMapping").Add(new XElement(Dialect.Zeebe + (isIn ? "input" : "output"), new XAttribute("source", "=" + source.Value), new XAttribute("target", target.Value)));
            }
            else if (pass.Attribute("sourceExpression") is { } expression && pass.Attribute("target") is { } to && ExpressionText.IsComputed(expression.Value))
            {
                e.Extension("ioMapping").Add(new XElement(Dialect.Zeebe + (isIn ? "input" : "output"), new XAttribute("source", expression.Value), new XAttribute("target", to.Value)));
            }
            else if (pass.Attribute("businessKey") is null)
            {
                continue;
            }

            pass.Remove();
        }
    }

    /// <summary>Forms of another user interface are not shown: our task shows its variables instead, which changes no run.</summary>
    private static void Forms(XElement e, ImmutableArray<Note>.Builder notes)
    {
        if (!e.Is("userTask", "startEvent") || (e.Foreign("formKey") is null && !e.ForeignElements("formData").Any() && !e.ForeignElements("formProperty").Any()))
            return;
        notes.Add(new Note("extension.form", e, $"'{e.Title()}' has a form of another user interface, which is not shown; its variables are.", "Add a form-js form and set zeebe:formDefinition formId."));
        e.Foreign("formKey")?.Remove();
        e.ForeignElements("formData").Concat(e.ForeignElements("formProperty")).ToList().ForEach(f => f.Remove());
    }

    /// <summary>There, a receive task without a message waits until it is triggered by its id; here, a message of that name does it.</summary>
    private static void Received(XDocument document, XElement e, ImmutableArray<Note>.Builder notes)
    {
        if (!e.Is("receiveTask") || e.Attribute("messageRef") is not null || e.Id() is not { } id || document.Root!.Elements(Dialect.Bpmn + "process").FirstOrDefault() is not { } first)
            return;
        first.AddBeforeSelf(new XElement(Dialect.Bpmn + "message", new XAttribute("id", id + "-message"), new XAttribute("name", id)));
        e.SetAttributeValue("messageRef", id + "-message");
        notes.Add(new Note("extension.message", e, $"'{e.Title()}' waits for a trigger without a name; it is read as a message called '{id}'.", "Give it a message with a name and a correlation key."));
    }

    private static void Move(XElement e, string name, string extension, string attribute)
    {
        if (e.Foreign(name) is not { } found || IsUnread(found.Value))
            return;
        e.Extension(extension).SetAttributeValue(attribute, found.Value);
        found.Remove();
    }

    /// <summary>JUEL that is not marked: it runs after an import only, or not at all.</summary>
    private static bool IsUnread(string text) => Juel.IsIn(text) && !ExpressionText.IsJuel(text, out _, out _);
}
