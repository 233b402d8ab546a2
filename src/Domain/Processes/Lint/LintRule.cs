using System.Globalization;
using System.Text;
using Countersign.Domain.Processes.Bpmn;

namespace Countersign.Domain.Processes.Lint;

/// <summary>One rule about BPMN files as they are written.</summary>
/// <param name="Id">Stable rule id.</param>
/// <param name="Constraint">Numbers of the serialization constraint of BPMN 2.0 that it checks, as its published list has them; null = a rule of our own.</param>
/// <param name="Severity">An error where a run would differ from what the file says; a warning where only readers are misled.</param>
/// <param name="Sentence">What is wrong; {0} is the element's title, further places are the rule's details.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Find">The places.</param>
internal sealed record LintRule(string Id, string? Constraint, FindingSeverity Severity, string Sentence, string Remedy, Func<BpmnScan, IEnumerable<LintHit>> Find)
{
    private readonly CompositeFormat _format = CompositeFormat.Parse(Sentence);

    /// <summary>The sentence for one place.</summary>
    public string Say(string title, LintHit hit) => string.Format(CultureInfo.InvariantCulture, _format, [title, .. hit.Details]);
}

/// <summary>A place that breaks a rule.</summary>
/// <param name="Element">The element at fault; what is reported is the nearest one that a diagram or a list can show.</param>
/// <param name="Details">What the rule's sentence names beside the element's title.</param>
internal readonly record struct LintHit(XmlTree Element, params string[] Details);
