using System.Globalization;
using System.Text;
using Countersign.Feel.Checks;
using Countersign.Feel.Dmn;
using Countersign.Feel.Values;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>Gaps, overlaps and dead rules of decision tables, also against trying all inputs.</summary>
public sealed class TableCheckTests
{
    [Fact]
    public void A_gap_is_described_by_its_inputs()
    {
        var finding = Check("UNIQUE", ["< 100 | \"DE\"", "[100..500] | -", "> 500 | \"DE\", \"FR\""]).Where(f => f.Rule == "table.gap").ToList();
        finding.Select(f => f.Sentence).ShouldBe(
            ["No rule matches when n is < 100 and s is none of \"DE\": the table gives null then.", "No rule matches when n is > 500 and s is none of \"DE\", \"FR\": the table gives null then."],
            ignoreOrder: true);
        finding.ShouldAllBe(f => f.ElementId == "table" && f.Severity == DmnSeverity.Warning && f.Remedy.Length > 10 && f.Line > 0);
    }

    [Fact]
    public void Limits_that_do_not_meet_leave_a_gap()
    {
        Sentences(Check("UNIQUE", ["< 100 | -", "> 100 | -"])).ShouldContain("when n is 100:");
        Sentences(Check("UNIQUE", ["[0..5] | -", "[6..10] | -", "< 0 | -", "> 10 | -"])).ShouldContain("when n is (5..6):");
        Check("UNIQUE", ["<= 100 | -", "> 100 | -"]).ShouldBeEmpty();
    }

    [Fact]
    public void Between_neighbouring_whole_numbers_there_is_no_gap()
    {
        Check("UNIQUE", ["<= 4 | -", "[5..8] | -", "> 8 | -"], declared: "integer").ShouldBeEmpty();
        Check("UNIQUE", ["<= 4 | -", "[5..8] | -", "> 8 | -"], declared: "number").ShouldHaveSingleItem().Sentence.ShouldContain("(4..5)");
        Sentences(Check("UNIQUE", ["<= 4 | -", "[6..8] | -", "> 8 | -"], declared: "integer")).ShouldContain("(4..6)");
    }

    [Fact]
    public void An_overlap_names_both_rules_and_where()
    {
        var finding = Check("UNIQUE", ["<= 100 | -", ">= 100 | \"a\"", "> 100 | not(\"a\")"]).ShouldHaveSingleItem();
        finding.Rule.ShouldBe("table.overlap");
        finding.ElementId.ShouldBe("r2");
        finding.Sentence.ShouldContain("'r1' and 'r2' both match when n is 100 and s is \"a\"");
    }

    [Fact]
    public void Rules_behind_others_and_rules_without_a_value_are_found()
    {
        var findings = Check("FIRST", ["< 10 | -", "[3..5] | \"a\"", "[20..12] | -", "- | -", "> 7 | \"b\""]);
        findings.Where(f => f.Rule == "table.unreachable").Select(f => f.ElementId).ShouldBe(["r2", "r5"], ignoreOrder: true);
        findings.Single(f => f.Rule == "table.never-matches").ElementId.ShouldBe("r3");
    }

    [Fact]
    public void A_rule_is_shadowed_by_several_together()
        => Check("FIRST", ["< 10 | -", ">= 10 | \"a\"", ">= 10 | not(\"a\")", "[5..15] | \"a\", \"b\"", "null | -", "- | -"])
            .Select(f => (f.Rule, f.ElementId)).ShouldBe([("table.unreachable", "r4")]);

    [Fact]
    public void A_cell_that_cannot_be_read_makes_no_false_alarm()
    {
        Check("UNIQUE", ["? * 2 > 10 | -", "? + n <= 5 | -"]).ShouldBeEmpty();
        Check("FIRST", ["limit | -", "> 5 | -", "- | -"]).ShouldBeEmpty();
    }

