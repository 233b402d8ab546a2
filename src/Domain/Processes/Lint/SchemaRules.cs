using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about the form of a file: elements that BPMN has, where they may stand, in which order and how often. What cannot change a run warns.</summary>
internal static class SchemaRules
{
    private static readonly ImmutableHashSet<string> Transparent = ["extensionElements", "documentation"];

    public static ImmutableArray<LintRule> All { get; } =
    [
        new("schema.unknown", null, Error, "'{1}' (at '{0}') is an element that BPMN does not have.", "Correct its name, or move it into extensionElements in a namespace of its own.",
            s => from c in Children(s) where !BpmnStructure.Known.Contains(c.Child.Name) select new LintHit(c.Child, BpmnModelReader.Short(c.Child.Name))),
        new("schema.value", null, Error, "'{0}' has {1} = '{2}', which is neither true nor false.", "Write true or false.",
            s => from e in s.Everything from a in e.Attributes where a.Key.Ns.Length == 0 && BpmnStructure.Booleans.Contains(a.Key.Name) && a.Value.Trim() is not ("true" or "false") select new LintHit(e, a.Key.Name, BpmnModelReader.Short(a.Value))),
        new("schema.repeated", null, Error, "'{0}' has {1} more than once, so it is not clear which one counts.", "Keep one.",
            s => from e in s.Everything from n in Repeated(e) where n != "extensionElements" select new LintHit(e, n)),
        new("schema.place", null, Warning, "'{1}' in '{0}' stands where BPMN has no such element.", "Export the file again from the modeler, or move the element.",
            s => from c in Children(s) where BpmnStructure.Known.Contains(c.Child.Name) && !c.Content.ContainsKey(c.Child.Name) select new LintHit(c.Parent, c.Child.Name)),
        new("schema.order", null, Warning, "In '{0}', {1} stands behind {2}; BPMN's schema has it before.", "Nothing for a run here; other tools may refuse the file, so export it again.", s => s.Everything.SelectMany(Disorder)),
        new("schema.duplicate-id", null, Warning, "The id '{0}' is given to more than one element of the file.", "Give each element its own id.",
            s => s.Everything.Where(e => e["id"] is not null).GroupBy(e => e["id"], StringComparer.Ordinal).SelectMany(g => g.Skip(1)).Select(e => new LintHit(e))),
    ];

    /// <summary>BPMN elements whose place is known to the table, with the content that their parent may have.</summary>
    private static IEnumerable<(XmlTree Parent, XmlTree Child, IReadOnlyDictionary<string, (int Place, bool Once)> Content)> Children(BpmnScan s) =>
        from parent in s.Everything
        where !Transparent.Contains(parent.Name) && BpmnStructure.Content.ContainsKey(parent.Name)
        from child in parent.Children
        where child.Ns == BpmnNames.Model
        select (parent, child, (IReadOnlyDictionary<string, (int, bool)>)BpmnStructure.Content[parent.Name]);

    private static IEnumerable<string> Repeated(XmlTree e) => BpmnStructure.Content.TryGetValue(e.Name, out var content)
        ? e.Children.Where(c => c.Ns == BpmnNames.Model && content.TryGetValue(c.Name, out var slot) && slot.Once).GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)
        : [];

    // One finding an element: whoever writes in another order does so everywhere.
    private static IEnumerable<LintHit> Disorder(XmlTree e)
    {
        if (!BpmnStructure.Content.TryGetValue(e.Name, out var content))
            yield break;
        var (last, at) = ("", -1);
        foreach (var child in e.Children.Where(c => c.Ns == BpmnNames.Model))
        {
            if (!content.TryGetValue(child.Name, out var slot))
                continue;
            if (slot.Place < at)
            {
                yield return new LintHit(e, child.Name, last);
                yield break;
            }

            (last, at) = (child.Name, slot.Place);
        }
    }
}
