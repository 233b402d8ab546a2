using System.Xml;
using System.Xml.Linq;
using Countersign.Domain.Processes;
using Countersign.Domain.Processes.Import;

namespace Countersign.Conformance;

/// <summary>Interchange reference models: read, written and read again keep everything, and an edit changes what it names and nothing else.</summary>
internal static class BpmnRoundTripSuite
{
    /// <summary>Runs all files; the last line is <c>bpmn-roundtrip: lossless/total</c>.</summary>
    public static int Run(string folder, TextWriter output)
    {
        int passed = 0, total = 0;
        foreach (var file in Models.Files(folder))
        {
            total++;
            var problem = Check(File.ReadAllBytes(file));
            passed += problem is null ? 1 : 0;
            output.WriteLine($"{(problem is null ? "lossless" : "LOSS    ")} {Path.GetFileName(file)}{(problem is null ? "" : ": " + problem)}");
        }

        output.WriteLine($"bpmn-roundtrip: {passed}/{total}");
        return passed == total ? 0 : 1;
    }

    private static string? Check(ReadOnlyMemory<byte> original)
    {
        if (ProcessFile.Open(original) is not { } opened)
            return "it cannot be read";
        var written = opened.Write();
        if (Difference(original, written) is { } lost)
            return $"after writing, {lost}";
        if (!Says(original).SequenceEqual(Says(written)))
            return "the compiler says something else of the written file";
        // One edit: a name. Everything but that one attribute stays.
        var renamed = ProcessFile.Open(original)!;
        if (renamed.Elements().FirstOrDefault() is not { } element)
            return "it has no flow node to rename";
        renamed.Rename(element, "Renamed & <kept>");
        var edited = Items(renamed.Write()).Except(Items(original), StringComparer.Ordinal).ToList();
        return edited is [var one] && one.EndsWith("@name=Renamed & <kept>", StringComparison.Ordinal) ? null : $"a new name changed {edited.Count} items";
    }

    private static IEnumerable<string> Says(ReadOnlyMemory<byte> content) =>
        ProcessCompiler.Compile(new ProcessSources([new ProcessSource(ProcessSourceKind.Bpmn, "model.bpmn", content)])).Findings.Select(f => $"{f.Severity} {f.Rule} {f.ElementId} {f.Sentence}");

    private static string? Difference(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        var (a, b) = (Items(before), Items(after));
        for (var i = 0; i < Math.Max(a.Count, b.Count); i++)
        {
            if (i >= a.Count || i >= b.Count || a[i] != b[i])
                return $"'{(i < a.Count ? a[i] : "nothing")}' is '{(i < b.Count ? b[i] : "nothing")}'";
        }

        return null;
    }

    /// <summary>Everything a file holds, in its order, with namespaces, prefixes, comments, instructions and white space: read by the platform's own reader, not by ours.</summary>
    private static List<string> Items(ReadOnlyMemory<byte> content)
    {
        var items = new List<string>();
        var path = new Stack<string>();
        using var reader = XmlReader.Create(new MemoryStream(content.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.XmlDeclaration:
                    break;
                case XmlNodeType.Element:
                    var isEmpty = reader.IsEmptyElement;
                    path.Push(reader.Name);
                    items.Add($"{string.Join('/', path)} {{{reader.NamespaceURI}}}");
                    while (reader.MoveToNextAttribute())
                        items.Add($"{string.Join('/', path)}#{reader.Depth}@{reader.Name}={reader.Value}");
                    if (isEmpty)
                        path.Pop();
                    break;
                case XmlNodeType.EndElement:
                    path.Pop();
                    break;
                default:
                    items.Add($"{string.Join('/', path)} {reader.NodeType} {reader.Name} {reader.Value}");
                    break;
            }
        }

        return items;
    }
}
