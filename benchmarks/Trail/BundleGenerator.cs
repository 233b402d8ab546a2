using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Domain.Trail;

namespace Countersign.Benchmarks.Trail;

/// <summary>Writes an export as the service would, from a seed: events of about the size of the invoice process's, a checkpoint every 256 leaves. It streams.</summary>
internal sealed class BundleGenerator(int events, int seed)
{
    private const string Tenant = "benchtenant";
    private const int CheckpointEvery = 256;

    private readonly string _origin = TrailOrigin.Of("trail.example.com", Tenant, 1);

    public void Write(string path)
    {
        var signer = new Ed25519NoteSigner(_origin, SHA256.HashData("bench key"u8));
        using var zip = new ZipArchive(File.Create(path), ZipArchiveMode.Create);
        var writer = new BundleWriter(new Sink(zip));
        writer.Add(BundleFormat.Keys, signer.Key + "\n");
        writer.Add(BundleFormat.Log(1, "frontier.txt"), "");
        var tree = new CompactTree();
        var checkpoints = new StringBuilder();
        using (var output = writer.Create(BundleFormat.Log(1, "leaves.jsonl")))
        {
            foreach (var (leaf, _) in Events())
            {
                output.Write([.. leaf.ToBytes(), (byte)'\n']);
                tree.Append(leaf.Hash());
                if (tree.Size % CheckpointEvery == 0 || tree.Size == events)
                    checkpoints.Append(JsonSerializer.Serialize(new Checkpoint(_origin, tree.Size, tree.Root()).Sign(signer).ToString())).Append('\n');
            }
        }

        using (var output = writer.Create(BundleFormat.Log(1, "hashes.bin")))
        {
            foreach (var (leaf, _) in Events())
                output.Write(leaf.Hash().ToArray());
        }

        writer.Add(BundleFormat.Log(1, "checkpoints.jsonl"), checkpoints.ToString());
        WriteContents(writer, BundleFormat.Events, _ => true);
        WriteContents(writer, BundleFormat.Decisions, l => l.Type == "decision.recorded");
        writer.Add(BundleFormat.DecisionTable, "epoch,leaf\n");
        var manifest = new BundleManifest(BundleFormat.Name, "bench", Tenant, Start, "bench", new BundleSelection("everything"), [new BundleEpoch(1, _origin, 0, events, tree.Root().ToString())], events, 0, []);
        writer.Add(BundleFormat.Readme, BundleReadme.Of(manifest, signer.Key));
        writer.Finish(manifest, signer);
    }

    private static DateTimeOffset Start { get; } = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private void WriteContents(BundleWriter writer, string name, Func<EventLeaf, bool> selects)
    {
        using var output = writer.Create(name);
        var index = 0;
        foreach (var (leaf, data) in Events())
        {
            if (selects(leaf))
                BundleWriter.WriteContent(output, 1, index, data, []);
            index++;
        }
    }

    /// <summary>The same events at every call: of instances with 25 each, interleaved.</summary>
    private IEnumerable<(EventLeaf Leaf, byte[] Data)> Events()
    {
        var random = new Random(seed);
        var canonical = new CanonicalJson();
        for (var i = 0; i < events; i++)
        {
            var (group, within) = (i / 2500, i % 2500);
            var stream = string.Create(CultureInfo.InvariantCulture, $"instance/{new Guid(group, 1, (short)(within % 100), [1, 2, 3, 4, 5, 6, 7, 8]):D}");
            var version = (within / 100) + 1;
            var (type, text) = version == 1 ? ("instance.started", Started(random)) : version % 8 == 0 ? ("decision.recorded", Decided(random)) : ("element.entered", Entered(random));
            var data = Encoding.UTF8.GetBytes(text);
            canonical.Write(data);
            yield return (new EventLeaf(Tenant, stream, version, i + 1, new Guid(i, 2, 3, [1, 2, 3, 4, 5, 6, 7, 8]).ToString(), type, Start.AddMilliseconds(i), new TreeHash(SHA256.HashData(canonical.Written)))
            {
                Actor = "m-7",
                Correlation = stream,
            }, data);
        }
    }

    private static string Started(Random random) => $$"""{"by": "m-ana", "hash": "{{random.NextInt64():x16}}", "version": 3, "document": {"id": "{{random.NextInt64():x16}}", "name": "invoice.pdf", "sha256": "{{random.NextInt64():x64}}", "mediaType": "application/pdf"}, "processKey": "invoice"}""";

    private static string Entered(Random random) => $$"""{"name": "Approve the invoice", "tokenId": "{{random.Next()}}", "scopeId": "root", "elementId": "approve", "at": "2026-03-01T08:00:00Z"}""";

    private static string Decided(Random random) => $$"""{"tokenId": "{{random.Next()}}", "decision": {"model": {"name": "reader", "cost": 0, "tokens": 0, "version": "1", "provider": "builtin"}, "checks": [{"id": "limit", "detail": "Gross total above the limit", "result": "failed"}, {"id": "vendor", "detail": "Known", "result": "passed"}], "impact": {{random.Next(100000)}}.50, "inputs": {"invoice": {"gross": "{{random.Next(100000)}}.00", "iban": {"$sealed": {"key": "{{random.NextInt64():x16}}", "text": "{{random.NextInt64():x64}}", "nonce": "AAAA", "subject": "instance/1"} } } }, "policy": {"key": "invoice-approval", "hash": "ff", "version": 2}, "reasons": ["Gross total above the limit"], "verdict": "two_people", "confidence": 0.93, "decisionId": "{{random.NextInt64():x16}}", "matchedRules": ["rule-3"], "fieldConfidence": {"gross": 0.975, "vendor": 0.91} } }""";

    private sealed class Sink(ZipArchive zip) : IBundleSink
    {
        public Stream Create(string name) => zip.CreateEntry(name, CompressionLevel.Fastest).Open();
    }
}
