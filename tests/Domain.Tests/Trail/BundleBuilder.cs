using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Trail;

namespace Countersign.Domain.Tests.Trail;

/// <summary>A bundle in memory.</summary>
internal sealed class MemoryBundle : IBundleFiles, IBundleSink
{
    /// <summary>Files in order; a list, so that one name can stand twice.</summary>
    public List<(string Name, byte[] Bytes)> Content { get; } = [];

    public IReadOnlyList<BundleFile> Files => [.. Content.Select(f => new BundleFile(f.Name, f.Bytes.Length))];

    public byte[] this[string name]
    {
        get => Content.First(f => f.Name == name).Bytes;
        set => Content[Content.FindIndex(f => f.Name == name)] = (name, value);
    }

    public Stream Open(string name) => new MemoryStream(this[name], writable: false);

    public Stream Create(string name) => new Kept(this, name);

    public MemoryBundle Copy()
    {
        var copy = new MemoryBundle();
        copy.Content.AddRange(Content.Select(f => (f.Name, f.Bytes.ToArray())));
        return copy;
    }

    private sealed class Kept(MemoryBundle bundle, string name) : MemoryStream
    {
        protected override void Dispose(bool disposing)
        {
            if (disposing)
                bundle.Content.Add((name, ToArray()));
            base.Dispose(disposing);
        }
    }
}

/// <summary>Makes logs as the service would, from a seed, and exports of them.</summary>
internal sealed class BundleBuilder
{
    public const string Host = "trail.example.com";
    public const string Tenant = "acmefinance";

    public Ed25519NoteSigner Signer { get; init; } = NewSigner(1);

    public int CheckpointEvery { get; init; } = 16;

    public string Origin => TrailOrigin.Of(Host, Tenant, 1);

    public List<(LeafRecord Record, byte[] Data, byte[] Headers)> Leaves { get; } = [];

    public List<byte[]> Documents { get; } = [];

    private int LastSigned { get; set; }

    public static Ed25519NoteSigner NewSigner(int seed, int epoch = 1) =>
        new(TrailOrigin.Of(Host, Tenant, epoch), SHA256.HashData(Encoding.UTF8.GetBytes($"test key {seed}")));

    public static BundleBuilder Random(int seed, int events, Ed25519NoteSigner? signer = null)
    {
        var builder = new BundleBuilder { Signer = signer ?? NewSigner(1) };
        builder.Grow(new Random(seed), events);
        return builder;
    }

