using System.Collections.Immutable;
using Countersign.Domain.Processes.Bpmn;
using Countersign.Domain.Processes.Import;
using Countersign.Domain.Processes.Lint;

namespace Countersign.Domain.Processes;

/// <summary>Compiles the sources of a process version to the graph that the engine runs, or says why it cannot.</summary>
public static class ProcessCompiler
{
    /// <summary>What is found when an element that is referred to was not read.</summary>
    private static readonly ImmutableHashSet<string> Consequences = ["flow.dangling-source", "flow.dangling-target", "flow.default", "boundary.host", "start.missing", "link.target", "event-gateway.two-events",
        "event-sub-process.start", "ad-hoc.empty", "duty.unknown", "task.countersigns", "policy.proposal", "compensation.handler", "compensation.activity", "element.unreachable"];

    /// <summary>What is found while a graph is built that leaves nothing out of it.</summary>
    private static readonly ImmutableHashSet<string> Judgements = ["timer.variable", "timer.invalid", "form.not-found", "task.verdict", "task.due-date", "job.retries", "variable.name", "compensation.flow",
        "expression.juel"];

    /// <summary>Checks and compiles. Never throws for what is in the sources; the same sources always give the same result.</summary>
    /// <param name="sources">All files of the version.</param>
    public static ProcessCompilation Compile(ProcessSources sources)
    {
        var findings = new FindingList();
        var bpmn = sources.Files.Where(f => f.Kind == ProcessSourceKind.Bpmn).ToList();
        if (bpmn.Count != 1)
        {
            findings.Error("sources.bpmn", null, $"A process version has exactly one BPMN file; this one has {bpmn.Count}.", "Give one BPMN file.");
            return new ProcessCompilation(null, findings.ToArray());
        }

        var library = ProcessLibrary.Read(sources, findings);
        if (XmlTreeReader.Read(bpmn[0].Content, findings) is not { } root)
            return new ProcessCompilation(null, findings.ToArray());
        BpmnLint.Check(root, sources.ProcessId, findings);
        root = ForeignReading.Read(bpmn[0].Content, root, findings);
        var models = BpmnModelReader.Read(root, findings);
        if (models.IsEmpty || ChooseProcess(models, sources.ProcessId, findings) is not { } model)
            return new ProcessCompilation(null, findings.ToArray());
        if (!findings.HasErrors)
            return Compile(model, sources.Hash(), library, findings);
        CheckFurther(model, library, findings);
        return new ProcessCompilation(null, findings.ToArray());
    }

    /// <summary>
    /// Compiles sources that were published before, perhaps by a version of the service that checked less. What only judges (the checks of the file, of the graph and of expressions) does
    /// not stop a process that runs; there is no graph only when something of the file cannot be read or run any more.
    /// </summary>
    /// <param name="sources">All files of the version.</param>
    /// <returns>The graph wherever it can be built, with all findings, errors included.</returns>
    public static ProcessCompilation CompilePublished(ProcessSources sources)
    {
        var checkedFully = Compile(sources);
        if (checkedFully.Graph is not null)
            return checkedFully;
        var reading = new FindingList();
        var library = ProcessLibrary.Read(sources, reading);
        if (sources.Files.Where(f => f.Kind == ProcessSourceKind.Bpmn).ToList() is not [var bpmn] || XmlTreeReader.Read(bpmn.Content, reading) is not { } file)
            return checkedFully;
        var models = BpmnModelReader.Read(ForeignReading.Read(bpmn.Content, file, reading), reading);
        if (models.IsEmpty || ChooseProcess(models, sources.ProcessId, reading) is not { } model || reading.HasErrorsBut(Judgements) || !ModelLint.CanBeBuilt(model))
            return checkedFully;
        var graph = new GraphCompiler(model, sources.Hash(), library, reading).Compile();
        return reading.HasErrorsBut(Judgements) ? checkedFully : new ProcessCompilation(graph, checkedFully.Findings);
    }

    /// <summary>Checks and compiles a model made by the C# builder.</summary>
    internal static ProcessCompilation Compile(ProcessModel model, string hash) => Compile(model, hash, ProcessLibrary.Any, new FindingList());

    private static ProcessCompilation Compile(ProcessModel model, string hash, ProcessLibrary library, FindingList findings)
    {
        ModelLint.Check(model, findings);
        if (findings.HasErrors)
        {
            if (model.Nodes.Count <= ModelLint.MaximumNodes)
                new GraphCompiler(model, hash, library, findings).CheckParts();
            return new ProcessCompilation(null, findings.ToArray());
        }

        var compiler = new GraphCompiler(model, hash, library, findings);
        var graph = compiler.Compile();
        if (!findings.HasErrors)
        {
            GraphLint.Check(graph, findings);
            ExpressionLint.Check(graph, compiler.Uses, findings);
        }

        return new ProcessCompilation(findings.HasErrors ? null : graph, findings.ToArray());
    }

    /// <summary>
    /// Checks what was read of a file in which something could not be read: all findings come in one round. What is missing only because it could not be read
    /// is not said a second time; ends of flows and hosts of boundary events were checked in the file itself.
    /// </summary>
    private static void CheckFurther(ProcessModel model, ProcessLibrary library, FindingList findings)
    {
        if (model.Nodes.Count > ModelLint.MaximumNodes)
        {
            ModelLint.Check(model, findings);
            return;
        }

        var further = new FindingList();
        ModelLint.Check(model, further);
        new GraphCompiler(model, "", library, further).CheckParts();
        findings.AddUnlessConsequence(further, Consequences);
    }

    private static ProcessModel? ChooseProcess(ImmutableArray<BpmnProcess> processes, string? wanted, FindingList findings)
    {
        if (wanted is not null)
        {
            var found = processes.FirstOrDefault(p => p.Model.Id == wanted);
            if (found is null)
                findings.Error("process.not-found", wanted, $"The file has no process '{wanted}'.", $"Choose one of: {string.Join(", ", processes.Select(p => p.Model.Id))}.");
            return found?.Model;
        }

        // Tools leave isExecutable out or false on a single process; with several it says which one is meant.
        var candidates = processes.Length == 1 ? processes : [.. processes.Where(p => p.IsExecutable)];
        if (candidates.Length == 1)
            return candidates[0].Model;
        findings.Error("process.one-executable", null, $"The file has {processes.Length} processes, of which {candidates.Length} are marked as executable.",
            "Mark exactly one process as executable, or name the one to run.");
        return null;
    }
}
