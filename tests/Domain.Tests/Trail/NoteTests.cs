using System.Text;
using Countersign.Domain.Trail;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Trail;

public sealed class NoteTests
{
    // The example key and note of the signed-note package of Go's module proxy, which the C2SP format describes.
    private const string PublishedKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    private const string PublishedNote =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private static readonly Ed25519NoteSigner Signer = new("example.com/log", Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
    private static readonly Ed25519NoteSigner Next = new("example.com/log", Enumerable.Range(32, 32).Select(i => (byte)i).ToArray());

    [Fact]
    public void A_published_note_verifies_and_a_changed_letter_does_not()
    {
        VerifierKey.TryParse(PublishedKey, out var key).ShouldBeTrue();
        key!.ToString().ShouldBe(PublishedKey);
        SignedNote.TryParse(PublishedNote, out var note).ShouldBeTrue();
        note!.VerifiedBy([key]).ShouldBe([key]);
        SignedNote.TryParse(PublishedNote.Replace("answer", "Answer", StringComparison.Ordinal), out var changed).ShouldBeTrue();
        changed!.VerifiedBy([key]).ShouldBeEmpty();
    }

    [Fact]
    public void RFC_8032_signatures_are_made()
    {
        // RFC 8032 §7.1 TEST 3.
        var signer = new Ed25519NoteSigner("t", Convert.FromHexString("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
        Convert.ToHexStringLower(signer.Key.Bytes.Span).ShouldBe("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
        Convert.ToHexStringLower(signer.Sign(Convert.FromHexString("af82"))).ShouldBe(
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    }

    [Fact]
    public void A_note_is_read_as_it_was_written()
    {
        var note = SignedNote.Sign("first\n\nlast\n", Signer, Next);
        SignedNote.TryParse(note.ToString(), out var read).ShouldBeTrue();
        read!.Text.ShouldBe("first\n\nlast\n");
        read.ToString().ShouldBe(note.ToString());
        read.VerifiedBy([Next.Key]).ShouldBe([Next.Key]);
        read.VerifiedBy([Signer.Key, Next.Key]).ShouldBe([Signer.Key, Next.Key]);
    }

    [Fact]
    public void One_bad_signature_of_a_known_key_spoils_the_note()
    {
        var good = SignedNote.Sign("text\n", Signer);
        var bad = good with { Signatures = [.. good.Signatures, new NoteSignature(Next.Key.Name, Next.Key.Id, new byte[64])] };
        bad.VerifiedBy([Signer.Key]).ShouldBe([Signer.Key]);
        bad.VerifiedBy([Signer.Key, Next.Key]).ShouldBeEmpty();
        good.VerifiedBy([]).ShouldBeEmpty();
        good.VerifiedBy([Signer.Key.Renamed("example.com/other")]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("no signature\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n- example.com/log AAAAAAA=\n")]
    [InlineData("text\n\n— example.com/log\n")]
    [InlineData("text\n\n— exa+mple AAAAAAA=\n")]
    [InlineData("text\n\n— example AAAA\n")]
    [InlineData("text\n\n— example AAAAAAB=\n")]
    [InlineData("te\txt\n\n— example.com/log AAAAAAA=\n")]
    [InlineData("text\n\n— example.com/log AAAAAAA=")]
    [InlineData("text\r\n\r\n— example.com/log AAAAAAA=\r\n")]
    public void What_is_not_a_note_is_refused(string note) => SignedNote.TryParse(note, out _).ShouldBeFalse();

    [Theory]
    [InlineData("")]
    [InlineData("example.com/log+00000000+AQID")]
    [InlineData("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("PeterNeumann+c74f20a3+AhpcMQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    [InlineData("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")]
    public void What_is_not_a_key_is_refused(string key) => VerifierKey.TryParse(key, out _).ShouldBeFalse();

    [Theory]
    [InlineData("o\n1\n")]
    [InlineData("o\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("o\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("o\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n")]
    [InlineData("o\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    public void What_is_not_a_checkpoint_is_refused(string text) => Checkpoint.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_single_proof_is_read_as_it_was_written()
    {
        var checkpoint = new Checkpoint("example.com/log", 2, TreeHash.OfNode(TreeHash.Empty, TreeHash.Empty)).Sign(Signer);
        var proof = new TlogProof(1, [TreeHash.Empty], checkpoint, Encoding.UTF8.GetBytes("{}"));
        TlogProof.TryParse(proof.ToString(), out var read).ShouldBeTrue();
        read!.ToString().ShouldBe(proof.ToString());
        TlogProof.TryParse(proof.ToString().Replace("index 1", "index -1", StringComparison.Ordinal), out _).ShouldBeFalse();
    }

    [Fact]
    public void A_leaf_record_is_read_as_it_was_written_and_in_no_other_spelling()
    {
        var leaf = new EventLeaf("acmefinance", "invoice/\u00e9\"1\u0007", 3, 17, "0195f0c4-0000-7000-8000-000000000001", "task.completed_v2",
            new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.Zero).AddTicks(1234560), TreeHash.Empty)
        { Actor = "m-1", HeadersHash = TreeHash.Empty, Late = true };
        var bytes = leaf.ToBytes();
        CanonicalJson.Of(bytes).ShouldBe(bytes);
        leaf.SchemaVersion.ShouldBe(2);
        LeafRecord.TryParse(bytes, out var read, out _).ShouldBeTrue();
        read.ShouldBe(leaf);
        var text = Encoding.UTF8.GetString(bytes);
        foreach (var other in new[]
        {
            text + " ", text.Replace(",", ", ", StringComparison.Ordinal), text.Replace("\"schema\":2", "\"schema\":1", StringComparison.Ordinal),
            text.Replace("\"version\":3", "\"version\":3.0", StringComparison.Ordinal), text[..^1] + ",\"more\":1}", text[..^1],
            text.Replace("\"version\":3", "\"version\":3,\"version\":3", StringComparison.Ordinal), text.Replace("\"format\":1", "\"format\":2", StringComparison.Ordinal),
        })
            LeafRecord.TryParse(Encoding.UTF8.GetBytes(other), out _, out var problem).ShouldBeFalse(problem);
    }

    [Fact]
    public void Statements_are_read_as_they_were_written()
    {
        TrailStatement[] statements =
        [
            new EpochStatement("example.com/log/epoch/2", new Checkpoint("example.com/log", 3, TreeHash.Empty), new Checkpoint("example.com/log", 5, TreeHash.Empty),
                "disk \"lost\"", "otto", DateTimeOffset.UnixEpoch),
            new KeyStatement("example.com/log", Signer.Key, Next.Key, DateTimeOffset.UnixEpoch),
        ];
        foreach (var statement in statements)
        {
            TrailStatement.TryParse(statement.Text, out var read).ShouldBeTrue();
            read.ShouldBe(statement);
            CanonicalJson.Of(Encoding.UTF8.GetBytes(statement.Text)).ShouldBe(Encoding.UTF8.GetBytes(statement.Text.TrimEnd('\n')));
        }
        TrailStatement.TryParse("{}", out _).ShouldBeFalse();
        TrailStatement.TryParse("[]\n", out _).ShouldBeFalse();
        TrailStatement.TryParse("text\n", out _).ShouldBeFalse();
    }
}
