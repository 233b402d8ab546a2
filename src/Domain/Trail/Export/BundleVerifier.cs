using System.Security.Cryptography;
using System.Text;

namespace Countersign.Domain.Trail;

/// <summary>
/// Verifies an export bundle by itself: no network, no database, no clock. The tree of the whole range is built again from the
/// records and compared with every signed checkpoint, and each content with its record.
/// </summary>
public static class BundleVerifier
{
    /// <summary>Verifies a bundle.</summary>
    /// <param name="files">The bundle.</param>
    /// <param name="options">Keys and checkpoints that the person brings along.</param>
    /// <param name="progress">Told now and then how far the work is, on the caller's thread.</param>
    /// <exception cref="IOException">The bundle cannot be read from where it lies.</exception>
    /// <exception cref="InvalidDataException">The container is damaged.</exception>
    public static VerificationReport Verify(IBundleFiles files, VerificationOptions options, Action<VerificationProgress>? progress = null)
    {
        var early = new List<Finding>();
        if (ReadManifest(files, early, out var bytes) is not { } manifest)
            return new VerificationReport(Verdict.Unreadable, early, [], [], null, [], 0, 0);
        var run = new VerificationRun(manifest, progress);
        early.ForEach(run.Report);
        run.Files = new BundleReader(files, manifest, run.Report);
        run.Files.CheckNames();
        CheckEpochs(run);
        run.Trust = BundleTrust.Read(run.Files.ReadText(BundleFormat.Keys), run.Files.ReadLines(BundleFormat.Rotations), options.TrustedKeys, run.Report);
        CheckManifestNote(files, run, bytes);
        var foreign = TakeHeld(run, options);
        var documents = run.Files.Names.Where(n => n.StartsWith("documents/", StringComparison.Ordinal)).ToList();

        var eventStream = run.Files.Open(BundleFormat.Events);
        var decisionStream = run.Files.Open(BundleFormat.Decisions);
        var events = new ContentFile(eventStream, documents.Count > 0);
        var decisions = new ContentFile(decisionStream);
        var replays = manifest.Epochs.Select(epoch => new EpochReplay(run, epoch)).ToList();
        foreach (var replay in replays)
            replay.Replay(events, decisions);
        CheckEnds(run, events, decisions);
        run.Files.Close(BundleFormat.Events, eventStream);
        run.Files.Close(BundleFormat.Decisions, decisionStream);
        CheckContinuation(run, replays);
        var receipts = CheckReceipts(run, replays);
        var unmentioned = CheckDocuments(run, documents, events);
        run.Files.CheckRest();
        run.Done();
        return new ReportWriter(run, options, replays, foreign).Write(events, documents.Count - unmentioned, unmentioned, receipts);
    }

    private static BundleManifest? ReadManifest(IBundleFiles files, List<Finding> findings, out byte[] bytes)
    {
        bytes = [];
        if (files.Files.Count > BundleFormat.MaximumFiles)
        {
            findings.Add(new Finding("bundle.large", $"The bundle holds more than {BundleFormat.MaximumFiles} files."));
            return null;
        }
        if (!files.Files.Any(f => f.Name == BundleFormat.Manifest))
        {
            findings.Add(new Finding("manifest.missing", $"There is no {BundleFormat.Manifest}: this is not an export of Countersign."));
            return null;
        }
        using (var stream = files.Open(BundleFormat.Manifest))
            bytes = BundleReader.ReadBounded(stream, BundleFormat.Manifest, findings.Add);
        var manifest = BundleManifest.Read(bytes, out var problem);
        if (manifest is null)
            findings.Add(new Finding("manifest.malformed", $"{BundleFormat.Manifest} cannot be read: {problem}"));
        else if (manifest.Format != BundleFormat.Name)
            findings.Add(new Finding("manifest.format", $"The bundle has format '{BundleReader.Shown(manifest.Format)}'; this program reads {BundleFormat.Name}. A newer version may read it."));
        else
            return manifest;
        return null;
    }

    private static void CheckEpochs(VerificationRun run)
    {
        if (run.Manifest.Epochs.Count == 0)
            run.Report("manifest.epochs", "The manifest names no range of leaves.");
        var last = 0;
        foreach (var epoch in run.Manifest.Epochs)
        {
            if (epoch.Epoch <= last || (last > 0 && (epoch.Epoch != last + 1 || epoch.First != 0)) || epoch.First < 0 || epoch.End < epoch.First)
                run.Report("manifest.epochs", $"The range of epoch {epoch.Epoch} in the manifest cannot be.");
            last = epoch.Epoch;
        }
    }

