using System.Collections.Immutable;
using System.Xml;
using System.Xml.Linq;

namespace Countersign.Domain.Processes.Import;

/// <summary>
/// Finds the expressions of a file of the Camunda 7 family and marks those that mean the same in FEEL, so that the compiler reads them where they stand. Texts of the zeebe dialect are
/// not looked at: there, <c>${x}</c> is plain text.
/// </summary>
internal static class JuelReader
{
    /// <summary>Elements whose text gives true or false. A conditional event's is none of them: the other engine lets unset variables pass there.</summary>
    private static readonly ImmutableHashSet<string> Conditions = ["conditionExpression", "completionCondition"];

    private static readonly ImmutableHashSet<string> Values = ["loopCardinality", "timeDate", "timeDuration", "timeCycle"];

    /// <summary>Attributes of the family that are expressions there.</summary>
    private static readonly ImmutableHashSet<string> Attributes = ["assignee", "candidateUsers", "candidateGroups", "dueDate", "priority", "collection", "topic"];

    /// <summary>Whether a place takes a moment: elsewhere a time from now is an object there and a text here.</summary>
    private static readonly ImmutableHashSet<string> Moments = ["dueDate", "timeDate"];

    /// <summary>Marks texts and extensions that can be nothing else; false when there was none.</summary>
    public static bool MarkExpressions(XDocument document)
    {
        var isMarked = false;
        foreach (var element in document.Descendants().Where(e => e.Name.Namespace == Dialect.Bpmn))
        {
            if (IsText(element) && Marked(element.Value, element.Name.LocalName) is { } text)
            {
                isMarked = true;
                element.ReplaceNodes(new XText(text));
                element.SetAttributeValue("language", null);
            }

            foreach (var attribute in element.Attributes().Where(a => Dialect.IsKin(a.Name.Namespace) && Attributes.Contains(a.Name.LocalName)))
                attribute.Value = Marked(attribute.Value, attribute.Name.LocalName) ?? attribute.Value;
            foreach (var parameter in element.ForeignElements("inputOutput").Elements().Where(p => !p.HasElements))
                parameter.Value = Marked(parameter.Value, parameter.Name.LocalName) ?? parameter.Value;
            foreach (var pass in element.ForeignElements("in").Concat(element.ForeignElements("out")).Attributes("sourceExpression"))
                pass.Value = Marked(pass.Value, "sourceExpression") ?? pass.Value;
        }

        return isMarked;
    }

    /// <summary>Marks names that are expressions in a file of the family and would be plain text in another.</summary>
    public static void MarkNames(XDocument document, FindingList findings)
    {
        foreach (var element in document.Descendants().Where(e => e.Is("message", "signal", "callActivity", "userTask")))
        {
            if (!element.Is("userTask"))
                Name(element, element.Attribute(element.Is("callActivity") ? "calledElement" : "name"), findings);
            else if (element.Attribute("name") is { } label && Juel.IsIn(label.Value))
                findings.Warning("expression.juel", element.Id(), $"The name '{element.Title()}' is an expression there; here it is shown as it stands.", "Give the task a fixed name; its variables are shown beside.", ((IXmlLineInfo)element).LineNumber);
        }
    }

    /// <summary>Whether the compiler reads a text as it stands there.</summary>
    /// <param name="place">Local name of the element or attribute.</param>
    public static bool Reads(string text, string place) => Marked(text, place) is not null;

    /// <summary>Whether the compiler reads the text of an element as it stands.</summary>
    public static bool Reads(XElement element, string text) => IsText(element) && Reads(text, element.Name.LocalName);

    // A language of its own makes the text a script there.
    private static bool IsText(XElement element) => element.Name.Namespace == Dialect.Bpmn && (Conditions.Contains(element.Name.LocalName) || Values.Contains(element.Name.LocalName))
        && !element.HasElements && ((string?)element.Attribute("language") is null or "" or "juel" or "JUEL");

    /// <summary>A name is plain text or an expression; one that is not understood would be waited for in vain.</summary>
    private static void Name(XElement element, XAttribute? name, FindingList findings)
    {
        if (name is null || !Juel.IsIn(name.Value))
            return;
        if (Marked(name.Value, name.Name.LocalName) is { } marked)
            name.Value = marked;
        else
            findings.Error("expression.juel", element.Id(), $"'{element.Title()}' is named by an expression that is not read as it stands: {Juel.Read(name.Value).Problem}",
                "Write it in FEEL with a leading '=', or import the file, which translates more.", ((IXmlLineInfo)element).LineNumber);
    }

    private static string? Marked(string text, string place)
    {
        if (!Juel.IsIn(text) || Juel.Read(text) is not { Feel: not null } reading || (reading.IsTime && !Moments.Contains(place)))
            return null;
        return ExpressionText.Mark(text, Conditions.Contains(place));
    }
}
