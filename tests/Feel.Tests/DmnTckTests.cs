using Countersign.Conformance;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

public sealed class DmnTckTests
{
    // Cases that are known to fail, each with its reason on the reference page: docs/reference/dmn-conformance.md.
    private const int KnownFailures = 1;

    [Fact]
    public void The_compatibility_kit_stays_at_the_floor_reached()
    {
        var folder = Find();
        Assert.SkipWhen(folder is null, "The DMN compatibility kit is not beside the repository (../shared/data/processes/dmn-tck).");
        var report = new StringWriter();
        _ = DmnTck.Run(folder!, report);
        var lines = report.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (lines.Length - 1).ShouldBeLessThanOrEqualTo(KnownFailures, report.ToString());
        lines[^1].ShouldStartWith("dmn-tck: ");
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                continue;
            var data = Path.GetFullPath(Path.Combine(folder.FullName, "../shared/data/processes/dmn-tck"));
            return Directory.Exists(data) ? data : null;
        }
        return null;
    }
}
