using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Domain.Policies;
using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Policies;

/// <summary>The invoice pack's own policy, asked.</summary>
public sealed class GatePolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly string Document = Pack("policy.json");
    private static readonly string Gate = Pack("gate.dmn");

    [Fact]
    public void The_packs_policy_compiles_and_its_hash_is_over_both_texts()
    {
        var policy = Policy();
        policy.Id.ShouldBe("invoice-approval:1");
        policy.Reference.Hash.ShouldBe(PolicyHash.Of(Document, Gate));
        PolicyHash.Of(Document + Gate, "").ShouldNotBe(PolicyHash.Of(Document, Gate));
    }

    [Fact]
    public void A_sure_reading_of_a_small_amount_with_all_checks_passed_is_accepted()
    {
        var decision = Ask(500m, 0.95m);
        decision.Verdict.ShouldBe(Verdict.Accept);
        decision.MatchedRules.ShouldBe(["sure-and-small"]);
        decision.Reasons[0].ShouldContain("below 1,000");
        decision.Impact.ShouldBe(500m);
        decision.Confidence.ShouldBe(0.95m);
        decision.Model!.Provider.ShouldBe("countersign");
        decision.InputHash.Length.ShouldBe(64);
    }

    [Theory]
    [InlineData(500, 0.89, "review", "otherwise")]
    [InlineData(999.99, 0.9, "accept", "sure-and-small")]
    [InlineData(1000, 0.9, "review", "otherwise")]
    [InlineData(1000, 0.97, "accept", "very-sure")]
    [InlineData(9999.99, 0.97, "accept", "very-sure")]
    [InlineData(10000, 1.0, "two_people", "above-limit")]
    public void Limits_lie_where_the_gate_says(double amount, double confidence, string verdict, string rule)
    {
        var decision = Ask((decimal)amount, (decimal)confidence);
        Word(decision.Verdict).ShouldBe(verdict);
        decision.MatchedRules.ShouldBe([rule]);
    }

    [Theory]
    [InlineData("vendor_iban", "two_people", "bank-or-page")]
    [InlineData("page_and_xml", "two_people", "bank-or-page")]
    [InlineData("duplicate_invoice", "review", "duplicate")]
    [InlineData("order_total", "review", "check-failed")]
    public void A_failed_check_never_passes(string check, string verdict, string rule)
    {
        var decision = Ask(100m, 1m, failed: check);
        Word(decision.Verdict).ShouldBe(verdict);
        decision.MatchedRules.ShouldBe([rule]);
        decision.Checks.ShouldContain(c => c.Id == check && c.Result == "failed");
    }

    [Fact]
    public void A_field_that_the_model_did_not_give_counts_as_nothing() =>
        Ask(500m, 1m, without: "seller").Confidence.ShouldBe(0m);

    [Fact]
    public void Corrected_fields_go_to_another_person() =>
        Ask(100m, 1m, corrections: """{"gross":100}""").MatchedRules.ShouldBe(["corrected"]);

    [Fact]
    public void Without_a_proposal_a_person_decides_and_the_record_says_why()
    {
        var decision = Policy().Decide("d-1", "decide", Question(100m, 1m) with { Proposal = null }, Now, null);
        decision.Verdict.ShouldBe(Verdict.Review);
        decision.Fallback.ShouldNotBeNull();
        decision.MatchedRules.ShouldBeEmpty();
    }

    [Fact]
    public void Another_model_too_many_attempts_too_slow_and_the_kill_switch_each_go_to_a_person()
    {
        var question = Question(100m, 1m);
        foreach (var bad in new[]
        {
            question with { Proposal = question.Proposal! with { Model = "other" } },
            question with { Attempts = 4 },
            question with { Proposal = question.Proposal! with { Latency = TimeSpan.FromSeconds(61) } },
        })
            Policy().Decide("d-1", "decide", bad, Now, null).ShouldSatisfyAllConditions(d => d.Verdict.ShouldBe(Verdict.Review), d => d.Fallback.ShouldNotBeNull());
        Policy().Stopped().Decide("d-1", "decide", question, Now, null).Fallback.ShouldBe("The policy's kill switch is set.");
    }

    [Fact]
    public void Variables_that_are_missing_go_to_a_person()
    {
        var decision = Policy().Decide("d-1", "decide", Question(100m, 1m) with { Variables = ImmutableDictionary<string, JsonElement>.Empty }, Now, null);
        decision.Verdict.ShouldBe(Verdict.Review);
        decision.Fallback.ShouldNotBeNull();
    }

    [Fact]
    public void Sampling_is_stable_and_takes_about_its_share()
    {
        var policy = Policy(Document.Replace("\"share\": 0.02", "\"share\": 0.25", StringComparison.Ordinal));
        var sampled = Enumerable.Range(0, 2_000).Select(i => policy.Decide("d", "decide", Question(100m, 1m) with { SamplingKey = $"case-{i}" }, Now, null)).ToList();
        sampled.Count(d => d.Sampled).ShouldBeInRange(400, 600);
        sampled.Where(d => d.Sampled).ShouldAllBe(d => d.Verdict == Verdict.Review);
        policy.Decide("d", "decide", Question(100m, 1m) with { SamplingKey = "case-7" }, Now, null).Sampled.ShouldBe(sampled[7].Sampled);
    }

    [Fact]
    public void A_score_without_enough_labels_counts_as_nothing()
    {
        var few = new PolicyCalibration("isotonic", [new(0, 0), new(1, 1)], 199, null, null);
        Calibration.Apply(few, 0.9m).ShouldBe(0m);
        Calibration.Apply(few with { Labels = 200 }, 0.9m).ShouldBe(0.9m);
        Calibration.Apply(few with { Labels = 200, Points = [new(0.2m, 0.1m), new(0.8m, 0.9m)] }, 0.5m).ShouldBe(0.5m);
        Calibration.Apply(few with { Labels = 200, Points = [new(0.2m, 0.1m), new(0.8m, 0.9m)] }, 0.1m).ShouldBe(0.1m);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"name":"x","surprise":1}""")]
    public void A_document_that_is_not_one_is_refused_with_its_place(string document) => PolicyCompiler.Compile(document, Gate, "p", 1).Findings.ShouldNotBeEmpty();

    [Fact]
    public void A_broken_expression_a_broken_gate_and_a_wrong_decision_are_findings()
    {
        PolicyCompiler.Compile(Document.Replace("abs(invoice.gross.value)", "abs(", StringComparison.Ordinal), Gate, "p", 1).Findings.ShouldContain(f => f.Element == "impact");
        PolicyCompiler.Compile(Document, "<x/>", "p", 1).Findings.ShouldNotBeEmpty();
        PolicyCompiler.Compile(Document.Replace("\"gate\"", "\"door\"", StringComparison.Ordinal), Gate, "p", 1).Findings.ShouldContain(f => f.Sentence.Contains("'door'"));
        PolicyCompiler.Compile(Document.Replace("\"countersign\"", "\"somebody\"", StringComparison.Ordinal), Gate, "p", 1).Findings.ShouldContain(f => f.Sentence.Contains("calibrated"));
    }

    [Fact]
    public void What_can_be_seen_in_a_gate_without_a_case_is_a_finding_with_place_and_remedy()
    {
        var misspelt = PolicyCompiler.Compile(Document, Gate.Replace("<text>corrected</text>", "<text>corected</text>", StringComparison.Ordinal), "p", 1);
        misspelt.Policy.ShouldNotBeNull("a version taken before the check existed goes on running");
        misspelt.IsSound.ShouldBeFalse();
        var finding = misspelt.Findings.First();
        (finding.Rule, finding.Severity, finding.Element).ShouldBe(("feel.unknown-name", FindingSeverity.Error, "e4"));
        finding.Remedy.ShouldContain("'corrected'");
        finding.Line.ShouldNotBeNull();

        var mismatched = PolicyCompiler.Compile(Document, Gate.Replace("<text>&gt;= 0.9</text>", "<text>\"0.9\"</text>", StringComparison.Ordinal), "p", 1);
        mismatched.Findings.ShouldContain(f => f.Rule == "feel.type-mismatch" && f.Element == "r6e");
        PolicyCompiler.Compile(Document.Replace("abs(invoice.gross.value)", "abss(1)", StringComparison.Ordinal), Gate, "p", 1).Findings
            .ShouldContain(f => f.Rule == "feel.unknown-function" && f.Element == "impact" && f.Severity == FindingSeverity.Error);
    }

    [Fact]
    public void A_gap_and_a_dead_rule_warn_and_do_not_prevent()
    {
        var gate = Gate.Replace("<text>&gt;= 0.97</text>", "<text>[2..1]</text>", StringComparison.Ordinal);
        var compilation = PolicyCompiler.Compile(Document, gate, "p", 1);
        compilation.IsSound.ShouldBeTrue();
        compilation.Findings.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            f => f.Rule.ShouldBe("table.never-matches"), f => f.Element.ShouldBe("very-sure"), f => f.Severity.ShouldBe(FindingSeverity.Warning));
        var open = System.Text.RegularExpressions.Regex.Replace(Gate, "<rule id=\"otherwise\">.*?</rule>", "", System.Text.RegularExpressions.RegexOptions.Singleline | System.Text.RegularExpressions.RegexOptions.NonBacktracking);
        PolicyCompiler.Compile(Document, open, "p", 1).Findings.ShouldContain(f => f.Rule == "table.gap" && f.Element == "gate-table");
    }

    private static DecisionRecord Ask(decimal amount, decimal confidence, string? failed = null, string? without = null, string? corrections = null) =>
        Policy().Decide("d-1", "decide", Question(amount, confidence, failed, without, corrections), Now, "0af7651916cd43dd8448eb211c80319c");

    private static CompiledPolicy Policy(string? document = null)
    {
        var compilation = PolicyCompiler.Compile(document ?? Document, Gate, "invoice-approval", 1);
        compilation.Findings.ShouldBeEmpty();
        return compilation.Policy!;
    }

    // Case 1 is not sampled at 2 %, so that the gate's own word is seen.
    private static PolicyQuestion Question(decimal amount, decimal confidence, string? failed = null, string? without = null, string? corrections = null)
    {
        var check = new JsonObject { ["id"] = failed ?? "order_known", ["result"] = failed is null ? "passed" : "failed", ["detail"] = "…" };
        var variables = new JsonObject
        {
            ["invoice"] = new JsonObject { ["gross"] = new JsonObject { ["value"] = amount }, ["checks"] = new JsonArray() },
            ["reconciliation"] = new JsonObject { ["vendor"] = "V-7", ["checks"] = new JsonArray(check) },
            ["corrections"] = corrections is null ? null : JsonNode.Parse(corrections),
        };
        var scores = new[] { "number", "issueDate", "gross", "seller", "orderReference" }.Where(f => f != without).ToImmutableDictionary(f => f, _ => confidence);
        var proposal = new InferenceResult("countersign", "invoice-reader", "1", null, new string('0', 64), "document-1", "invoice", confidence, scores, [], 0, 0, TimeSpan.FromSeconds(1));
        return new PolicyQuestion(variables.ToImmutableDictionary(v => v.Key, v => JsonSerializer.SerializeToElement(v.Value)), proposal, 1, "case-1");
    }

    private static string Word(Verdict verdict) => verdict switch { Verdict.TwoPeople => "two_people", _ => verdict.ToString().ToLowerInvariant() };

    private static string Pack(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "samples", "invoice", file);
            if (File.Exists(path))
                return File.ReadAllText(path);
        }

        throw new FileNotFoundException($"samples/invoice/{file} was not found above the test's folder.");
    }
}
