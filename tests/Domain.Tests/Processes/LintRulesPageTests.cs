using System.Globalization;
using System.Text;
using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

public sealed class LintRulesPageTests
{
    [Fact]
    public void The_page_of_rules_is_the_table_of_rules()
    {
        var path = Path.Combine(Places.Repository, "docs", "reference", "lint-rules.md");
        var expected = Page();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);
        File.ReadAllText(path).ShouldBe(expected, "Run the test once with UPDATE_DOCS=1 to write the page anew.");
    }

    [Fact]
    public void A_rule_has_an_id_of_its_own_a_sentence_and_a_remedy()
    {
        ProcessRule.All.Select(r => r.Id).ShouldBeUnique();
        ProcessRule.All.ShouldAllBe(r => r.Sentence.EndsWith('.') || r.Sentence.EndsWith("{1}", StringComparison.Ordinal));
        ProcessRule.All.ShouldAllBe(r => r.Remedy.EndsWith('.') && r.Remedy.Length > 7);
    }

    private static string Page()
    {
        var page = new StringBuilder("""
            # Rules for BPMN files

            Written by a test from the table of rules; change the table, not this page. These rules look at a file as it is written; the further rules of the compiler are listed in
            [Processes](processes.md). An error prevents publishing; what lies in a process of the file that is not the one to run only warns. `BPMN` names the constraint of BPMN 2.0 that a rule
            checks, as the published list of serialization constraints numbers it (`REF`: a reference to nothing, or to the wrong kind of element).


            """);
        foreach (var group in ProcessRule.All.GroupBy(r => r.Severity).OrderByDescending(g => g.Key))
        {
            page.Append(CultureInfo.InvariantCulture, $"## {(group.Key == FindingSeverity.Error ? "Errors" : "Warnings")}\n\n| rule | BPMN | what it says | remedy |\n| --- | --- | --- | --- |\n");
            foreach (var rule in group)
                page.Append(CultureInfo.InvariantCulture, $"| `{rule.Id}` | {rule.Constraint} | {Plain(rule.Sentence)} | {rule.Remedy} |\n");
            page.Append('\n');
        }

        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static string Plain(string sentence) => sentence.Replace("{0}", "…", StringComparison.Ordinal).Replace("{1}", "…", StringComparison.Ordinal).Replace("{2}", "…", StringComparison.Ordinal).Replace("{3}", "…", StringComparison.Ordinal);
}
