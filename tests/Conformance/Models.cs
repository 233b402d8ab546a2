using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Countersign.Domain.Processes;

namespace Countersign.Conformance;

/// <summary>BPMN files of a folder and what belongs to them.</summary>
internal static partial class Models
{
    /// <summary>All BPMN files below a folder in a fixed order; some tools let them end in <c>.bpmn20.xml</c>.</summary>
    public static IEnumerable<string> Files(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(f => f.EndsWith(".bpmn", StringComparison.OrdinalIgnoreCase) || f.EndsWith(".bpmn20.xml", StringComparison.OrdinalIgnoreCase) || f.EndsWith(".bpmn.xml", StringComparison.OrdinalIgnoreCase))
        .Order(StringComparer.Ordinal);

    /// <summary>A version of the one file.</summary>
    public static ProcessSources Sources(string file) => new([new ProcessSource(ProcessSourceKind.Bpmn, Path.GetFileName(file), File.ReadAllBytes(file))]);

    /// <summary>A version of the file with the decisions and forms beside it that it names.</summary>
    public static ProcessSources WithNeighbours(string file)
    {
        var sources = Sources(file);
        var text = File.ReadAllText(file);
        var neighbours = Directory.EnumerateFiles(Path.GetDirectoryName(file)!).Where(f => Path.GetExtension(f) is ".dmn" or ".form").Order(StringComparer.Ordinal)
            .Where(f => Id().Matches(File.ReadAllText(f)).Any(id => text.Contains($"\"{id.Groups["id"].Value}\"", StringComparison.Ordinal)))
            .Select(f => new ProcessSource(Path.GetExtension(f) == ".dmn" ? ProcessSourceKind.Dmn : ProcessSourceKind.Form, Path.GetFileName(f), File.ReadAllBytes(f)));
        return sources with { Files = sources.Files.AddRange(neighbours) };
    }

    [GeneratedRegex(@"(<(\w+:)?decision\s[^>]*?id=""|""id""\s*:\s*"")(?<id>[^""]+)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();

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
