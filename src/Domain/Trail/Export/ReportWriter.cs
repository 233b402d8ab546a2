using System.Globalization;

namespace Countersign.Domain.Trail;

/// <summary>Says in sentences what a verification has shown and what it cannot show.</summary>
internal sealed class ReportWriter(VerificationRun run, VerificationOptions options, List<EpochReplay> replays, List<Checkpoint> foreign)
{
    public VerificationReport Write(ContentFile events, int documents, int unmentioned, int receipts)
    {
        var findings = run.Findings.OrderBy(f => f.Leaf is null).ThenBy(f => f.Leaf?.Epoch).ThenBy(f => f.Leaf?.Index).ToList();
        var proven = findings.Count == 0 ? Proven(documents, receipts) : [];
        return new VerificationReport(findings.Count == 0 ? Verdict.Proven : Verdict.Refused, findings, proven,
            NotProven(events, unmentioned), run.Manifest, run.Trust.Accepted, run.Leaves, run.Contents);
    }

    private List<string> Proven(int documents, int receipts)
    {
        var said = new List<string>();
        foreach (var (epoch, replay) in run.Manifest.Epochs.Zip(replays))
        {
            said.Add(Text($"{epoch.End - epoch.First} leaves of {epoch.Origin} ({epoch.First} to {epoch.End - 1}) are exactly those under {replay.Signed.Count} signed checkpoints."));
            foreach (var held in replay.Continued)
                said.Add(Text($"The log continues the checkpoint that you hold (size {held.Size}): nothing before it was changed or removed since."));
        }
        said.Add(Text($"The contents of {run.Contents - run.WithheldErased - run.WithheldSealed} events are byte for byte what was logged, with stream, version, type, time and actor."));
        said.Add(Text($"In each of {run.Streams.Count} streams no event of the range was left out, doubled or reordered; no event that the selection covers is missing."));
        if (documents > 0)
            said.Add(Text($"{documents} documents have the content that logged events refer to."));
        if (receipts > 0)
            said.Add(Text($"{receipts} single proofs hold by themselves."));
        return said;
    }

    private List<string> NotProven(ContentFile events, int unmentioned)
    {
        var said = new List<string>();
        if (options.TrustedKeys.Count == 0)
        {
            foreach (var key in run.Trust.Accepted.DistinctBy(k => k.Fingerprint))
                said.Add($"Whose key signed: the key came with the bundle. Compare its fingerprint {key.Fingerprint} with the published one, or give it with --key.");
        }
        if (run.Held.Count == 0)
            said.Add("That the whole history was not rewritten before this export, by whoever holds the key: give a checkpoint from earlier with --checkpoint.");
        foreach (var held in run.Held.Where(h => !replays.Exists(r => r.Continued.Contains(h) || run.Findings.Exists(f => f.Code == "held.differs"))).Concat(foreign))
            said.Add(Text($"That the log continues your checkpoint of {BundleReader.Shown(held.Origin)} at size {held.Size}: it lies outside the range of this bundle. Ask for an export that covers it."));
        foreach (var epoch in run.Manifest.Epochs)
        {
            if (epoch.First > 0)
                said.Add(Text($"The contents of leaves 0 to {epoch.First - 1} of {epoch.Origin}: they lie before the range; the log commits to them."));
        }
        foreach (var opened in replays.Select(r => r.Opened).OfType<EpochStatement>())
            said.Add(Text($"What stood in leaves {opened.Closed.Size} to {opened.Published.Size - 1} of {opened.Closed.Origin}: they had been published and were lost in a restore on {opened.Time:yyyy-MM-dd} ({BundleReader.Shown(opened.Operator)}: {BundleReader.Shown(opened.Reason)})."));
        if (run.WithheldErased > 0)
            said.Add(Text($"The contents of {run.WithheldErased} erased events: their leaves remain, what they said is gone."));
        if (run.WithheldSealed > 0)
            said.Add(Text($"The contents of {run.WithheldSealed} sealed events: they are withheld from this bundle."));
        if (events.SealedFields > 0)
            said.Add(Text($"What {events.SealedFields} sealed fields say: the log commits to their encrypted form; a field whose key was destroyed is erased for good."));
        if (run.Late > 0)
            said.Add(Text($"Why {run.Late} events came into the log late; they are marked."));
        if (unmentioned > 0)
            said.Add(Text($"{unmentioned} documents are referred to by no event in the bundle: only the exporter's signature speaks for them."));
        said.Add("The readable texts (CSV, HTML, README): they are made from the events for reading, and only the exporter's signature speaks for them.");
        said.Add("That what people and systems told the service was true, and what happened after the last checkpoint.");
        return said;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
