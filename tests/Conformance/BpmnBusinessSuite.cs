using Countersign.Domain.Processes;
using Countersign.Domain.Processes.Import;

namespace Countersign.Conformance;

/// <summary>Models of real business processes, by vendor: runs unchanged, runs after the edits that an import names, or is refused.</summary>
internal static class BpmnBusinessSuite
{
    /// <summary>Imports all files; the last line is <c>bpmn-business: unchanged and edited/total</c>.</summary>
    public static int Run(string folder, TextWriter output)
    {
        var vendors = new SortedDictionary<string, (int Unchanged, int Edited, int Refused)>(StringComparer.Ordinal);
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        int unchanged = 0, edited = 0, total = 0;
        foreach (var file in Models.Files(folder))
        {
            total++;
            var import = ProcessImport.Import(Models.WithNeighbours(file));
            var vendor = Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar)[0];
            var count = vendors.GetValueOrDefault(vendor);
            if (import.Bpmn is null)
            {
                vendors[vendor] = count with { Refused = count.Refused + 1 };
                foreach (var finding in import.Findings.Where(f => f.Severity == FindingSeverity.Error))
                    output.WriteLine($"refused {Path.GetFileName(file)}: {finding.Rule} {finding.ElementId}: {finding.Sentence}");
                continue;
            }

            if (!import.Edits.IsEmpty)
                output.WriteLine($"edited  {Path.GetFileName(file)}: {string.Join(", ", import.Edits.GroupBy(e => e.Rule, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"))}; first: {import.Edits[0].ElementId}: {import.Edits[0].Sentence}");
            unchanged += import.Edits.IsEmpty ? 1 : 0;
            edited += import.Edits.IsEmpty ? 0 : 1;
            vendors[vendor] = import.Edits.IsEmpty ? count with { Unchanged = count.Unchanged + 1 } : count with { Edited = count.Edited + 1 };
            foreach (var rule in import.Edits.Select(e => e.Rule).Distinct(StringComparer.Ordinal))
                kinds[rule] = kinds.GetValueOrDefault(rule) + 1;
        }

        foreach (var (rule, files) in kinds)
            output.WriteLine($"{files,5} files with {rule}");
        foreach (var (vendor, count) in vendors)
            output.WriteLine($"{vendor,-14} unchanged {count.Unchanged}, after named edits {count.Edited}, refused {count.Refused}");
        output.WriteLine($"unchanged: {unchanged}/{total}, after named edits: {edited}/{total}");
        output.WriteLine($"bpmn-business: {unchanged + edited}/{total}");
        return (unchanged + edited) * 100 >= total * 98 && unchanged * 100 >= total * 60 ? 0 : 1;
    }
}
