using System.Collections.Immutable;
using System.Text;
using Countersign.Domain.Decisions;
using Countersign.Feel;
using Countersign.Feel.Dmn;

namespace Countersign.Domain.Policies;

/// <summary>A compiled policy, or the findings that prevent it.</summary>
/// <param name="Policy">The policy, or null when there are findings.</param>
/// <param name="Findings">Sentences that say what is wrong and where; empty when the policy is good.</param>
public sealed record PolicyCompilation(CompiledPolicy? Policy, ImmutableArray<string> Findings);

/// <summary>Compiles a policy document and its gate.</summary>
public static class PolicyCompiler
{
    /// <summary>Compiles; never throws on bad text.</summary>
    /// <param name="document">The policy document (JSON).</param>
    /// <param name="gate">The gate's DMN source.</param>
    /// <param name="key">Policy key.</param>
    /// <param name="version">Version number.</param>
    public static PolicyCompilation Compile(string document, string gate, string key, int version)
    {
        if (PolicyDocument.Read(document, out var problem) is not { } read)
            return new(null, [problem!]);
        var findings = ImmutableArray.CreateBuilder<string>();
        Check(read, findings);
        var impact = Expression(read.Impact, "impact", findings);
        var proposal = Expression(read.Proposal, "proposal", findings);
        var checks = Expression(read.Checks, "checks", findings);
        var stratum = Expression(read.Sampling?.Stratum, "sampling.stratum", findings);
        var model = DmnModel.Load(Encoding.UTF8.GetBytes(gate));
        foreach (var diagnostic in model.Diagnostics.Where(d => d.Severity == DmnSeverity.Error))
            findings.Add($"Gate, {diagnostic.ElementId}, line {diagnostic.Line}: {diagnostic.Message}");
        if (findings.Count > 0 || model.Model is null)
            return new(null, findings.ToImmutable());
        if (!model.Model.Decisions.Any(d => d.Id == read.GateDecision || d.Name == read.GateDecision))
            return new(null, [$"The gate has no decision '{read.GateDecision}'. Name one of its decisions in gateDecision."]);
        var reference = new PolicyReference(key, version, PolicyHash.Of(document, gate));
        return new(new GatePolicy(reference, read, new PolicyExpressions(impact!, proposal, checks, stratum), model.Model), []);
    }

    private static void Check(PolicyDocument document, ImmutableArray<string>.Builder findings)
    {
        if (string.IsNullOrWhiteSpace(document.Name) || document.Name.Length > 200)
            findings.Add("name: give a title of 1 to 200 characters.");
        if (document.Fields.IsDefault || document.Fields.Length > 200 || document.Fields.Any(string.IsNullOrWhiteSpace))
            findings.Add("fields: list at most 200 field names whose confidence counts.");
        if (document.Sampling is { Share: < 0 or > 1 })
            findings.Add("sampling.share: give a share between 0 and 1.");
        if (document.Limits is { MaximumAttempts: < 1 } or { MaximumCost: < 0 } or { MaximumLatency: <= 0 })
            findings.Add("limits: bounds are positive.");
        CheckCalibration(document, findings);
    }

    private static void CheckCalibration(PolicyDocument document, ImmutableArray<string>.Builder findings)
    {
        var calibration = document.Calibration;
        switch (calibration.Method)
        {
            case "shipped" when document.Binding.Provider != "countersign":
                findings.Add("calibration: only readers that ship with the product have calibrated scores. Use 'isotonic' with labelled outcomes.");
                break;
            case "shipped":
                break;
            case "isotonic":
                if (calibration.Points.IsDefault || calibration.Points.Length is < 2 or > 1000)
                    findings.Add("calibration.points: give 2 to 1,000 points.");
                else if (calibration.Points.Any(p => p.Score is < 0 or > 1 || p.Probability is < 0 or > 1)
                    || calibration.Points.Zip(calibration.Points.Skip(1)).Any(pair => pair.Second.Score <= pair.First.Score || pair.Second.Probability < pair.First.Probability))
                    findings.Add("calibration.points: scores must rise strictly, probabilities must not fall, both between 0 and 1.");
                break;
            default:
                findings.Add("calibration.method: use 'shipped' or 'isotonic'.");
                break;
        }
    }

    private static FeelExpression? Expression(string? text, string name, ImmutableArray<string>.Builder findings)
    {
        if (text is null)
            return null;
        var compilation = FeelExpression.Compile(text);
        foreach (var error in compilation.Errors)
            findings.Add($"{name}: {error.Message} (position {error.Position}).");
        return compilation.Expression;
    }
}
