using System.Xml.Linq;
using Countersign.Feel;

namespace Countersign.Domain.Processes.Import;

/// <summary>
/// Turns expressions of other languages into FEEL, in place. What the compiler reads as it stands is left alone; what cannot be said in FEEL stays, and the compiler refuses it there.
/// </summary>
internal sealed class ExpressionImport(EditList edits)
{
    /// <summary>Elements whose text is an expression.</summary>
    private static readonly string[] Texts = ["conditionExpression", "condition", "completionCondition", "loopCondition", "loopCardinality", "timeDate", "timeDuration", "timeCycle"];

    /// <summary>Elements whose text is true or false, so that plain text there can only be an expression.</summary>
    private static readonly string[] Conditions = ["conditionExpression", "condition", "completionCondition", "loopCondition"];

    /// <summary>Attributes of the family that hold expressions.</summary>
    private static readonly string[] Attributes = ["assignee", "candidateUsers", "candidateGroups", "dueDate", "priority", "collection", "topic", "decisionRef"];

    public void Translate(XElement element)
    {
        if (element.Is(Texts))
            Text(element);
        foreach (var attribute in element.Attributes().Where(a => Dialect.IsKin(a.Name.Namespace) && Attributes.Contains(a.Name.LocalName) && Juel.IsIn(a.Value) && !JuelReader.Reads(a.Value, a.Name.LocalName)).ToList())
            Attribute(element, attribute);
        // Names are always written as FEEL: what an import adds to a file is zeebe, where '${' in a name is plain text.
        if (element.Is("message", "signal") && element.Attribute("name") is { } name && Juel.IsIn(name.Value))
            Attribute(element, name);
        if (element.Is("callActivity") && element.Attribute("calledElement") is { } called && Juel.IsIn(called.Value))
            Called(element, called);
        foreach (var parameter in element.Elements(Dialect.Bpmn + "extensionElements").Elements().Where(x => x.Name.LocalName == "inputOutput" && Dialect.IsKin(x.Name.Namespace)).Elements().ToList())
            Parameter(element, parameter);
        foreach (var pass in element.ForeignElements("in").Concat(element.ForeignElements("out")).Where(p => p.Attribute("sourceExpression") is not null && p.Attribute("target") is not null).ToList())
            Passed(element, pass);
    }

    private void Text(XElement element)
    {
        var before = element.Value.Trim();
        // Empty texts are what tools leave behind when a condition was removed.
        if (before.Length == 0 && element.Is("conditionExpression"))
        {
            element.Remove();
            return;
        }

        if (before.Length == 0 || before.StartsWith('=') || JuelReader.Reads(element, before))
            return;
        var feel = Juel.IsIn(before) ? Juel.Translate(before, out _) : element.Is(Conditions) ? Plain(before) : null;
        if (feel is null)
            return;
        var owner = element.Owner();
        var isGuess = !Juel.IsIn(before);
        element.Value = feel;
        element.SetAttributeValue("language", null);
        edits.Add("import.expression", owner.Id(), isGuess, isGuess ? $"The condition of '{owner.Title()}' names no language; it was read as FEEL." : $"An expression of '{owner.Title()}' was translated to FEEL.", before, feel);
    }

    /// <summary>A condition without a mark: FEEL as it stands, or with the signs that other languages compare with.</summary>
    private static string? Plain(string text)
    {
        // A word or two is a label of the drawing, not a condition.
        if (!text.Any(c => c is '=' or '<' or '>' or '(' or '!'))
            return text is "true" or "false" ? "=" + text : null;
        if (FeelExpression.Compile(text).Expression is not null)
            return "=" + text;
        return Juel.Expression(text, out _) is { } feel ? "=" + feel : null;
    }

    private void Attribute(XElement element, XAttribute attribute)
    {
        var owner = element.Owner();
        if (Juel.Translate(attribute.Value, out var problem) is { } feel)
        {
            edits.Add("import.expression", owner.Id(), needsAttention: false, $"'{attribute.Name.LocalName}' of '{owner.Title()}' was translated to FEEL.", attribute.Value, feel);
            attribute.Value = feel;
        }
        else if (attribute.Name.LocalName is "dueDate" or "priority" or "assignee" or "candidateUsers" or "candidateGroups")
        {
            // None of them changes which way the process goes; a person must say who and when, and the compiler warns of a task that names nobody.
            edits.Add("import.removed", owner.Id(), needsAttention: true, $"'{attribute.Name.LocalName}' of '{owner.Title()}' could not be translated and was taken out: {problem} Say it anew.", attribute.Value, null);
            attribute.Remove();
        }
    }

    private void Called(XElement element, XAttribute called)
    {
        if (Juel.Translate(called.Value, out _) is not { } feel)
            return;
        var extension = element.Extension("calledElement");
        extension.SetAttributeValue("processId", feel);
        extension.SetAttributeValue("propagateAllParentVariables", element.ForeignElements("in").Any(i => (string?)i.Attribute("variables") == "all") ? "true" : "false");
        extension.SetAttributeValue("propagateAllChildVariables", element.ForeignElements("out").Any(i => (string?)i.Attribute("variables") == "all") ? "true" : "false");
        edits.Add("import.expression", element.Id(), needsAttention: false, $"The process that '{element.Title()}' calls was translated to FEEL.", called.Value, feel);
        called.Remove();
    }

    // What could stay as it stands is translated too beside one that cannot: a later mapping sees the results of those before it, so they keep their order.
    private void Parameter(XElement element, XElement parameter)
    {
        if (parameter.HasElements || parameter.Attribute("name") is not { } name || parameter.Name.LocalName is not ("inputParameter" or "outputParameter") || !Juel.IsIn(parameter.Value)
            || !parameter.Parent!.Elements().Any(p => Juel.IsIn(p.Value) && !JuelReader.Reads(p.Value, p.Name.LocalName)) || Juel.Translate(parameter.Value, out _) is not { } feel)
            return;
        edits.Add("import.expression", element.Id(), needsAttention: false, $"The mapping to '{name.Value}' of '{element.Title()}' was translated to FEEL.", parameter.Value, feel);
        var mapping = element.Extension("ioMapping");
        mapping.Add(new XElement(Dialect.Zeebe + (parameter.Name.LocalName == "inputParameter" ? "input" : "output"), new XAttribute("source", feel), new XAttribute("target", name.Value)));
        parameter.RemoveWithParent();
    }

    private void Passed(XElement element, XElement pass)
    {
        var before = (string)pass.Attribute("sourceExpression")!;
        if (JuelReader.Reads(before, "sourceExpression") || Juel.Translate(before, out _) is not { } feel)
            return;
        var target = (string)pass.Attribute("target")!;
        edits.Add("import.expression", element.Id(), needsAttention: false, $"What '{element.Title()}' hands over as '{target}' was translated to FEEL.", before, feel);
        element.Extension("ioMapping").Add(new XElement(Dialect.Zeebe + (pass.Name.LocalName == "in" ? "input" : "output"), new XAttribute("source", feel), new XAttribute("target", target)));
        pass.RemoveWithParent();
    }
}
