using Countersign.Domain.Processes;
using Countersign.Domain.Processes.Import;

namespace Countersign.Conformance;

/// <summary>Every BPMN file of the collection: each loads as it is or after the edits that an import names, or is refused with findings, within its time, and never crashes. Printed by cause.</summary>
internal static class BpmnImportSuite
{
    /// <summary>A file that takes longer is a hang: the largest of the limits allowed compiles in a second or two.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <summary>Files of these folders are invalid on purpose: they must be refused, so they say nothing about how much loads.</summary>
    private static readonly string[] Invalid = ["bpmn-must-reject"];

    /// <summary>Loads all files below the folder; the last line is <c>bpmn-import: loaded/total</c>.</summary>
    public static int Run(string folder, TextWriter output)
    {
        var causes = new SortedDictionary<string, (int Files, string Example)>(StringComparer.Ordinal);
        var folders = new SortedDictionary<string, (int Loaded, int All)>(StringComparer.Ordinal);
        int loaded = 0, unchanged = 0, total = 0, broken = 0;
        foreach (var file in Models.Files(folder).Where(f => !Invalid.Any(i => f.Contains($"{Path.DirectorySeparatorChar}{i}{Path.DirectorySeparatorChar}", StringComparison.Ordinal))))
        {
            total++;
            var place = Path.GetRelativePath(folder, file);
            var group = Path.GetDirectoryName(place) is { Length: > 0 } above ? above : ".";
            var before = folders.GetValueOrDefault(group);
            var import = Guarded(file, out var problem);
            var isLoaded = import?.Bpmn is not null;
            if (problem is not null || (!isLoaded && !import!.Findings.Any(f => f.Severity == FindingSeverity.Error)))
            {
                broken++;
                output.WriteLine($"BROKEN {place}: {problem ?? "refused without a finding"}");
            }

            loaded += isLoaded ? 1 : 0;
            unchanged += isLoaded && import!.Edits.IsEmpty ? 1 : 0;
            folders[group] = (before.Loaded + (isLoaded ? 1 : 0), before.All + 1);
            if (import is { Bpmn: null })
            {
                foreach (var finding in import.Findings.Where(f => f.Severity == FindingSeverity.Error).DistinctBy(f => f.Rule))
                    causes[finding.Rule] = (causes.GetValueOrDefault(finding.Rule).Files + 1, $"{place} {finding.ElementId}: {finding.Sentence}");
            }
        }

        foreach (var (rule, cause) in causes.OrderByDescending(c => c.Value.Files))
            output.WriteLine($"{cause.Files,5} {rule,-30} e.g. {cause.Example}");
        foreach (var (group, count) in folders)
            output.WriteLine($"{count.Loaded,5}/{count.All,-4} {group}");
        output.WriteLine($"unchanged: {unchanged}, after named edits: {loaded - unchanged}, refused: {total - loaded}");
        output.WriteLine($"crashed, hung or refused without a finding: {broken}");
        output.WriteLine($"bpmn-import: {loaded}/{total}");
        return broken == 0 && loaded * 100 >= total * 60 ? 0 : 1;
    }

    private static ProcessImportResult? Guarded(string file, out string? problem)
    {
        problem = null;
        ProcessImportResult? result = null;
        Exception? thrown = null;
        // A thread of its own: a hang is reported and left behind instead of stopping the suite.
        var thread = new Thread(() =>
        {
            try
            {
                result = ProcessImport.Import(Models.WithNeighbours(file));
            }
            catch (Exception error)
            {
                thrown = error;
            }
        })
        { IsBackground = true };
        thread.Start();
        if (!thread.Join(Longest))
            problem = $"not done after {Longest.TotalSeconds} seconds";
        else if (thrown is not null)
            problem = $"{thrown.GetType().Name}: {thrown.Message}";
        return problem is null ? result : null;
    }
}
