using System.Globalization;
using System.Text;

namespace Countersign.Domain.Trail;

/// <summary>Builds the tree of one epoch again from the bundle's records, and compares it with every signed checkpoint in the range.</summary>
internal sealed class EpochReplay(VerificationRun run, BundleEpoch epoch)
{
    private readonly List<Checkpoint> _signed = [];
    private readonly List<Checkpoint> _held = [.. run.Held.Where(c => string.Equals(c.Origin, epoch.Origin, StringComparison.Ordinal))];
    private CompactTree _tree = new();
    private int _next;

    /// <summary>Checkpoints whose signature holds, ascending.</summary>
    public IReadOnlyList<Checkpoint> Signed => _signed;

    /// <summary>Root over all leaves up to the end of the range.</summary>
    public Checkpoint? End { get; private set; }

    /// <summary>Held checkpoints that the range continues.</summary>
    public List<Checkpoint> Continued { get; } = [];

    /// <summary>The statement by which this epoch begins, if it is in the range.</summary>
    public EpochStatement? Opened { get; private set; }

    public void Replay(ContentFile events, ContentFile decisions)
    {
        ReadCheckpoints();
        ReadFrontier();
        Meet(epoch.First);
        var hashes = run.Files.Open(Name("hashes.bin"));
        var records = run.Files.Open(Name("leaves.jsonl"));
        var lines = new LineReader(records, LeafRecord.MaximumLength + 1);
        for (var index = epoch.First; index < epoch.End && !run.Full; index++)
        {
            if (!Leaf(index, lines, hashes, events, decisions))
                break;
            Meet(index + 1);
            run.Tick();
        }
        if (!run.Full && (lines.TryRead(out _) || hashes.ReadByte() >= 0))
            run.Report("leaf.surplus", $"The log of epoch {epoch.Epoch} holds more leaves than the manifest says.");
        run.Files.Close(Name("hashes.bin"), hashes);
        run.Files.Close(Name("leaves.jsonl"), records);
        Finish();
    }

    private bool Leaf(long index, LineReader lines, Stream hashes, ContentFile events, ContentFile decisions)
    {
        Span<byte> stored = stackalloc byte[TreeHash.Size];
        if (!lines.TryRead(out var line))
        {
            run.Report("leaf.missing", $"The record of this leaf is missing: {lines.Problem ?? "the file ends before it"}.", Place(index, null));
            return false;
        }
        if (hashes.ReadAtLeast(stored, TreeHash.Size, throwOnEndOfStream: false) < TreeHash.Size)
        {
            run.Report("leaf.missing", "The hash of this leaf is missing: the file ends before it.", Place(index, null));
            return false;
        }
        var hash = TreeHash.OfLeaf(line);
        if (!LeafRecord.TryParse(line, out var record, out var problem))
            run.Report("leaf.malformed", $"The record of this leaf cannot be read: {problem}.", Place(index, null));
        var expected = new TreeHash(stored);
        if (hash != expected)
            run.Report("leaf.changed", "The record of this leaf does not give the hash that is in the log.", Place(index, record as EventLeaf));
        _tree.Append(expected);
        run.Leaves++;
        if (record is not null)
            Record(index, record, events, decisions);
        return true;
    }

    private void Record(long index, LeafRecord record, ContentFile events, ContentFile decisions)
    {
        if (!string.Equals(record.Tenant, run.Manifest.Tenant, StringComparison.Ordinal))
            run.Report("leaf.tenant", $"This leaf is of tenant {BundleReader.Shown(record.Tenant)}, not of {run.Manifest.Tenant}.", Place(index, record as EventLeaf));
        if (record is StatementLeaf statement)
        {
            Statement(index, statement);
            return;
        }
        var leaf = (EventLeaf)record;
        if (run.Streams.Advance(leaf, epoch) is { } gap)
            run.Report("stream.gap", gap, Place(index, leaf));
        if (leaf.Late)
            run.Late++;
        if (run.Manifest.Selection.Covers(leaf))
            Content(index, leaf, events);
        else if (events.IsAt(epoch.Epoch, index))
        {
            run.Report("content.unselected", "The contents of this event are in the bundle though the selection does not cover it.", Place(index, leaf));
            events.Advance();
        }
        if (!decisions.IsAt(epoch.Epoch, index))
            return;
        if (decisions.DataHash != leaf.DataHash)
            run.Report("decision.changed", $"{BundleFormat.Decisions} holds other data than was logged.", Place(index, leaf));
        decisions.Advance();
    }

    private void Content(long index, EventLeaf leaf, ContentFile events)
    {
        if (events.HasLine && events.Problem is not null)
        {
            run.Report("content.malformed", $"The contents of this event cannot be read: {events.Problem}.", Place(index, leaf));
            events.Advance();
            return;
        }
        if (!events.IsAt(epoch.Epoch, index))
        {
            run.Report("content.missing", $"The contents of this event are missing{(events.Problem is { } why ? ": " + why : "")}.", Place(index, leaf));
            return;
        }
        run.Contents++;
        if (events.Withheld is { } withheld)
            run.Withhold(withheld);
        else if (events.DataHash != leaf.DataHash)
            run.Report("content.changed", "The contents of this event are not what was logged.", Place(index, leaf));
        else if (events.HeadersHash != leaf.HeadersHash)
            run.Report("headers.changed", "The headers of this event are not what was logged.", Place(index, leaf));
        events.Advance();
    }

