using System.Text.RegularExpressions;
using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>The reference page names everything that the code can say, and nothing else.</summary>
public sealed partial class ReferencePageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Places.Repository, "docs", "reference", "processes.md"));

    [Fact]
    public void Every_kind_of_element_is_named() => Enum.GetNames<ElementKind>().Where(k => !Page.Contains($"`{k}`", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void Every_rule_incident_and_refusal_is_named() =>
        InCode("Processes", Rule()).Concat(InCode("Instances", Code())).Distinct(StringComparer.Ordinal).Where(code => !Page.Contains($"`{code}`", StringComparison.Ordinal)).ShouldBeEmpty();

    [Fact]
    public void No_code_is_named_that_nothing_says()
    {
        var said = InCode("Processes", Literal()).Concat(InCode("Instances", Literal())).ToHashSet(StringComparer.Ordinal);
        var named = Page[Page.IndexOf("## Rules", StringComparison.Ordinal)..];
        Named().Matches(named).Select(m => m.Groups["code"].Value).Where(code => !said.Contains(code)).ShouldBeEmpty();
    }

    private static IEnumerable<string> InCode(string noun, Regex pattern)
    {
        var files = Directory.GetFiles(Path.Combine(Places.Repository, "src", "Domain", noun), "*.cs", SearchOption.AllDirectories);
        return files.SelectMany(f => pattern.Matches(File.ReadAllText(f))).Select(m => m.Groups["code"].Value);
    }

    [GeneratedRegex("""(Error|Warning|Refuse)\((findings, )?(dtd \? )?"(?<code>[a-z-]+\.[a-z-]+)"(?!,? *StringComparison)""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Rule();

    [GeneratedRegex("""(new Problem\(|RefusalKind\.\w+, |Code = (input \? )?|GiveUp\(x, node, c\.JobId, job, )"(?<code>[a-z]+\.[a-z_]+)""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Code();

    [GeneratedRegex("""
        "(?<code>[a-z-]+\.[a-z_-]+)"
        """, RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"`(?<code>[a-z-]+\.[a-z_-]+)`", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Named();
}
