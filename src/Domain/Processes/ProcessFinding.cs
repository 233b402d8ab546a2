using System.Collections.Immutable;

namespace Countersign.Domain.Processes;

/// <summary>How much a finding weighs.</summary>
public enum FindingSeverity
{
    /// <summary>The version runs; the author should look.</summary>
    Warning,

    /// <summary>The version cannot be published.</summary>
    Error,
}

/// <summary>What the compiler found at one place of the sources.</summary>
/// <param name="Rule">Stable rule id, e.g. <c>flow.dangling-target</c>.</param>
/// <param name="Severity">Error or warning.</param>
/// <param name="ElementId">BPMN id of the element, or null when the finding is about the whole file.</param>
/// <param name="Sentence">What is wrong, for a person.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Line">1-based line in the BPMN file, or null.</param>
public sealed record ProcessFinding(string Rule, FindingSeverity Severity, string? ElementId, string Sentence, string Remedy, int? Line = null);

/// <summary>The result of compiling: a graph, or findings that say why there is none.</summary>
/// <param name="Graph">The graph; null when any finding is an error.</param>
/// <param name="Findings">All findings, errors first.</param>
public sealed record ProcessCompilation(ProcessGraph? Graph, ImmutableArray<ProcessFinding> Findings)
{
    /// <summary>Whether the version can be published.</summary>
    public bool Succeeded => Graph is not null;
}

/// <summary>Collects findings while reading, linting and compiling.</summary>
internal sealed class FindingList
{
    private readonly List<ProcessFinding> _findings = [];

    public bool HasErrors => _findings.Exists(f => f.Severity == FindingSeverity.Error);

    /// <summary>Whether there is an error of another rule than these.</summary>
    public bool HasErrorsBut(IReadOnlySet<string> rules) => _findings.Exists(f => f.Severity == FindingSeverity.Error && !rules.Contains(f.Rule));

    public void Error(string rule, string? elementId, string sentence, string remedy, int? line = null) =>
        _findings.Add(new ProcessFinding(rule, FindingSeverity.Error, elementId, sentence, remedy, line));

    public void Warning(string rule, string? elementId, string sentence, string remedy, int? line = null) =>
        _findings.Add(new ProcessFinding(rule, FindingSeverity.Warning, elementId, sentence, remedy, line));

    /// <summary>Takes over findings of a later step, except what only follows from an earlier one: of these rules, or about an element that has an error of the same subject already.</summary>
    public void AddUnlessConsequence(FindingList later, IReadOnlySet<string> consequences)
    {
        var known = _findings.Where(f => f.Severity == FindingSeverity.Error).Select(f => (f.ElementId, Subject(f.Rule))).ToHashSet();
        _findings.AddRange(later._findings.Where(f => !consequences.Contains(f.Rule) && !known.Contains((f.ElementId, Subject(f.Rule)))));
    }

    // The part before the dot: two rules of one subject say the same of an element in other words.
    private static string Subject(string rule) => rule[..rule.IndexOf('.', StringComparison.Ordinal)];

    public ImmutableArray<ProcessFinding> ToArray() =>
        [.. _findings.DistinctBy(f => (f.Rule, f.Severity, f.ElementId, f.Sentence)).OrderByDescending(f => f.Severity).ThenBy(f => f.Line ?? 0).ThenBy(f => f.ElementId, StringComparer.Ordinal).ThenBy(f => f.Rule, StringComparer.Ordinal)];
}
