using Countersign.Domain.Trail;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Trail;

public sealed class BundleMutationTests(ITestOutputHelper output)
{
    private static readonly VerificationOptions Trusting = new() { TrustedKeys = [BundleBuilder.NewSigner(1).Key] };

    [Fact]
    public void Twelve_hundred_random_single_changes_are_all_found_and_no_clean_bundle_is_refused()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TRAIL_SEED"), out var given) ? given : System.Random.Shared.Next();
        output.WriteLine($"seed {seed} (repeat with TRAIL_SEED={seed})");
        var random = new Random(seed);
        var kinds = new Dictionary<Verdict, int>();
        for (var i = 0; i < 60; i++)
        {
            var builder = BundleBuilder.Random(random.Next(), random.Next(20, 90));
            var first = random.Next(3) == 0 ? 16 : 0;
            var clean = builder.Export(first);
            BundleVerifier.Verify(clean, Trusting).Findings.ShouldBeEmpty($"seed {seed}, bundle {i}: false alarm");
            for (var j = 0; j < 20; j++)
            {
                var changed = clean.Copy();
                var how = Mutation.Apply(changed, random);
                var report = BundleVerifier.Verify(changed, Trusting);
                report.Verdict.ShouldNotBe(Verdict.Proven, $"seed {seed}, bundle {i}, change {j}: {how}");
                report.Findings.ShouldNotBeEmpty();
                kinds[report.Verdict] = kinds.GetValueOrDefault(report.Verdict) + 1;
            }
        }
        output.WriteLine(string.Join(", ", kinds.Select(k => $"{k.Key}: {k.Value}")));
    }

    [Fact]
    public void A_record_rewritten_in_the_log_itself_is_found_against_any_checkpoint_behind_it()
    {
        var random = new Random(7);
        for (var i = 0; i < 50; i++)
        {
            var builder = BundleBuilder.Random(i, 70);
            var held = builder.Checkpoint(64);
            var at = random.Next(64);
            var (record, data, headers) = builder.Leaves[at];
            builder.Leaves[at] = ((EventLeaf)record with { Actor = "m-mallory" }, data, headers);
            // The adversary holds the key here: every checkpoint and the manifest are signed anew.
            var report = BundleVerifier.Verify(builder.Export(), Trusting with { HeldCheckpoints = [held] });
            report.Findings.ShouldHaveSingleItem().Code.ShouldBe("held.differs");
        }
    }
}
