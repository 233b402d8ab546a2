using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Countersign.Domain.Processes.Bpmn;
using static Countersign.Domain.Processes.FindingSeverity;

namespace Countersign.Domain.Processes.Lint;

/// <summary>Rules about data objects, inputs, outputs and notes. Data of BPMN is not run (mappings are), so most of them warn.</summary>
internal static partial class DataRules
{
    private static readonly ImmutableHashSet<string> Typed = ["dataInput", "dataOutput", "dataObject", "dataStore"];

    public static ImmutableArray<LintRule> All { get; } =
    [
        new("data.collection", "EXT.020, EXT.081", Warning, "'{0}' and its item definition '{1}' disagree whether it is a collection.", "Set isCollection alike on both.",
            s => from d in s.Named(Typed) where d.Name != "dataStore" && s.Find(d["itemSubjectRef"]) is { Name: "itemDefinition" } type && (d["isCollection"] == "true") != (type["isCollection"] == "true")
                select new LintHit(d, BpmnScan.Title(s.Find(d["itemSubjectRef"])!))),
        new("data.unused-input", "EXT.084", Warning, "The data input '{0}' is in no input set, so nothing can read it.", "Name it in an input set, or remove it.",
            s => from io in s.Named("ioSpecification") from input in io.All("dataInput") where !io.All("inputSet").SelectMany(i => i.All("dataInputRefs")).Any(r => s.Find(r.Text) == input) select new LintHit(input)),
        new("data.while-executing", "EXT.086", Warning, "The data input '{0}' may be read while the work runs, but its input set does not list it.", "Add it to the set's dataInputRefs.",
            s => from set in s.Named("inputSet") from late in set.All("whileExecutingInputRefs") where s.Find(late.Text) is { Name: "dataInput" } && !set.All("dataInputRefs").Any(r => r.Text == late.Text) select new LintHit(s.Find(late.Text)!)),
        new("data.association-type", "EXT.091", Warning, "The data association '{0}' connects data of different types and has no transformation.", "Use one type, or say how the data is transformed.", AssociationTypes),
        new("data.process-input", "EXT.080", Warning, "The data association '{0}' writes into '{1}', an input of the process itself, which only the caller fills.", "Write into a data object.",
            s => from a in s.Named("dataOutputAssociation") where s.Find(a.Child("targetRef")?.Text) is { Name: "dataInput" } input && s.ParentOf(input) is { } io && s.ParentOf(io)?.Name == "process"
                select new LintHit(a, BpmnScan.Title(s.Find(a.Child("targetRef")!.Text)!))),
        new("data.reference-name", "EXT.076", Warning, "The data object reference '{0}' is not named after its object and state: '{1}'.", "Call it so, for readers.", ReferenceNames),
        new("note.format", "EXT.010", Warning, "The note '{0}' has the format '{1}', which is no media type.", "Use text/plain.",
            s => s.Named("textAnnotation").Where(t => t["textFormat"] is { } format && !MediaType().IsMatch(format)).Select(t => new LintHit(t, BpmnModelReader.Short(t["textFormat"]!)))),
    ];

    private static IEnumerable<LintHit> AssociationTypes(BpmnScan s)
    {
        foreach (var association in s.Named("dataInputAssociation", "dataOutputAssociation"))
        {
            if (association.Child("transformation") is not null || association.Child("assignment") is not null)
                continue;
            var target = TypeOf(s, association.Child("targetRef")?.Text);
            if (target is not null && association.All("sourceRef").Select(r => TypeOf(s, r.Text)).Any(t => t is not null && t != target && (t["structureRef"] is null || t["structureRef"] != target["structureRef"])))
                yield return new LintHit(association);
        }
    }

    private static XmlTree? TypeOf(BpmnScan s, string? reference)
    {
        var data = s.Find(reference);
        if (data?.Name == "dataObjectReference")
            data = s.Find(data["dataObjectRef"]);
        else if (data?.Name == "dataStoreReference")
            data = s.Find(data["dataStoreRef"]);
        return s.Find(data?["itemSubjectRef"]);
    }

    private static IEnumerable<LintHit> ReferenceNames(BpmnScan s)
    {
        // Only where all three texts are there: a modeler that keeps names apart leaves the object's own name out.
        foreach (var reference in s.Named("dataObjectReference"))
        {
            if (s.Find(reference["dataObjectRef"])?["name"] is not { } name || reference["name"] is not { } own || reference.Child("dataState")?["name"] is not { } state)
                continue;
            var expected = $"{name} [{state}]";
            if (own != expected)
                yield return new LintHit(reference, BpmnModelReader.Short(expected));
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*(?:\s*;.*)?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex MediaType();
}
