using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Countersign.Domain.Processes;

/// <summary>The decisions and forms among the sources of a version, by id.</summary>
internal sealed class ProcessLibrary
{
    private static readonly JsonDocumentOptions FormOptions = new() { MaxDepth = 64 };

    private ProcessLibrary(ImmutableDictionary<string, ProcessDecision> decisions, ImmutableHashSet<string>? forms)
    {
        Decisions = decisions;
        Forms = forms;
    }

    /// <summary>No decisions, and forms are not checked.</summary>
    public static ProcessLibrary Any { get; } = new(ImmutableDictionary<string, ProcessDecision>.Empty, null);

    /// <summary>Decisions by id.</summary>
    public ImmutableDictionary<string, ProcessDecision> Decisions { get; }

    /// <summary>Form ids; null = any.</summary>
    public ImmutableHashSet<string>? Forms { get; }

    public static ProcessLibrary Read(ProcessSources sources, FindingList findings)
    {
        var decisions = ImmutableDictionary.CreateBuilder<string, ProcessDecision>(StringComparer.Ordinal);
        var forms = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var file in sources.Files.GroupBy(f => f.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            findings.Error("sources.duplicate-name", null, $"Two files are called '{file.Key}'.", "Give each file its own name.");
        foreach (var file in sources.Files)
        {
            if (file.Kind == ProcessSourceKind.Dmn)
                ReadDecisions(file, decisions, findings);
            else if (file.Kind == ProcessSourceKind.Form)
                ReadForm(file, forms, findings);
        }

        return new ProcessLibrary(decisions.ToImmutable(), forms.ToImmutable());
    }

    private static void ReadDecisions(ProcessSource file, ImmutableDictionary<string, ProcessDecision>.Builder decisions, FindingList findings)
    {
        var read = ProcessDecision.Read(file.Content, out var problem, out var seen);
        // Warnings, as with expressions: a version published before a check existed must go on running.
        foreach (var finding in seen)
            findings.Warning(finding.Rule, finding.ElementId.Length == 0 ? null : finding.ElementId, $"In '{file.Name}', line {finding.Line.ToString(CultureInfo.InvariantCulture)}: {finding.Sentence}", finding.Remedy);
        foreach (var decision in read)
        {
            if (!decisions.TryAdd(decision.Id, decision))
                findings.Error("decision.duplicate-id", decision.Id, $"The decision '{decision.Id}' is there twice.", "Give each decision its own id.");
        }

        if (problem is not null)
            findings.Error("decision.invalid", null, $"The decisions in '{file.Name}' cannot be read: {problem}", "Correct the DMN file.");
    }

    private static void ReadForm(ProcessSource file, ImmutableHashSet<string>.Builder forms, FindingList findings)
    {
        const string Remedy = "Give a form-js form: a JSON object with an id.";
        try
        {
            using var document = JsonDocument.Parse(file.Content, FormOptions);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String)
            {
                if (!forms.Add(id.GetString()!))
                    findings.Error("form.duplicate-id", id.GetString(), $"The form '{id.GetString()}' is there twice.", "Give each form its own id.");
            }
            else
            {
                findings.Error("form.no-id", null, $"The form in '{file.Name}' has no id.", Remedy);
            }
        }
        catch (JsonException)
        {
            findings.Error("form.invalid", null, $"The form in '{file.Name}' is not JSON.", Remedy);
        }
    }
}