    private void Statement(long index, StatementLeaf leaf)
    {
        if (!SignedNote.TryParse(leaf.Note, out var note) || !TrailStatement.TryParse(note!.Text, out var statement))
        {
            run.Report("statement.malformed", "The log's own statement in this leaf cannot be read.", Place(index, null));
            return;
        }
        var signed = statement is KeyStatement key
            ? key.IsSignedByBoth(note) && run.Trust.IsTied(key.From)
            : run.Trust.Verify(note, epoch.Origin).Count > 0;
        if (!signed)
            run.Report("statement.unsigned", "The log's own statement in this leaf is not signed by its key.", Place(index, null));
        else if (statement is EpochStatement opened && (index != 0 || opened.Origin != epoch.Origin))
            run.Report("statement.misplaced", "A new epoch is stated where none begins.", Place(index, null));
        else if (statement is EpochStatement first)
            Opened = first;
    }

    private void ReadCheckpoints()
    {
        foreach (var line in run.Files.ReadLines(Name("checkpoints.jsonl")))
        {
            if (!BundleTrust.TryJsonString(line, out var text) || !SignedNote.TryParse(text, out var note)
                || !Checkpoint.TryParse(note!.Text, out var checkpoint))
                run.Report("checkpoint.malformed", $"The log of epoch {epoch.Epoch} holds a line that is not a checkpoint.");
            else if (checkpoint!.Origin != epoch.Origin || run.Trust.Verify(note, epoch.Origin).Count == 0)
                run.Report("checkpoint.unsigned", $"The checkpoint at size {checkpoint.Size} of epoch {epoch.Epoch} is not signed by an accepted key of {epoch.Origin}.");
            else if (checkpoint.Size < epoch.First || checkpoint.Size > epoch.End || (_signed.Count > 0 && checkpoint.Size <= _signed[^1].Size))
                run.Report("checkpoint.misplaced", $"The checkpoint at size {checkpoint.Size} of epoch {epoch.Epoch} lies outside the range or out of order.");
            else
                _signed.Add(checkpoint);
        }
    }

    private void ReadFrontier()
    {
        var edge = new List<TreeHash>();
        foreach (var line in run.Files.ReadLines(Name("frontier.txt")))
        {
            if (TreeHash.TryParse(line, out var hash))
                edge.Add(hash);
            else
                run.Report("frontier.malformed", $"The frontier of epoch {epoch.Epoch} holds a line that is not a hash.");
        }
        if (CompactTree.From(epoch.First, edge) is { } tree)
            _tree = tree;
        else
            run.Report("frontier.malformed", $"The frontier of epoch {epoch.Epoch} does not fit {epoch.First} leaves.");
        if (epoch.First > 0 && (_signed.Count == 0 || _signed[0].Size != epoch.First))
            run.Report("checkpoint.missing", $"No signed checkpoint stands at the start of the range, leaf {epoch.First} of epoch {epoch.Epoch}.");
    }

    private void Meet(long size)
    {
        for (; _next < _signed.Count && _signed[_next].Size <= size; _next++)
        {
            var from = _next == 0 ? epoch.First : _signed[_next - 1].Size;
            if (_signed[_next].Size == size && _tree.Root() != _signed[_next].Root)
                run.Report("checkpoint.differs", string.Create(CultureInfo.InvariantCulture,
                    $"The leaves do not give the root that was signed at size {size} of epoch {epoch.Epoch}: a leaf from {from} to {size - 1} was changed, or one before."));
        }
        foreach (var held in _held.Where(c => c.Size == size))
        {
            if (_tree.Root() == held.Root)
                Continued.Add(held);
            else
                run.Report("held.differs", string.Create(CultureInfo.InvariantCulture,
                    $"The bundle does not continue the checkpoint that you hold: at size {size} the log had another root. History was rewritten."));
        }
    }

    private void Finish()
    {
        if (_tree.Size != epoch.End)
            return;
        var root = _tree.Root();
        End = new Checkpoint(epoch.Origin, epoch.End, root);
        if (!string.Equals(root.ToString(), epoch.Root, StringComparison.Ordinal))
            run.Report("root.differs", $"The leaves of epoch {epoch.Epoch} do not give the root that the manifest names.");
        if (epoch.First > 0 && epoch.First < epoch.End && _signed.Count > 0 && !Consistent(root))
            run.Report("consistency.invalid", $"The consistency proof of epoch {epoch.Epoch} does not hold.");
    }

    private bool Consistent(TreeHash root)
    {
        var proof = new List<TreeHash>();
        foreach (var line in run.Files.ReadLines(Name("consistency.txt")))
        {
            if (!TreeHash.TryParse(line, out var hash))
                return false;
            proof.Add(hash);
        }
        return MerkleProof.VerifyConsistency(epoch.First, epoch.End, _signed[0].Root, root, proof);
    }

    private string Name(string part) => BundleFormat.Log(epoch.Epoch, part);

    private LeafPlace Place(long index, EventLeaf? leaf) => new(epoch.Epoch, index,
        leaf is null ? null : BundleReader.Shown(leaf.Stream), leaf?.Version ?? 0, leaf is null ? null : BundleReader.Shown(leaf.Type));
}
