using System.Globalization;
using System.Text;
using Countersign.Conformance;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

public sealed class DmnTckTests
{
    // Cases that are known to fail, each with its reason on the reference page: docs/reference/dmn-conformance.md.
    private const int KnownFailures = 1;
    private const string Begin = "<!-- figures: written by DmnTckTests -->\n";
    private const string End = "<!-- end of figures -->";

    [Fact]
    public void The_compatibility_kit_stays_at_the_floor_reached_and_the_page_tells_the_figures_of_this_run()
    {
        var folder = Checkout.KitFolder();
        Assert.SkipWhen(folder is null, "The DMN compatibility kit is not beside the repository (../shared/data/processes/dmn-tck).");
        var failures = new StringWriter();
        var table = new StringBuilder(Begin).Append("| level | passed | of |\n| --- | --- | --- |\n");
        var (passed, total) = (0, 0);
        foreach (var level in Directory.EnumerateDirectories(folder!).Order(StringComparer.Ordinal))
        {
            var (right, all) = (0, 0);
            foreach (var file in Directory.EnumerateFiles(level, "*-test-*.xml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                var result = DmnTck.RunFile(file, failures);
                (right, all) = (right + result.Passed, all + result.Total);
            }
            table.Append(CultureInfo.InvariantCulture, $"| {Path.GetFileName(level).Replace("compliance-level-", "", StringComparison.Ordinal)} | {right} | {all} |\n");
            (passed, total) = (passed + right, total + all);
        }
        table.Append(CultureInfo.InvariantCulture, $"| all | {passed} | {total} |\n");
        (total - passed).ShouldBeLessThanOrEqualTo(KnownFailures, failures.ToString());
        Compare(table.ToString(), failures.ToString());
    }

    private static void Compare(string table, string failures)
    {
        var path = Checkout.File("docs/reference/dmn-conformance.md");
        Assert.SkipWhen(path is null, "The docs are not in this checkout.");
        var page = File.ReadAllText(path!);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        from.ShouldBeGreaterThan(0, "The page has lost its marker.");
        var expected = page[..from] + table + page[to..];
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(path!, expected);
        else
            page.ShouldBe(expected, "Run the test once with UPDATE_DOCS=1 to write the figures anew.");
        foreach (var failure in failures.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (file, name) = (failure.Split(' ')[0], failure.Split(' ')[1].TrimEnd(':'));
            page.ShouldContain($"| `{file}` `{name}` |", Case.Sensitive, "Every failure has its reason on the page.");
        }
    }
}
