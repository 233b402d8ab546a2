using System.Reflection;
using System.Text.RegularExpressions;
using Countersign.Domain;
using Countersign.Workers.Documents;
using Shouldly;
using Xunit;

namespace Countersign.Workers.Tests.Documents;

public sealed partial class DocumentReferenceTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Root(), "docs", "reference", "reading-documents.md"));

    [Fact]
    public void Every_refusal_of_the_readers_stands_in_the_reference_and_no_other()
    {
        var codes = typeof(DocumentRefusals).GetMembers(BindingFlags.Public | BindingFlags.Static)
            .Select(member => member switch
            {
                PropertyInfo property => (Refusal?)property.GetValue(null),
                MethodInfo { IsSpecialName: false } method => (Refusal?)method.Invoke(null, [.. method.GetParameters().Select(p => p.ParameterType == typeof(string) ? "x" : Convert.ChangeType(1, p.ParameterType, null))]),
                _ => null,
            })
            .OfType<Refusal>().Select(refusal => refusal.Code).ToList();
        codes.Count.ShouldBeGreaterThan(20);
        Codes().Matches(Page).Select(m => m.Groups["code"].Value).Distinct().Order().ShouldBe(codes.Distinct().Order());
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("The repository's root was not found above the test's folder.");
    }

    [GeneratedRegex(@"`(?<code>document\.[a-z_]+)`", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Codes();
}
