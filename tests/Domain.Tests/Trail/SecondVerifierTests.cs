using System.Diagnostics;
using System.IO.Compression;
using Countersign.Domain.Trail;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Trail;

/// <summary>The verifier in the documentation was written from the format page alone; both must give one verdict on every bundle.</summary>
public sealed class SecondVerifierTests(ITestOutputHelper output)
{
    private static readonly VerificationOptions Trusting = new() { TrustedKeys = [BundleBuilder.NewSigner(1).Key] };

    [Fact]
    public async Task Both_verifiers_agree_on_good_and_on_changed_bundles()
    {
        var script = Script();
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TRAIL_SEED"), out var given) ? given : System.Random.Shared.Next();
        output.WriteLine($"seed {seed} (repeat with TRAIL_SEED={seed})");
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("countersign-bundles");
        try
        {
            var expected = new Dictionary<string, (Verdict Verdict, string How)>(StringComparer.Ordinal);
            for (var i = 0; i < 40; i++)
            {
                var builder = BundleBuilder.Random(random.Next(), random.Next(10, 70));
                var selection = random.Next(4) switch
                {
                    0 => new BundleSelection("instance") { Streams = ["instance-1", "instance-2"] },
                    1 => new BundleSelection("type") { Types = ["decision.recorded"] },
                    2 => new BundleSelection("period") { From = builder.Leaves.Select(l => ((EventLeaf)l.Record).Time).ElementAt(5) },
                    _ => new BundleSelection("everything"),
                };
                var bundle = builder.Export(builder.Leaves.Count > 20 && random.Next(2) == 0 ? 16 : 0, selection: selection);
                Save(bundle, "clean");
                var changed = bundle.Copy();
                Save(changed, Mutation.Apply(changed, random));
            }
            foreach (var line in await Run(script, folder.FullName, expected.Keys))
            {
                var (code, path) = (line[0] - '0', line.Split(' ')[1]);
                var (verdict, how) = expected[path];
                (code == 0).ShouldBe(verdict == Verdict.Proven, $"seed {seed}: {how}: {line}");
            }

            void Save(MemoryBundle bundle, string how)
            {
                var path = Path.Combine(folder.FullName, $"{expected.Count}.zip");
                using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
                {
                    foreach (var (name, bytes) in bundle.Content)
                    {
                        using var entry = zip.CreateEntry(name).Open();
                        entry.Write(bytes);
                    }
                }
                var report = BundleVerifier.Verify(bundle, Trusting);
                (report.Verdict == Verdict.Proven).ShouldBe(how == "clean", $"seed {seed}: {how}");
                expected.Add(path, (report.Verdict, how));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string[]> Run(string script, string folder, IEnumerable<string> files)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder };
        foreach (var argument in new[] { "-B", script, "--key", BundleBuilder.NewSigner(1).Key.ToString() }.Concat(files))
            start.ArgumentList.Add(argument);
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Skip($"python3 is not on this machine: {e.Message}");
            return [];
        }
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var lines = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            (await errors).ShouldBeEmpty();
            var read = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            read.Length.ShouldBe(files.Count());
            return read;
        }
    }

    private static string Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                return Path.Combine(folder.FullName, "docs", "reference", "verify.py");
        }
        throw new InvalidOperationException("The repository was not found above the test binary.");
    }
}
