using System.Collections.Immutable;
using System.Xml.Linq;
using Countersign.Domain.Processes.Bpmn;

namespace Countersign.Domain.Processes.Import;

/// <summary>Words of the BPMN dialects, and the small moves that reading and importing share.</summary>
internal static class Dialect
{
    public static readonly XNamespace Bpmn = BpmnNames.Model;
    public static readonly XNamespace Zeebe = BpmnNames.Zeebe;
    public static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    /// <summary>Engines whose extensions are those of Camunda 7 under another name.</summary>
    private static readonly ImmutableHashSet<string> Kin = [BpmnNames.Camunda, "http://activiti.org/bpmn", "http://flowable.org/bpmn"];

    /// <summary>Whether a namespace holds extensions of this family.</summary>
    public static bool IsKin(XNamespace ns) => Kin.Contains(ns.NamespaceName);

    /// <summary>An extension attribute of the family.</summary>
    public static XAttribute? Foreign(this XElement element, string name) => element.Attributes().FirstOrDefault(a => a.Name.LocalName == name && IsKin(a.Name.Namespace) && !string.IsNullOrWhiteSpace(a.Value));

    /// <summary>Extension elements of the family inside an element.</summary>
    public static IEnumerable<XElement> ForeignElements(this XElement element, string name) =>
        element.Elements(Bpmn + "extensionElements").Elements().Where(e => e.Name.LocalName == name && IsKin(e.Name.Namespace));

    /// <summary>Whether the element is of BPMN itself and has one of these names.</summary>
    public static bool Is(this XElement element, params ReadOnlySpan<string> names)
    {
        if (element.Name.Namespace != Bpmn)
            return false;
        foreach (var name in names)
        {
            if (element.Name.LocalName == name)
                return true;
        }

        return false;
    }

    /// <summary>The zeebe extension of this name, made when it is missing.</summary>
    public static XElement Extension(this XElement element, string name)
    {
        var extensions = element.Element(Bpmn + "extensionElements");
        if (extensions is null)
        {
            extensions = new XElement(Bpmn + "extensionElements");
            // The schema wants documentation first, then extensions, then the rest.
            if (element.Elements(Bpmn + "documentation").LastOrDefault() is { } documentation)
                documentation.AddAfterSelf(extensions);
            else
                element.AddFirst(extensions);
        }

        if (extensions.Element(Zeebe + name) is { } there)
            return there;
        var made = new XElement(Zeebe + name);
        extensions.Add(made);
        return made;
    }

    /// <summary>Removes an extension and the list around it when that is empty.</summary>
    public static void RemoveWithParent(this XElement extension)
    {
        var list = extension.Parent!;
        extension.Remove();
        if (list.IsEmpty || (list.Name.LocalName is "inputOutput" or "extensionElements" && !list.HasElements))
            list.Remove();
    }

    /// <summary>What people call an element, and its id.</summary>
    public static string Title(this XElement element) => BpmnModelReader.Short((string?)element.Attribute("name") is { Length: > 0 } name ? name : element.Id() ?? element.Name.LocalName);

    public static string? Id(this XElement element) => (string?)element.Attribute("id");

    /// <summary>The element of the diagram that a part belongs to: itself, or the nearest around it with an id that is no definition.</summary>
    public static XElement Owner(this XElement part)
    {
        var at = part;
        while (at.Parent is { } parent && (at.Name.Namespace != Bpmn || at.Id() is null || at.Name.LocalName.EndsWith("EventDefinition", StringComparison.Ordinal)
            || at.Name.LocalName.EndsWith("Characteristics", StringComparison.Ordinal) || at.Name.LocalName.EndsWith("Expression", StringComparison.Ordinal)))
            at = parent;
        return at;
    }

    /// <summary>A Java identifier path such as a class or a bean.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= 200 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '$');
}
