using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace Countersign.Architecture.Tests;

public sealed class ReferenceTests
{
    /// <summary>Who may reference whom. A floor that is not here may not exist.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Feel"] = [],
        ["Domain"] = ["Feel"],
        ["Projections"] = ["Domain", "Feel"],
        ["Workers"] = ["Domain", "Feel", "Projections"],
        ["Billing"] = ["Domain", "Projections"],
        ["Client"] = [],
        // For tenants' developers: the engine itself, without the service.
        ["Testing"] = ["Domain"],
        ["Console"] = ["Client"],
        ["Cli"] = ["Client", "Domain", "Generator"],
        ["Api"] = ["Feel", "Domain", "Projections", "Workers", "Billing", "Client", "Console", "Testing"],
    };

    /// <summary>What the pure floors may load besides the framework.</summary>
    private static readonly string[] PurePackages = ["Parlot", "NodaTime", "NSec.Cryptography"];

    public static TheoryData<string> Floors => [.. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "src"))
        .Where(d => Directory.EnumerateFiles(d, "*.csproj").Any()).Select(d => Path.GetFileName(d)!)];

    [Theory]
    [MemberData(nameof(Floors))]
    public void A_floor_references_only_the_floors_it_may(string floor)
    {
        Allowed.ShouldContainKey(floor);
        References(floor).Except(Allowed[floor], StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Feel")]
    [InlineData("Domain")]
    [InlineData("Client")]
    [InlineData("Testing")]
    public void A_floor_without_input_and_output_uses_no_package_that_has_them(string floor)
    {
        Packages(floor).Except(PurePackages, StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void The_compiled_domain_depends_on_feel_and_the_framework_only()
    {
        var names = typeof(Countersign.Domain.Outcome).Assembly.GetReferencedAssemblies().Select(a => a.Name!).ToList();
        names.Where(n => !n.StartsWith("System", StringComparison.Ordinal) && !PurePackages.Contains(n, StringComparer.Ordinal) && n != "Countersign.Feel").ShouldBeEmpty();
        // No I/O, not even the framework's.
        names.Intersect(["System.Net.Http", "System.IO.FileSystem", "System.Console", "System.Diagnostics.Process"], StringComparer.Ordinal).ShouldBeEmpty();
    }

    [Fact]
    public void Nobody_references_the_api()
    {
        foreach (var floor in Floors)
            References((string)floor.Data).ShouldNotContain("Api");
    }

    private static List<string> References(string floor) =>
        [.. Items(floor, "ProjectReference").Select(p => p.Replace('\\', '/')).Where(p => !p.Contains("/build/", StringComparison.Ordinal)).Select(p => Path.GetFileNameWithoutExtension(p)!)];

    private static IEnumerable<string> Packages(string floor) => Items(floor, "PackageReference");

    private static IEnumerable<string> Items(string floor, string kind) =>
        XDocument.Load(Path.Combine(Repository.Root, "src", floor, floor + ".csproj")).Descendants(kind)
            .Select(e => (string?)e.Attribute("Include")).OfType<string>();
}
