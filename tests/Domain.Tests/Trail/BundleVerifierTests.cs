using System.Text;
using System.Text.Json;
using Countersign.Domain.Trail;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Trail;

public sealed class BundleVerifierTests
{
    private static readonly VerificationOptions Alone = new();

    private static readonly VerificationOptions Trusting = new() { TrustedKeys = [BundleBuilder.NewSigner(1).Key] };

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(300)]
    public void A_clean_bundle_is_proven(int events)
    {
        var report = BundleVerifier.Verify(BundleBuilder.Random(events, events).Export(), Trusting);
        report.Findings.ShouldBeEmpty();
        report.Verdict.ShouldBe(Verdict.Proven);
        report.Leaves.ShouldBe(events);
        report.Contents.ShouldBe(events);
        report.NotProven.ShouldNotContain(s => s.Contains("fingerprint", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_key_of_ones_own_the_fingerprint_is_named_as_not_proven()
    {
        var report = BundleVerifier.Verify(BundleBuilder.Random(1, 20).Export(), Alone);
        report.Verdict.ShouldBe(Verdict.Proven);
        report.NotProven.ShouldContain(s => s.Contains(BundleBuilder.NewSigner(1).Key.Fingerprint, StringComparison.Ordinal));
    }

    [Fact]
    public void A_range_between_checkpoints_is_proven_and_says_what_lies_before_it()
    {
        var report = BundleVerifier.Verify(BundleBuilder.Random(2, 100).Export(first: 48, end: 80), Trusting);
        report.Findings.ShouldBeEmpty();
        report.Leaves.ShouldBe(32);
        report.NotProven.ShouldContain(s => s.Contains("leaves 0 to 47", StringComparison.Ordinal));
    }

    [Fact]
    public void A_selection_holds_its_contents_and_the_records_of_all()
    {
        var builder = BundleBuilder.Random(3, 100);
        var report = BundleVerifier.Verify(builder.Export(selection: new BundleSelection("instance") { Streams = ["instance-1"] }), Trusting);
        report.Findings.ShouldBeEmpty();
        report.Leaves.ShouldBe(100);
        report.Contents.ShouldBe(builder.Leaves.Count(l => ((EventLeaf)l.Record).Stream == "instance-1"));
    }

    [Fact]
    public void Withheld_contents_are_told_and_do_not_break_the_proof()
    {
        var report = BundleVerifier.Verify(BundleBuilder.Random(4, 60).Export(
            withheld: l => l.Version == 2 ? Withheld.Erased : l.Version == 3 ? Withheld.Sealed : null), Trusting);
        report.Findings.ShouldBeEmpty();
        report.NotProven.ShouldContain(s => s.Contains("erased events", StringComparison.Ordinal));
        report.NotProven.ShouldContain(s => s.Contains("sealed events", StringComparison.Ordinal));
    }

    [Fact]
    public void A_changed_byte_in_the_contents_names_the_event()
    {
        var builder = BundleBuilder.Random(5, 50);
        var bundle = builder.Export();
        var lines = Encoding.UTF8.GetString(bundle[BundleFormat.Events]).Split('\n');
        lines[31] = lines[31].Replace("12.50", "12.51", StringComparison.Ordinal);
        bundle[BundleFormat.Events] = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        var report = BundleVerifier.Verify(bundle, Trusting);
        report.Verdict.ShouldBe(Verdict.Refused);
        var leaf = (EventLeaf)builder.Leaves[31].Record;
        report.FirstLeaf.ShouldNotBeNull();
        report.FirstLeaf.Code.ShouldBe("content.changed");
        report.FirstLeaf.Leaf.ShouldBe(new LeafPlace(1, 31, leaf.Stream, leaf.Version, leaf.Type));
        report.Findings.ShouldContain(f => f.Code == "file.changed");
    }

    [Fact]
    public void White_space_in_the_contents_is_no_other_content_but_another_file()
    {
        var bundle = BundleBuilder.Random(6, 20).Export();
        bundle[BundleFormat.Events] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bundle[BundleFormat.Events]).Replace("\"n\": ", "\"n\":  ", StringComparison.Ordinal));
        var report = BundleVerifier.Verify(bundle, Trusting);
        report.Verdict.ShouldBe(Verdict.Refused);
        report.FirstLeaf.ShouldBeNull();
    }

    [Fact]
    public void An_event_that_was_left_out_is_found_even_when_everything_is_signed_again_by_the_right_key()
    {
        var builder = BundleBuilder.Random(7, 60);
        var held = builder.Checkpoint(48);
        var index = builder.Leaves.FindIndex(l => l.Record is EventLeaf { Version: 2 });
        builder.Leaves.RemoveAt(index);
        var report = BundleVerifier.Verify(builder.Export(), Trusting);
        report.Findings.ShouldContain(f => f.Code == "stream.gap");
        report = BundleVerifier.Verify(builder.Export(), Trusting with { HeldCheckpoints = [held] });
        report.Findings.ShouldContain(f => f.Code == "held.differs");
    }

    [Fact]
    public void A_rewritten_suffix_signed_by_the_right_key_is_found_against_the_checkpoint_that_one_holds()
    {
        var held = BundleBuilder.Random(8, 40).Checkpoint(40);
        var rewritten = BundleBuilder.Random(9, 64).Export();
        BundleVerifier.Verify(rewritten, Trusting).Verdict.ShouldBe(Verdict.Proven);
        BundleVerifier.Verify(rewritten, Trusting with { HeldCheckpoints = [held] }).Findings.ShouldHaveSingleItem().Code.ShouldBe("held.differs");
    }

    [Fact]
    public void A_log_that_goes_on_continues_the_checkpoint_that_one_holds()
    {
        var builder = BundleBuilder.Random(10, 40);
        var held = builder.Checkpoint(37);
        builder.Grow(new Random(11), 40);
        var report = BundleVerifier.Verify(builder.Export(), Trusting with { HeldCheckpoints = [held] });
        report.Findings.ShouldBeEmpty();
        report.Proven.ShouldContain(s => s.Contains("size 37", StringComparison.Ordinal));
    }

    [Fact]
    public void A_bundle_signed_by_another_key_is_refused_by_who_knows_the_right_one()
    {
        var foreign = BundleBuilder.Random(12, 40, BundleBuilder.NewSigner(2)).Export();
        BundleVerifier.Verify(foreign, Alone).Verdict.ShouldBe(Verdict.Proven);
        BundleVerifier.Verify(foreign, Trusting).Findings.ShouldContain(f => f.Code == "key.untrusted");
    }

    [Fact]
    public void A_key_that_took_over_is_accepted_by_its_signed_statement_and_by_nothing_else()
    {
        var (old, next) = (BundleBuilder.NewSigner(1), BundleBuilder.NewSigner(2));
        var statement = new KeyStatement(old.Key.Name, old.Key, next.Key, DateTimeOffset.UnixEpoch);
        MemoryBundle Rotated(SignedNote note)
        {
            var builder = BundleBuilder.Random(13, 40, next);
            builder.Leaves.Add((new StatementLeaf(BundleBuilder.Tenant, note.ToString()), [], []));
            builder.Grow(new Random(14), 10);
            var bundle = new MemoryBundle();
            var writer = new BundleWriter(bundle);
            builder.Finish(writer, [(builder, builder.WriteLog(writer, 1, 0, 51))], new BundleSelection("everything"),
                rotations: JsonSerializer.Serialize(note.ToString()) + "\n");
            return bundle;
        }
        BundleVerifier.Verify(Rotated(SignedNote.Sign(statement.Text, old, next)), Trusting).Findings.ShouldBeEmpty();
        BundleVerifier.Verify(Rotated(SignedNote.Sign(statement.Text, next)), Trusting).Verdict.ShouldBe(Verdict.Refused);
    }

    [Fact]
    public void A_restore_shows_its_gap_and_the_new_epoch_is_proven()
    {
        var lost = BundleBuilder.Random(15, 60);
        var restored = BundleBuilder.Random(15, 60);
        restored.Leaves.RemoveRange(40, 20);
        MemoryBundle Export(EpochStatement statement)
        {
            var after = new BundleBuilder { Signer = BundleBuilder.NewSigner(1, 2) };
            after.State(statement, after.Signer);
            // The restored streams go on where they stood.
            after.Leaves.AddRange(restored.Leaves);
            after.Grow(new Random(16), 30);
            after.Leaves.RemoveRange(1, 40);
            after.Documents.Clear();
            var bundle = new MemoryBundle();
            var writer = new BundleWriter(bundle);
            List<(BundleBuilder, BundleEpoch)> epochs = [(restored, restored.WriteLog(writer, 1, 0, 40, closed: true)), (after, after.WriteLog(writer, 2, 0, 31))];
            after.Finish(writer, epochs, new BundleSelection("everything"));
            return bundle;
        }
        var origin = TrailOrigin.Of(BundleBuilder.Host, BundleBuilder.Tenant, 2);
        var published = new Checkpoint(lost.Origin, 60, lost.Root(60));
        var statement = new EpochStatement(origin, new Checkpoint(lost.Origin, 40, restored.Root(40)), published, "disk lost", "otto", DateTimeOffset.UnixEpoch);
        var report = BundleVerifier.Verify(Export(statement), Trusting);
        report.Findings.ShouldBeEmpty();
        report.NotProven.ShouldContain(s => s.Contains("leaves 40 to 59", StringComparison.Ordinal) && s.Contains("disk lost", StringComparison.Ordinal));
        BundleVerifier.Verify(Export(statement with { Closed = new Checkpoint(lost.Origin, 40, published.Root) }), Trusting)
            .Findings.ShouldContain(f => f.Code == "epoch.differs");
    }

    [Fact]
    public void What_is_not_a_bundle_is_unreadable_and_not_refused()
    {
        BundleVerifier.Verify(new MemoryBundle(), Alone).Verdict.ShouldBe(Verdict.Unreadable);
        foreach (var manifest in new[] { "", "null", "[]", "{}", "{\"format\":\"countersign-export-1\"", "\u0000" })
        {
            var bundle = new MemoryBundle();
            bundle.Content.Add((BundleFormat.Manifest, Encoding.UTF8.GetBytes(manifest)));
            BundleVerifier.Verify(bundle, Alone).Verdict.ShouldBe(Verdict.Unreadable, manifest);
        }
        var newer = BundleBuilder.Random(1, 5).Export();
        newer[BundleFormat.Manifest] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(newer[BundleFormat.Manifest]).Replace("export-1\"", "export-9\"", StringComparison.Ordinal));
        BundleVerifier.Verify(newer, Alone).Verdict.ShouldBe(Verdict.Unreadable);
    }

    [Fact]
    public void Progress_is_told_up_to_the_end()
    {
        var told = new List<VerificationProgress>();
        BundleVerifier.Verify(BundleBuilder.Random(1, 10_000).Export(), Alone, told.Add);
        told.Count.ShouldBeGreaterThan(2);
        told[^1].ShouldBe(new VerificationProgress(10_000, 10_000));
    }
}
