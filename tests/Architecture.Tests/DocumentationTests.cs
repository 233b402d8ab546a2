using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Countersign.Architecture.Tests;

public sealed partial class DocumentationTests
{
    public static TheoryData<string> Decisions => [.. Repository.Under("docs/adr", ".md").Where(f => AdrName().IsMatch(f))];

    public static TheoryData<string> Pages => [.. Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Decisions))]
    public void A_decision_is_listed_and_has_its_four_parts(string file)
    {
        Repository.Read("docs/adr/README.md").ShouldContain($"({Path.GetFileName(file)})");
        var text = Repository.Read(file);
        foreach (var part in (string[])["## Context", "## Decision", "## Consequences", "## Figures"])
            text.ShouldContain(part);
    }

    [Fact]
    public void Decisions_are_numbered_without_gaps()
    {
        var numbers = Decisions.Select(d => int.Parse(Path.GetFileName((string)d.Data)[..4])).Order().ToList();
        numbers.ShouldBe([.. Enumerable.Range(1, numbers.Count)]);
        numbers.Count.ShouldBeGreaterThanOrEqualTo(8);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_link_between_pages_leads_somewhere(string file)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Repository.Root, file))!;
        Link().Matches(Repository.Read(file)).Select(m => m.Groups["to"].Value.Split('#')[0])
            .Where(to => to.Length > 0 && !to.Contains("://", StringComparison.Ordinal) && !to.StartsWith("mailto:", StringComparison.Ordinal))
            .Where(to => !Path.Exists(Path.Combine(folder, to)))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_page_of_the_documentation_is_in_its_index()
    {
        var index = Repository.Read("docs/README.md");
        Repository.Under("docs", ".md").Where(f => f != "docs/README.md" && !f.StartsWith("docs/adr/0", StringComparison.Ordinal))
            .Where(f => !index.Contains($"({f["docs/".Length..]})", StringComparison.Ordinal))
            .ShouldBeEmpty();
    }

    /// <summary>A sentence that sends a person to a page must not send them into the void.</summary>
    [Fact]
    public void Every_page_an_error_message_names_exists()
    {
        Repository.Under("src", ".cs").SelectMany(f => PageInCode().Matches(Repository.Read(f)).Select(m => m.Value)).Distinct(StringComparer.Ordinal)
            .Where(page => !File.Exists(Path.Combine(Repository.Root, page)))
            .ShouldBeEmpty();
    }

    [Fact]
    public void The_two_commands_of_the_readme_are_those_that_the_checks_run()
    {
        var readme = Repository.Read("README.md");
        readme.ShouldContain("\ndotnet run --project src/Api\n");
        readme.ShouldContain("\ndotnet test\n");
        Repository.Read(".ci/run").ShouldContain(" dotnet test 2>&1");
    }

    [GeneratedRegex(@"docs/adr/\d{4}-[a-z0-9-]+\.md$", RegexOptions.None, 1000)]
    private static partial Regex AdrName();

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"docs/[a-z-]+/[a-z0-9-]+\.md", RegexOptions.None, 1000)]
    private static partial Regex PageInCode();
}