    private static void CheckManifestNote(IBundleFiles files, VerificationRun run, byte[] manifest)
    {
        var text = "";
        if (files.Files.Any(f => f.Name == BundleFormat.ManifestNote))
        {
            using var stream = files.Open(BundleFormat.ManifestNote);
            text = Encoding.UTF8.GetString(BundleReader.ReadBounded(stream, BundleFormat.ManifestNote, run.Report));
        }
        var origin = run.Manifest.Epochs.Count > 0 ? run.Manifest.Epochs[^1].Origin : "";
        if (!SignedNote.TryParse(text, out var note))
            run.Report("manifest.unsigned", $"{BundleFormat.ManifestNote} is missing or not a signed note.");
        // The whole file is compared, not what was parsed of it: one note has one spelling.
        else if (note!.Text != BundleWriter.NoteText(origin, manifest) || note.ToString() != text)
            run.Report("manifest.changed", $"{BundleFormat.ManifestNote} does not speak of this manifest: one of the two was changed.");
        else if (run.Trust.Verify(note, origin).Count != note.Signatures.Count)
            run.Report("manifest.unsigned", "The manifest is not signed by an accepted key, or also by one that is not.");
    }

    private static List<Checkpoint> TakeHeld(VerificationRun run, VerificationOptions options)
    {
        var foreign = new List<Checkpoint>();
        foreach (var note in options.HeldCheckpoints)
        {
            if (!Checkpoint.TryParse(note.Text, out var held))
                run.Report("held.malformed", "The checkpoint that you hold is not one.");
            else if (!run.Manifest.Epochs.Any(e => e.Origin == held!.Origin))
                foreign.Add(held!);
            else if (run.Trust.Verify(note, held!.Origin).Count == 0)
                run.Report("held.key", "The checkpoint that you hold is signed by another key than this bundle.");
            else
                run.Held.Add(held);
        }
        return foreign;
    }

    private static void CheckEnds(VerificationRun run, ContentFile events, ContentFile decisions)
    {
        if (run.Full)
            return;
        if (events.HasLine || events.Problem is not null)
            run.Report("content.surplus", $"{BundleFormat.Events} holds a line that belongs to no leaf in its place{(events.Problem is { } why ? ": " + why : "")}.");
        if (decisions.HasLine || decisions.Problem is not null)
            run.Report("decision.surplus", $"{BundleFormat.Decisions} holds a line that belongs to no leaf in its place{(decisions.Problem is { } problem ? ": " + problem : "")}.");
        if (run.Contents != run.Manifest.Contents || run.WithheldErased + run.WithheldSealed != run.Manifest.Withheld)
            run.Report("content.count", $"The manifest speaks of {run.Manifest.Contents} contents, {run.Manifest.Withheld} of them withheld; the bundle holds {run.Contents} and {run.WithheldErased + run.WithheldSealed}.");
    }

    /// <summary>Each range must end at a signed checkpoint, or be closed by the statement that opens the next epoch.</summary>
    private static void CheckContinuation(VerificationRun run, List<EpochReplay> replays)
    {
        for (var i = 0; i < replays.Count; i++)
        {
            var (replay, epoch) = (replays[i], run.Manifest.Epochs[i]);
            if (replay.End is not { } end)
                continue;
            var closing = i + 1 < replays.Count ? replays[i + 1].Opened?.Closed : null;
            if (closing is not null && (closing.Origin != end.Origin || closing.Size != end.Size || closing.Root != end.Root))
                run.Report("epoch.differs", $"Epoch {epoch.Epoch + 1} states another end of epoch {epoch.Epoch} than the bundle holds.");
            else if (closing is null && i + 1 < replays.Count)
                run.Report("epoch.unstated", $"Epoch {epoch.Epoch + 1} does not begin with a signed statement of why.");
            else if (closing is null && !(replay.Signed.Count > 0 && replay.Signed[^1].Size == end.Size) && end.Size > 0)
                run.Report("checkpoint.missing", $"No signed checkpoint stands at the end of the range, leaf {end.Size} of epoch {epoch.Epoch}.");
        }
    }

    private static int CheckReceipts(VerificationRun run, List<EpochReplay> replays)
    {
        var receipts = 0;
        foreach (var name in run.Files.Names.Where(n => n.StartsWith("proofs/", StringComparison.Ordinal)).ToList())
        {
            receipts++;
            if (!TlogProof.TryParse(run.Files.ReadText(name), out var proof) || !Checkpoint.TryParse(proof!.Checkpoint.Text, out var checkpoint)
                || run.Trust.Verify(proof.Checkpoint, checkpoint!.Origin).Count == 0
                || !replays.Exists(r => r.Signed.Contains(checkpoint))
                || !MerkleProof.VerifyInclusion(proof.Index, checkpoint.Size, TreeHash.OfLeaf(proof.Extra.Span), proof.Hashes, checkpoint.Root))
                run.Report("receipt.invalid", $"{name} does not prove that its record is in the log.");
        }
        return receipts;
    }

    private static int CheckDocuments(VerificationRun run, List<string> documents, ContentFile events)
    {
        var unmentioned = 0;
        foreach (var name in documents)
        {
            var hash = name["documents/".Length..];
            var stream = run.Files.Open(name);
            run.Files.Close(name, stream);
            if (!string.Equals(run.Files.HashOf(name), hash, StringComparison.Ordinal))
                run.Report("document.changed", $"The document {hash} has another content than its name says.");
            if (!events.Mentioned.Contains(hash))
                unmentioned++;
        }
        return unmentioned;
    }
}
