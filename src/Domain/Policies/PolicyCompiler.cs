using System.Collections.Immutable;
using System.Text;
using Countersign.Domain.Decisions;
using Countersign.Domain.Processes;
using Countersign.Feel;
using Countersign.Feel.Dmn;

namespace Countersign.Domain.Policies;

/// <summary>What the compiler found in a policy.</summary>
/// <param name="Rule">Stable rule id, e.g. <c>table.gap</c>.</param>
/// <param name="Severity">Error or warning.</param>
/// <param name="Element">Member of the document (<c>impact</c>, <c>limits</c>) or id of an element of the gate; null for the whole.</param>
/// <param name="Sentence">What is wrong, for a person.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Line">1-based line in the gate, or null.</param>
public sealed record PolicyFinding(string Rule, FindingSeverity Severity, string? Element, string Sentence, string Remedy, int? Line = null);

/// <summary>A compiled policy with what was found in it.</summary>
/// <param name="Policy">The policy; null when it cannot run at all.</param>
/// <param name="Findings">All findings, errors first.</param>
public sealed record PolicyCompilation(CompiledPolicy? Policy, ImmutableArray<PolicyFinding> Findings)
{
    /// <summary>
    /// Whether the policy may be drafted. A policy with an error in a rule runs (that rule then sends the case to a person), so a version taken
    /// before a check existed goes on; it is only not taken anew.
    /// </summary>
    public bool IsSound => Policy is not null && !Findings.Any(f => f.Severity == FindingSeverity.Error);
}

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
            return new(null, [new PolicyFinding("policy.document", FindingSeverity.Error, null, problem!, "Correct the document.")]);
        var findings = new PolicyFindings();
        PolicyLint.Check(read, findings);
        var impact = Expression(read.Impact, "impact", findings);
        var proposal = Expression(read.Proposal, "proposal", findings);
        var checks = Expression(read.Checks, "checks", findings);
        var stratum = Expression(read.Sampling?.Stratum, "sampling.stratum", findings);
        var model = DmnModel.Load(Encoding.UTF8.GetBytes(gate));
        foreach (var diagnostic in model.Diagnostics)
            findings.Add("gate.invalid", diagnostic.Severity, diagnostic.ElementId, diagnostic.Message, "Correct the gate.", diagnostic.Line);
        if (findings.HasErrors || model.Model is null)
            return new(null, findings.ToArray());
        if (!model.Model.Decisions.Any(d => d.Id == read.GateDecision || d.Name == read.GateDecision))
        {
            findings.Error("gate.decision", "gateDecision", $"The gate has no decision '{read.GateDecision}'.", "Name one of its decisions in gateDecision.");
            return new(null, findings.ToArray());
        }

        PolicyLint.Check(impact!, proposal, checks, stratum, model.Model, findings);
        var reference = new PolicyReference(key, version, PolicyHash.Of(document, gate));
        return new(new GatePolicy(reference, read, new PolicyExpressions(impact!, proposal, checks, stratum), model.Model), findings.ToArray());
    }

    private static FeelExpression? Expression(string? text, string name, PolicyFindings findings)
    {
        if (text is null)
            return null;
        var compilation = FeelExpression.Compile(text);
        foreach (var error in compilation.Errors)
            findings.Error("feel.syntax", name, $"{error.Message} (character {error.Position + 1} of '{name}')", "Correct the expression.");
        return compilation.Expression;
    }
}
