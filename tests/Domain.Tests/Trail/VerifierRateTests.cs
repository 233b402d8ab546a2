using System.Diagnostics;
using System.Globalization;
using Countersign.Domain.Trail;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Trail;

public sealed class VerifierRateTests(ITestOutputHelper output)
{
    /// <summary>The promise is 50,000 events a second of a release build on a free machine; here only that the work is linear and the figure is printed.</summary>
    [Fact]
    public void Verifying_takes_time_in_proportion_to_the_events_and_its_rate_is_printed()
    {
        var events = int.TryParse(Environment.GetEnvironmentVariable("TRAIL_EVENTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 20_000;
        var builder = new BundleBuilder { CheckpointEvery = Math.Max(1, events / 8) };
        builder.Grow(new Random(1), events);
        var bundle = builder.Export();
        BundleVerifier.Verify(BundleBuilder.Random(1, 2000).Export(), new VerificationOptions());
        var watch = Stopwatch.StartNew();
        var report = BundleVerifier.Verify(bundle, new VerificationOptions());
        var elapsed = watch.Elapsed;
        report.Findings.ShouldBeEmpty();
        report.Contents.ShouldBe(events);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{events} events in {elapsed.TotalSeconds:0.00} s: {events / elapsed.TotalSeconds:0} events/s"));
        elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }
}
