using System.Text;
using Countersign.Domain.Processes;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>What is seen in a process's expressions before any instance runs.</summary>
public sealed class ExpressionLintTests
{
    [Fact]
    public void A_misspelt_variable_is_a_warning_at_its_place_with_a_proposal()
    {
        var finding = Lint("=decison.verdict = \"accept\"").Single(f => f.Rule == "variable.unknown");
        (finding.Severity, finding.ElementId).ShouldBe((FindingSeverity.Warning, "f2"));
        finding.Sentence.ShouldContain("'decison'");
        finding.Remedy.ShouldContain("'decision'");
        finding.Line.ShouldNotBeNull();
    }

    [Fact]
    public void Names_from_outside_are_listed_once()
    {
        var findings = Lint("=decision.verdict = \"accept\" and limit > amount and amount > 5");
        findings.Single(f => f.Rule.StartsWith("variable.", StringComparison.Ordinal)).Sentence.ShouldContain("amount, limit.");
        Lint("=decision.verdict = \"accept\"").ShouldNotContain(f => f.Rule.StartsWith("variable.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("decisions", false)]
    [InlineData("Decision", true)]
    [InlineData("deicsion", true)]
    [InlineData("decisionn", true)]
    [InlineData("derision", true)]
    [InlineData("precision", false)]
    public void Only_a_slip_of_the_pen_is_taken_for_one(string name, bool isSlip)
        => Lint($"={name} = 1").Any(f => f.Rule == "variable.unknown").ShouldBe(isSlip);

    [Fact]
    public void What_is_near_is_found_among_thousands_of_names_as_if_each_was_looked_at()
    {
        // Words of few letters: half of them are near to some other.
        var letters = Gen.Char["abAB"];
        Gen.Select(Gen.String[letters, 3, 7].Array[1, 40], Gen.String[letters, 3, 8].Array[1, 10]).Sample((known, asked) =>
        {
            var near = new NearNames(known);
            foreach (var name in asked.Where(a => !known.Contains(a, StringComparer.Ordinal)))
                near.Of(name).ShouldBe(name.Length < 4 ? null : known.Where(k => k.Length >= 4 && IsSlip(name, k)).Order(StringComparer.Ordinal).FirstOrDefault(), $"{name} among {string.Join(' ', known)}");
        }, iter: 2_000);
    }

    private static bool IsSlip(string left, string right)
    {
        if (string.Equals(left, right, StringComparison.OrdinalIgnoreCase))
            return true;
        if (left == right + "s" || right == left + "s")
            return false;
        IEnumerable<string> Without(string text) => Enumerable.Range(0, text.Length).Select(i => text.Remove(i, 1));
        bool IsSwapped(int i) => i + 1 < left.Length && left[..i] + left[i + 1] + left[i] + left[(i + 2)..] == right;
        return Without(left).Contains(right) || Without(right).Contains(left)
            || (left.Length == right.Length && (Enumerable.Range(0, left.Length).Count(i => left[i] != right[i]) <= 1 || Enumerable.Range(0, left.Length).Any(IsSwapped)));
    }

    [Theory]
    [InlineData("=lenght(decision) > 1", "feel.unknown-function", "lenght")]
    [InlineData("=string(decision) > 5", "feel.type-mismatch", "a text")]
    [InlineData("=count(decision)", null, "")]
    [InlineData("=string length()", "feel.arguments", "string length")]
    public void What_can_never_work_is_found(string condition, string? rule, string word)
    {
        var compilation = Compile(condition);
        compilation.Succeeded.ShouldBeTrue("a version published before the check existed must go on");
        var found = compilation.Findings.Where(f => f.Rule.StartsWith("feel.", StringComparison.Ordinal)).ToList();
        found.Select(f => f.Rule).ShouldBe(rule is null ? [] : [rule]);
        found.ShouldAllBe(f => f.Sentence.Contains(word) && f.ElementId == "f2" && f.Remedy.Length > 5);
    }

    [Fact]
    public void A_decision_table_of_the_version_is_looked_at()
    {
        const string Dmn = "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' id='m' name='M' namespace='urn:m'><decision id='d' name='D'><decisionTable id='t'><input><inputExpression><text>n</text></inputExpression></input><output/>"
            + "<rule id='r1'><inputEntry><text>&lt; 5</text></inputEntry><outputEntry><text>1</text></outputEntry></rule><rule id='r2'><inputEntry><text>&lt; 9</text></inputEntry><outputEntry><text>2</text></outputEntry></rule></decisionTable></decision></definitions>";
        var findings = Compile("=true", new ProcessSource(ProcessSourceKind.Dmn, "d.dmn", Encoding.UTF8.GetBytes(Dmn))).Findings;
        findings.ShouldContain(f => f.Rule == "table.overlap" && f.ElementId == "r2");
        findings.ShouldContain(f => f.Rule == "table.gap" && f.ElementId == "t" && f.Sentence.Contains("n is >= 9"));
    }

    private static IReadOnlyList<ProcessFinding> Lint(string condition) => Compile(condition).Findings;

    private static ProcessCompilation Compile(string condition, params ProcessSource[] more)
    {
        var text = $"""
            <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:cs="http://countersign.dev/schema/bpmn/1.0" targetNamespace="urn:t">
              <bpmn:process id="p" isExecutable="true">
                <bpmn:startEvent id="s" />
                <bpmn:businessRuleTask id="decide"><bpmn:extensionElements><cs:policy policyId="x" resultVariable="decision" /></bpmn:extensionElements></bpmn:businessRuleTask>
                <bpmn:exclusiveGateway id="g" default="f3" />
                <bpmn:endEvent id="e" />
                <bpmn:sequenceFlow id="f0" sourceRef="s" targetRef="decide" />
                <bpmn:sequenceFlow id="f1" sourceRef="decide" targetRef="g" />
                <bpmn:sequenceFlow id="f2" sourceRef="g" targetRef="e"><bpmn:conditionExpression>{System.Security.SecurityElement.Escape(condition)}</bpmn:conditionExpression></bpmn:sequenceFlow>
                <bpmn:sequenceFlow id="f3" sourceRef="g" targetRef="e" />
              </bpmn:process>
            </bpmn:definitions>
            """;
        return ProcessCompiler.Compile(new ProcessSources([new ProcessSource(ProcessSourceKind.Bpmn, "p.bpmn", Encoding.UTF8.GetBytes(text)), .. more]));
    }
}