    [Fact]
    public void Questions_dates_and_computed_values_are_read()
    {
        Sentences(Check("UNIQUE", ["? < 3 and ? != 1 | -", "? between 3 and 9 or ? > 9 | -"])).ShouldContain("when n is 1:");
        Sentences(Check("UNIQUE", ["< date(\"2026-01-01\") | -", "> date(\"2026-01-01\") | -"])).ShouldContain("when n is @\"2026-01-01\":");
        Check("UNIQUE", ["< @\"2026-01-01\" | -", "[@\"2026-01-01\"..@\"2026-06-30\"] | -", ">= @\"2026-07-01\" | -"]).ShouldBeEmpty();
    }

    [Fact]
    public void Allowed_values_close_gaps_and_expose_dead_rules()
    {
        const string Allowed = "<inputValues><text>\"a\", \"b\"</text></inputValues>";
        Check("UNIQUE", ["- | \"a\"", "- | \"b\""], Allowed).ShouldBeEmpty();
        Check("UNIQUE", ["- | \"a\"", "- | \"b\"", "- | \"c\""], Allowed).ShouldHaveSingleItem().Rule.ShouldBe("table.never-matches");
        Sentences(Check("UNIQUE", ["- | \"a\""], Allowed)).ShouldContain("s is \"b\"");
    }

    [Fact]
    public void What_answers_without_a_match_has_no_gaps()
    {
        Check("COLLECT", ["< 5 | -"]).ShouldBeEmpty();
        Check("RULE ORDER", ["< 5 | -"]).ShouldBeEmpty();
        Check("FIRST", ["< 5 | -"], "", "<defaultOutputEntry><text>\"none\"</text></defaultOutputEntry>").ShouldBeEmpty();
    }

    [Fact]
    public void A_test_of_the_wrong_kind_is_an_error_in_its_cell()
    {
        var finding = Check("FIRST", ["\"five\" | -", "- | -"], declared: "number").First(f => f.Severity == DmnSeverity.Error);
        finding.Rule.ShouldBe("feel.type-mismatch");
        finding.ElementId.ShouldBe("c1-1");
    }

    [Fact]
    public void A_name_that_nobody_gives_is_an_error_with_a_proposal()
    {
        var model = Load(["limt | -", "- | -"], "FIRST");
        var given = new Dictionary<string, string?>(StringComparer.Ordinal) { ["n"] = "number", ["s"] = null, ["limit"] = "number" };
        var finding = model.Check(new DmnCheckOptions { Given = given }).ShouldHaveSingleItem();
        finding.Rule.ShouldBe("feel.unknown-name");
        finding.ElementId.ShouldBe("c1-1");
        finding.Remedy.ShouldContain("'limit'");
        model.Check(new DmnCheckOptions { Given = new Dictionary<string, string?>(StringComparer.Ordinal) { ["n"] = null, ["limt"] = null } })
            .ShouldHaveSingleItem().Rule.ShouldBe("dmn.input-not-given");
        model.Check().ShouldBeEmpty();
    }

