using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Processes;

namespace Countersign.Conformance;

/// <summary>BPMN files of a folder and what belongs to them.</summary>
internal static class Models
{
    /// <summary>All BPMN files below a folder in a fixed order; some tools let them end in <c>.bpmn20.xml</c>.</summary>
    public static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(f => f.EndsWith(".bpmn", StringComparison.OrdinalIgnoreCase) || f.EndsWith(".bpmn20.xml", StringComparison.OrdinalIgnoreCase) || f.EndsWith(".bpmn.xml", StringComparison.OrdinalIgnoreCase))
        .Order(StringComparer.Ordinal);

    /// <summary>A version of the one file.</summary>
    public static ProcessSources Sources(string file) => new([new ProcessSource(ProcessSourceKind.Bpmn, Path.GetFileName(file), File.ReadAllBytes(file))]);

    /// <summary>Models that lie among valid ones and that their own cases expect to be refused.</summary>
    public static IReadOnlySet<string> MeantToFail(string folder)
    {
        var cases = Path.Combine(folder, "cases.json");
        if (!File.Exists(cases))
            return ImmutableHashSet<string>.Empty;
        using var document = JsonDocument.Parse(File.ReadAllBytes(cases));
        return document.RootElement.EnumerateArray()
            .Where(c => c.GetProperty("testcases").EnumerateArray().All(t => t.GetProperty("expected_trace").EnumerateArray().All(w => w.GetString() is "ERROR" or "ERROR_deployment")))
            .Select(c => Path.GetFileName(c.GetProperty("file").GetString()!)).ToHashSet(StringComparer.Ordinal);
    }
}