    public void Grow(Random random, int events)
    {
        var streams = Leaves.Select(l => l.Record).OfType<EventLeaf>().GroupBy(l => l.Stream, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Max(l => l.Version), StringComparer.Ordinal);
        var time = new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero).AddSeconds(Leaves.Count);
        for (var i = 0; i < events; i++)
        {
            var stream = $"instance-{random.Next(Math.Max(2, events / 8))}";
            var version = streams[stream] = streams.GetValueOrDefault(stream) + 1;
            var type = version == 1 ? "instance.started" : random.Next(4) == 0 ? "decision.recorded" : "element.entered_v2";
            var document = type == "instance.started" ? Encoding.UTF8.GetBytes($"document {Leaves.Count} of {seedText(random)}") : null;
            if (document is not null)
                Documents.Add(document);
            // Spelt with spaces and in PostgreSQL's own member order (shorter names first), as data::text gives it.
            var data = $$"""{"n": {{random.Next()}}, "to": "{{seedText(random)}}", "sha256": {{(document is null ? "null" : $"\"{Convert.ToHexStringLower(SHA256.HashData(document))}\"")}}, "amount": 12.50, "approver": {"id": "m-{{random.Next(9)}}"} }""";
            var headers = random.Next(3) == 0 ? "" : $$"""{"traceparent": "00-{{random.NextInt64():x32}}-00f067aa0ba902b7-01"}""";
            var leaf = new EventLeaf(Tenant, stream, version, 1000 + Leaves.Count, new Guid(Leaves.Count, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]).ToString(), type,
                time = time.AddMilliseconds(random.Next(2000)), Hash(data)!.Value)
            {
                Actor = random.Next(5) == 0 ? null : "m-7",
                Correlation = stream,
                HeadersHash = Hash(headers),
                Late = random.Next(200) == 0,
            };
            Leaves.Add((leaf, Encoding.UTF8.GetBytes(data), Encoding.UTF8.GetBytes(headers)));
        }

        static string seedText(Random random) => random.Next(3) switch
        {
            0 => "B\u00fcro \u20ac",
            1 => "line\\nbreak \\\"quoted\\\"",
            _ => random.Next().ToString(CultureInfo.InvariantCulture),
        };
    }

    public void State(TrailStatement statement, params INoteSigner[] signers) =>
        Leaves.Add((new StatementLeaf(Tenant, SignedNote.Sign(statement.Text, signers).ToString()), [], []));

    public TreeHash Root(int size)
    {
        var tree = new CompactTree();
        foreach (var leaf in Leaves.Take(size))
            tree.Append(leaf.Record.Hash());
        return tree.Root();
    }

    public SignedNote Checkpoint(int size) => new Checkpoint(Signer.Key.Name, size, Root(size)).Sign(Signer);

    /// <summary>Writes one epoch's log files and gives its range.</summary>
    public BundleEpoch WriteLog(BundleWriter writer, int epoch, int first, int end, bool closed = false)
    {
        var tree = new CompactTree();
        Leaves.Take(first).ToList().ForEach(l => tree.Append(l.Record.Hash()));
        writer.Add(BundleFormat.Log(epoch, "frontier.txt"), string.Concat(tree.Edge.Select(h => h + "\n")));
        using (var hashes = writer.Create(BundleFormat.Log(epoch, "hashes.bin")))
            Leaves.Take(end).Skip(first).ToList().ForEach(l => hashes.Write(l.Record.Hash().ToArray()));
        using (var records = writer.Create(BundleFormat.Log(epoch, "leaves.jsonl")))
            Leaves.Take(end).Skip(first).ToList().ForEach(l => records.Write([.. l.Record.ToBytes(), (byte)'\n']));
        var sizes = Enumerable.Range(first, end - first + 1).Where(s => s > 0 && (s == first || (s == end && !closed) || s % CheckpointEvery == 0));
        LastSigned = sizes.Last();
        writer.Add(BundleFormat.Log(epoch, "checkpoints.jsonl"), string.Concat(sizes.Select(s => JsonSerializer.Serialize(Checkpoint(s).ToString()) + "\n")));
        if (first > 0)
            writer.Add(BundleFormat.Log(epoch, "consistency.txt"), string.Concat(MerkleProof.Consistency(first, end, Node).Select(h => h + "\n")));
        return new BundleEpoch(epoch, Signer.Key.Name, first, end, Root(end).ToString());
    }

    public TreeHash Node(int level, long index)
    {
        var tree = new CompactTree();
        foreach (var leaf in Leaves.Skip((int)(index << level)).Take(1 << level))
            tree.Append(leaf.Record.Hash());
        return tree.Root();
    }

    public MemoryBundle Export(int first = 0, int? end = null, BundleSelection? selection = null, Func<EventLeaf, Withheld?>? withheld = null)
    {
        var bundle = new MemoryBundle();
        var writer = new BundleWriter(bundle);
        var epoch = WriteLog(writer, 1, first, end ?? Leaves.Count);
        Finish(writer, [(this, epoch)], selection ?? new BundleSelection("everything"), withheld);
        return bundle;
    }

    public void Finish(BundleWriter writer, List<(BundleBuilder Log, BundleEpoch Epoch)> epochs, BundleSelection selection,
        Func<EventLeaf, Withheld?>? withheld = null, string rotations = "")
    {
        writer.Add(BundleFormat.Keys, string.Concat(epochs.Select(e => e.Log.Signer.Key).Append(Signer.Key).Distinct().Select(k => k + "\n")));
        if (rotations.Length > 0)
            writer.Add(BundleFormat.Rotations, rotations);
        var (contents, hidden) = (0, 0);
        using (var events = writer.Create(BundleFormat.Events))
        {
            foreach (var (log, epoch, index, leaf) in Selected(epochs, selection))
            {
                contents++;
                if (withheld?.Invoke(leaf) is { } why)
                {
                    hidden++;
                    BundleWriter.WriteWithheld(events, epoch, index, why);
                }
                else
                {
                    BundleWriter.WriteContent(events, epoch, index, log.Leaves[index].Data, log.Leaves[index].Headers);
                }
            }
        }
        var decisions = Selected(epochs, selection).Where(e => e.Leaf.Type == "decision.recorded" && withheld?.Invoke(e.Leaf) is null).ToList();
        using (var output = writer.Create(BundleFormat.Decisions))
            decisions.ForEach(d => BundleWriter.WriteContent(output, d.Epoch, d.Index, d.Log.Leaves[d.Index].Data, []));
        writer.Add(BundleFormat.DecisionTable, "epoch,leaf,stream\n" + string.Concat(decisions.Select(d => $"{d.Epoch},{d.Index},{d.Leaf.Stream}\n")));
        foreach (var document in epochs.SelectMany(e => e.Log.Documents).DistinctBy(Convert.ToHexString).Take(5))
        {
            using var output = writer.Create($"documents/{Convert.ToHexStringLower(SHA256.HashData(document))}");
            output.Write(document);
        }
        foreach (var d in decisions.Where(d => d.Index < d.Log.LastSigned).Take(5))
        {
            var end = d.Log.LastSigned;
            var proof = new TlogProof(d.Index, MerkleProof.Inclusion(d.Index, end, d.Log.Node), d.Log.Checkpoint(end), d.Leaf.ToBytes());
            writer.Add($"proofs/{d.Epoch}-{d.Index}.tlog-proof", proof.ToString());
            writer.Add($"dossiers/{d.Epoch}-{d.Index}.html", $"<!doctype html><title>Decision {d.Index}</title>");
        }
        var manifest = new BundleManifest(BundleFormat.Name, "export-1", Tenant, new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), "m-tess",
            selection, [.. epochs.Select(e => e.Epoch)], contents, hidden, []);
        writer.Add(BundleFormat.Readme, BundleReadme.Of(manifest, Signer.Key));
        writer.Finish(manifest, Signer);
    }

    private static IEnumerable<(BundleBuilder Log, int Epoch, int Index, EventLeaf Leaf)> Selected(
        List<(BundleBuilder Log, BundleEpoch Epoch)> epochs, BundleSelection selection)
    {
        foreach (var (log, epoch) in epochs)
        {
            for (var index = (int)epoch.First; index < epoch.End; index++)
            {
                if (log.Leaves[index].Record is EventLeaf leaf && selection.Covers(leaf))
                    yield return (log, epoch.Epoch, index, leaf);
            }
        }
    }

    private static TreeHash? Hash(string json) =>
        json.Length == 0 ? null : new TreeHash(SHA256.HashData(CanonicalJson.Of(Encoding.UTF8.GetBytes(json))));
}