    [Fact]
    public void A_large_table_is_checked_or_said_to_be_too_large_in_good_time()
    {
        var rules = Enumerable.Range(0, 600).Select(i => string.Create(CultureInfo.InvariantCulture, $"[{i * 7 % 601}..{(i * 7 % 601) + 300}] | \"t{i}\", \"t{i + 1}\"")).ToArray();
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Check("UNIQUE", rules).ShouldNotBeEmpty();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    private static readonly string[] Numbers = ["-", "< 1", "<= 1", "1", "> 1", "[1..2]", "(1..2)", ">= 2", "not(1)", "1, 2", "null", "? > 1 or ? = 0"];
    private static readonly string[] Texts = ["-", "\"a\"", "\"a\", \"b\"", "not(\"a\")", "\"b\"", "null", "not(null)"];
    private static readonly FeelValue[] NumberTrials = [FeelValue.Null, .. new[] { -1m, 0m, 0.5m, 1m, 1.5m, 2m, 3m }.Select(FeelValue.From)];
    private static readonly FeelValue[] TextTrials = [FeelValue.Null, .. new[] { "a", "b", "c" }.Select(FeelValue.From)];

    [Fact]
    public void The_findings_are_those_of_trying_every_input()
        => Gen.Select(Gen.Select(Gen.Int[0, Numbers.Length - 1], Gen.Int[0, Texts.Length - 1]).List[1, 6], Gen.Bool).Sample(
            (cells, isUnique) =>
            {
                var rules = cells.Select(c => $"{Numbers[c.Item1]} | {Texts[c.Item2]}").ToArray();
                // COLLECT shows all rules that match, without deciding between them.
                var all = Load(rules, "COLLECT");
                var trials = NumberTrials.SelectMany(n => TextTrials.Select(s => (n, s))).Select(t => (t.n, t.s, Matched: all
                    .Evaluate("d", FeelScope.Empty.With("n", t.n).With("s", t.s), FeelOptions.Default).Tables[0].MatchedRuleIds)).ToList();
                var findings = Load(rules, isUnique ? "UNIQUE" : "FIRST").Check();
                findings.Any(f => f.Rule == "table.gap").ShouldBe(trials.Exists(t => t.Matched.IsEmpty && !t.n.IsNull && !t.s.IsNull), string.Join(" ; ", rules));
                findings.Any(f => f.Rule == "table.overlap").ShouldBe(isUnique && trials.Exists(t => t.Matched.Length > 1), string.Join(" ; ", rules));
                for (var i = 1; i <= rules.Length; i++)
                {
                    if (i == rules.Length && rules[i - 1] == "- | -")
                        continue;
                    var dead = findings.Any(f => f.ElementId == $"r{i}" && f.Rule is "table.unreachable" or "table.never-matches" && f.ElementId == $"r{i}");
                    dead.ShouldBe(!trials.Exists(t => isUnique ? t.Matched.Contains($"r{i}") : t.Matched.FirstOrDefault() == $"r{i}"), $"r{i} of {string.Join(" ; ", rules)}");
                }
            },
            iter: 2_000);

    [Fact]
    public void All_models_of_the_compatibility_kit_can_be_checked()
    {
        var models = Checkout.Kit();
        Assert.SkipWhen(models.Count == 0, "The DMN compatibility kit is not beside the repository (../shared/data/processes/dmn-tck).");
        foreach (var path in models)
        {
            foreach (var finding in DmnModel.Load(File.ReadAllBytes(path)).Model?.Check() ?? [])
            {
                finding.Rule.ShouldContain(".", Case.Sensitive, path);
                finding.Sentence.ShouldEndWith(".", Case.Sensitive, path);
                finding.Remedy.ShouldNotBeEmpty(path);
            }
        }
    }

    private static string Sentences(IEnumerable<DmnFinding> findings) => string.Join('\n', findings.Select(f => f.Sentence));

    private static IReadOnlyList<DmnFinding> Check(string policy, string[] rules, string allowed = "", string output = "", string? declared = null)
        => Load(rules, policy, allowed, output, declared).Check();

    private static DmnModel Load(string[] rules, string policy, string allowed = "", string output = "", string? declared = null)
    {
        static string Xml(string text) => System.Security.SecurityElement.Escape(text.Trim())!;
        var type = declared is null ? "" : $" typeRef='{declared}'";
        var text = new StringBuilder("<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' id='m' name='M' namespace='urn:m'><inputData id='in' name='n'/><inputData id='is' name='s'/>\n")
            .Append("<decision id='d' name='D'><informationRequirement><requiredInput href='#in'/></informationRequirement><informationRequirement><requiredInput href='#is'/></informationRequirement>")
            .Append($"<decisionTable id='table' hitPolicy='{policy}'><input><inputExpression{type}><text>n</text></inputExpression></input><input><inputExpression><text>s</text></inputExpression>{allowed}</input><output>{output}</output>\n");
        for (var i = 1; i <= rules.Length; i++)
        {
            var cells = rules[i - 1].Split('|');
            text.Append(CultureInfo.InvariantCulture, $"<rule id='r{i}'><inputEntry id='c{i}-1'><text>{Xml(cells[0])}</text></inputEntry><inputEntry id='c{i}-2'><text>{Xml(cells[1])}</text></inputEntry><outputEntry><text>{i}</text></outputEntry></rule>\n");
        }
        var loaded = DmnModel.Load(Encoding.UTF8.GetBytes(text.Append("</decisionTable></decision></definitions>").ToString()));
        loaded.Diagnostics.ShouldBeEmpty();
        return loaded.Model!;
    }
}
