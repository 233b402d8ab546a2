using System.Collections.Immutable;
using System.Globalization;
using Countersign.Domain.Processes;
using Countersign.Feel;
using Countersign.Feel.Checks;
using Countersign.Feel.Dmn;

namespace Countersign.Domain.Policies;

/// <summary>Collects what is found in a policy.</summary>
internal sealed class PolicyFindings
{
    private readonly List<PolicyFinding> _findings = [];

    public bool HasErrors => _findings.Exists(f => f.Severity == FindingSeverity.Error);

    public void Error(string rule, string? element, string sentence, string remedy) => _findings.Add(new PolicyFinding(rule, FindingSeverity.Error, element, sentence, remedy));

    public void Add(string rule, DmnSeverity severity, string element, string sentence, string remedy, int line) => _findings.Add(new PolicyFinding(
        rule, severity == DmnSeverity.Error ? FindingSeverity.Error : FindingSeverity.Warning, element.Length == 0 ? null : element, sentence, remedy, line == 0 ? null : line));

    public ImmutableArray<PolicyFinding> ToArray() => [.. _findings.Distinct().OrderByDescending(f => f.Severity).ThenBy(f => f.Line ?? 0).ThenBy(f => f.Element, StringComparer.Ordinal)];
}

/// <summary>Checks of a policy that need no case: its figures, and what can be seen in its expressions and its gate without evaluating them.</summary>
internal static class PolicyLint
{
    /// <summary>What the gate is given, see <see cref="GatePolicy"/>; any other input would always be null.</summary>
    public static readonly ImmutableDictionary<string, string?> GateInputs = ImmutableDictionary.CreateRange(StringComparer.Ordinal, new KeyValuePair<string, string?>[]
    {
        new("case", null), new("confidence", "number"), new("fields", "context"), new("impact", "number"), new("failed", "list<string>"), new("corrected", "boolean"),
    });

    public static void Check(PolicyDocument document, PolicyFindings findings)
    {
        if (string.IsNullOrWhiteSpace(document.Name) || document.Name.Length > 200)
            findings.Error("policy.name", "name", "The policy has no usable title.", "Give one of 1 to 200 characters.");
        if (document.Fields.IsDefault || document.Fields.Length > 200 || document.Fields.Any(string.IsNullOrWhiteSpace))
            findings.Error("policy.fields", "fields", "The list of fields cannot be used.", "List at most 200 field names whose confidence counts.");
        if (document.Sampling is { Share: < 0 or > 1 })
            findings.Error("policy.sampling", "sampling.share", string.Create(CultureInfo.InvariantCulture, $"A share of {document.Sampling.Share} is none."), "Give a share between 0 and 1.");
        if (document.Limits is { MaximumAttempts: < 1 } or { MaximumCost: < 0 } or { MaximumLatency: <= 0 })
            findings.Error("policy.limits", "limits", "A limit is not positive.", "Give positive limits, or null for none.");
        CheckCalibration(document, findings);
    }

    public static void Check(FeelExpression impact, FeelExpression? proposal, FeelExpression? checks, FeelExpression? stratum, DmnModel gate, PolicyFindings findings)
    {
        foreach (var (name, expression) in (ReadOnlySpan<(string, FeelExpression?)>)[("impact", impact), ("proposal", proposal), ("checks", checks), ("sampling.stratum", stratum)])
        {
            // Which variables a process has is not known here, so only what is wrong with any of them is found.
            foreach (var finding in expression?.Check(FeelKnownNames.None) ?? [])
                findings.Error(finding.Rule, name, finding.Sentence, $"{finding.Remedy} (character {finding.Position + 1} of '{name}')");
        }

        foreach (var finding in gate.Check(new DmnCheckOptions { Given = GateInputs }))
            findings.Add(finding.Rule, finding.Severity, finding.ElementId, finding.Sentence, finding.Remedy, finding.Line);
    }

    private static void CheckCalibration(PolicyDocument document, PolicyFindings findings)
    {
        var calibration = document.Calibration;
        switch (calibration.Method)
        {
            case "shipped" when document.Binding.Provider != "countersign":
                findings.Error("policy.calibration", "calibration", "Only readers that ship with the product have calibrated scores.", "Use 'isotonic' with labelled outcomes.");
                break;
            case "shipped":
                break;
            case "isotonic":
                if (calibration.Points.IsDefault || calibration.Points.Length is < 2 or > 1000)
                    findings.Error("policy.calibration", "calibration.points", "The curve has too few or too many points.", "Give 2 to 1,000.");
                else if (calibration.Points.Any(p => p.Score is < 0 or > 1 || p.Probability is < 0 or > 1)
                    || calibration.Points.Zip(calibration.Points.Skip(1)).Any(pair => pair.Second.Score <= pair.First.Score || pair.Second.Probability < pair.First.Probability))
                    findings.Error("policy.calibration", "calibration.points", "The points make no rising curve.", "Scores rise strictly, probabilities do not fall, both between 0 and 1.");
                break;
            default:
                findings.Error("policy.calibration", "calibration.method", $"'{calibration.Method}' is no method of calibration.", "Use 'shipped' or 'isotonic'.");
                break;
        }
    }
}
