using System.Collections.Immutable;
using System.Xml.Linq;

namespace Countersign.Domain.Processes.Import;

/// <summary>
/// Brings a BPMN file of another tool into a form that runs here: what means the same is read as it is, simple JUEL becomes FEEL, code becomes a job type; every change is named.
/// What cannot be said here is left as it stands, and the file is refused with the findings of the compiler.
/// </summary>
public static class ProcessImport
{
    /// <summary>Imports; never throws for what is in the sources, and the same sources always give the same result.</summary>
    /// <param name="sources">The BPMN file with its decisions and forms.</param>
    public static ProcessImportResult Import(ProcessSources sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var compilation = ProcessCompiler.Compile(sources);
        var file = sources.Files.FirstOrDefault(f => f.Kind == ProcessSourceKind.Bpmn);
        if (compilation.Graph is { } unchanged)
            return new ProcessImportResult(file!.Content, unchanged.Key, [], compilation.Findings);
        if (file is null || BpmnDocument.Open(file.Content, new FindingList()) is not { } document || !document.Xml.Root!.Is("definitions"))
            return new ProcessImportResult(null, null, [], compilation.Findings);

        var edits = new EditList();
        var process = Process(document.Xml, sources.ProcessId, edits);
        var decisions = ProcessLibrary.Read(sources, new FindingList()).Decisions.Keys.ToHashSet(StringComparer.Ordinal);
        Edit(document.Xml, process, decisions, edits);
        var changed = document.Write();
        var again = ProcessCompiler.Compile(sources with { Files = sources.Files.Replace(file, file with { Content = changed }) });
        return again.Graph is { } graph
            ? new ProcessImportResult(changed, graph.Key, edits.ToArray(), again.Findings)
            : new ProcessImportResult(null, null, edits.ToArray(), again.Findings);
    }

    /// <summary>The process to run. Drawings of several pools often mark none, or all: then the one with the most flow nodes is taken, and said.</summary>
    private static XElement? Process(XDocument document, string? wanted, EditList edits)
    {
        var processes = document.Root!.Elements(Dialect.Bpmn + "process").ToList();
        if (wanted is not null)
            return processes.Find(p => p.Id() == wanted);
        var executable = processes.Count == 1 ? processes : processes.FindAll(p => (string?)p.Attribute("isExecutable") == "true");
        if (executable.Count == 1 || processes.Count == 0)
            return executable.FirstOrDefault();
        var chosen = (executable.Count > 1 ? executable : processes).MaxBy(p => p.Descendants().Count(e => e.Name.Namespace == Dialect.Bpmn && Lint.BpmnScan.FlowNodes.Contains(e.Name.LocalName)))!;
        foreach (var process in processes)
            process.SetAttributeValue("isExecutable", process == chosen ? "true" : "false");
        edits.Add("import.process", chosen.Id(), needsAttention: true,
            $"Of {processes.Count} processes, '{chosen.Title()}' is marked as the one to run: it is the largest. Import the others as versions of their own.", null, "isExecutable=\"true\"");
        return chosen;
    }

    private static void Edit(XDocument document, XElement? process, IReadOnlySet<string> decisions, EditList edits)
    {
        // What is not run needs no change; shared messages and event definitions at the root do.
        var places = document.Root!.Elements().Where(e => !e.Is("process") || e == process).Where(e => !e.Is("collaboration", "choreography", "globalConversation")).ToImmutableArray();
        var expressions = new ExpressionImport(edits);
        var work = new WorkImport(decisions, edits);
        foreach (var element in places.SelectMany(p => p.DescendantsAndSelf()).Where(e => e.Name.Namespace == Dialect.Bpmn).ToList())
        {
            expressions.Translate(element);
            work.Replace(element);
        }

        DrawingImport.Complete(document, process, edits);
        foreach (var note in ForeignReading.Apply(document))
            edits.Add(note.Rule, note.Element.Id(), needsAttention: true, note.Sentence, null, null);
        // One prefix for all that was added, where the file has none yet.
        if (document.Root.GetPrefixOfNamespace(Dialect.Zeebe) is null && document.Root.Attribute(XNamespace.Xmlns + "zeebe") is null)
            document.Root.SetAttributeValue(XNamespace.Xmlns + "zeebe", Dialect.Zeebe.NamespaceName);
    }
}
