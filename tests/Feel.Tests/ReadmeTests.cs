using System.Text.Json;
using Countersign.Feel.Dmn;
using Countersign.Feel.Values;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>The library's README shows code that runs.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void The_readme_shows_the_lines_that_this_test_runs_and_they_say_what_it_says()
    {
        var (readme, source, gate) = (Checkout.File("src/Feel/README.md"), Checkout.File("tests/Feel.Tests/ReadmeTests.cs"), Checkout.File("samples/invoice/gate.dmn"));
        Assert.SkipWhen(readme is null || source is null || gate is null, "The sources are not beside the tests.");
        var shown = Between(File.ReadAllText(readme!), "```csharp\n", "```");
        var run = string.Join('\n', Between(File.ReadAllText(source!), "// Shown in the README from here.\n", "        // To here.").Split('\n').Select(line => line.Length > 8 ? line[8..] : line.Trim()));
        run.Replace("File.ReadAllBytes(gate!)", "File.ReadAllBytes(\"gate.dmn\")", StringComparison.Ordinal).ShouldBe(shown);

        var variables = JsonDocument.Parse("""{"confidence": 0.95, "impact": 800, "failed": [], "corrected": false}""").RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);
        using var output = new StringWriter();

        // Shown in the README from here.
        var rule = FeelExpression.Compile("amount > 1000 and country in [\"DE\", \"FR\"]").Expression!;
        var scope = FeelScope.Empty.With("amount", FeelValue.From(1500)).With("country", FeelValue.From("FR"));
        var result = rule.Evaluate(scope, FeelOptions.Default);
        output.WriteLine($"{result.Value}");                                                 // true

        var model = DmnModel.Load(File.ReadAllBytes(gate!)).Model!;
        foreach (var finding in model.Check())                                               // gaps, overlaps, dead rules, unknown names
            output.WriteLine($"{finding.ElementId}: {finding.Sentence} {finding.Remedy}");
        var answer = model.Evaluate("gate", FeelScope.FromJson(variables), FeelOptions.Default);
        output.WriteLine($"{answer.Value} by {string.Join(", ", answer.Tables[0].MatchedRuleIds)}");
        // To here.
        var lines = output.ToString().ReplaceLineEndings("\n").Split('\n');
        lines[0].ShouldBe("true");
        lines[1].ShouldEndWith("by sure-and-small");
    }

    private static string Between(string text, string from, string to)
    {
        var start = text.IndexOf(from, StringComparison.Ordinal) + from.Length;
        return text[start..text.IndexOf(to, start, StringComparison.Ordinal)];
    }
}
