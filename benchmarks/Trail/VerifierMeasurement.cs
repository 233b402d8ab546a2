using System.Diagnostics;
using System.Globalization;
using Countersign.Cli.Trail;
using Countersign.Domain.Trail;

namespace Countersign.Benchmarks.Trail;

/// <summary>How many events a second the verifier takes, from the zip file on (G51: at least 50,000 on a free machine).</summary>
internal static class VerifierMeasurement
{
    public static int Run(int events, int rounds, string? kept)
    {
        var path = kept ?? Path.Combine(Path.GetTempPath(), $"countersign-bench-{events}.zip");
        if (!File.Exists(path))
            new BundleGenerator(events, 1).Write(path);
        try
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{events} events, {new FileInfo(path).Length / 1e6:0.0} MB, {Environment.ProcessorCount} cores"));
            for (var round = 1; round <= rounds; round++)
            {
                var watch = Stopwatch.StartNew();
                var before = Process.GetCurrentProcess().TotalProcessorTime;
                using var bundle = new ZipBundle(path);
                var report = BundleVerifier.Verify(bundle, new VerificationOptions());
                var (elapsed, processor) = (watch.Elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}: {report.Verdict}, {report.Contents} contents, {elapsed:0.00} s ({processor:0.00} s of processors): {report.Leaves / elapsed:0} events/s"));
                if (report.Verdict != Verdict.Proven)
                    return 1;
            }
        }
        finally
        {
            if (kept is null)
                File.Delete(path);
        }

        return 0;
    }
}
