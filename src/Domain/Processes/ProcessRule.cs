using System.Collections.Immutable;
using Countersign.Domain.Processes.Lint;

namespace Countersign.Domain.Processes;

/// <summary>A rule that BPMN files are checked against on publish.</summary>
/// <param name="Id">Stable rule id, as findings carry it.</param>
/// <param name="Constraint">The constraints of BPMN 2.0 that it checks, e.g. <c>EXT.097</c>, as the published list of serialization constraints numbers them; null = a rule of this service.</param>
/// <param name="Severity">Whether it prevents publishing.</param>
/// <param name="Sentence">What findings say; {0} is the element, further places are details.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record ProcessRule(string Id, string? Constraint, FindingSeverity Severity, string Sentence, string Remedy)
{
    /// <summary>All rules about files as they are written, by id.</summary>
    public static ImmutableArray<ProcessRule> All { get; } =
        [.. BpmnLint.Rules.Select(r => new ProcessRule(r.Id, r.Constraint, r.Severity, r.Sentence, r.Remedy)).OrderBy(r => r.Id, StringComparer.Ordinal)];

    /// <summary>Whether the rule checks a constraint, e.g. <c>EXT.097</c>.</summary>
    public bool Checks(string constraint) => Constraint?.Split(", ").Contains(constraint, StringComparer.Ordinal) == true;
}
