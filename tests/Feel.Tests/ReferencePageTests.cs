using System.Text;
using Countersign.Feel.Functions;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>The functions part of docs/reference/feel.md is written from the function table.</summary>
public sealed class ReferencePageTests
{
    private const string Begin = "<!-- functions: written from the function table by ReferencePageTests -->";

    [Fact]
    public void The_reference_page_lists_every_function_with_its_example()
    {
        var path = Checkout.File("docs/reference/feel.md");
        Assert.SkipWhen(path is null, "The docs are not in this checkout.");
        var page = File.ReadAllText(path!);
        var at = page.IndexOf(Begin, StringComparison.Ordinal);
        at.ShouldBeGreaterThan(0, "The page has lost its marker.");
        var expected = page[..at] + Functions();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(path!, expected);
        else
            page.ShouldBe(expected, "Run the test once with UPDATE_DOCS=1 to write the page anew.");
    }

    private static string Functions()
    {
        var text = new StringBuilder(Begin).Append("\n\n| function | what it gives | example | result |\n| --- | --- | --- | --- |\n");
        foreach (var function in BuiltIns.All.OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            var calls = string.Join("<br>", function.Signatures.Select(s => Code($"{function.Name}({s.Text})")));
            text.Append("| ").Append(calls).Append(" | ").Append(function.Summary).Append(" | ").Append(Code(function.Example)).Append(" | ").Append(Code(function.Result)).Append(" |\n");
        }
        return text.ToString();
    }

    private static string Code(string text) => "`" + text.Replace("|", "\\|", StringComparison.Ordinal) + "`";
}
