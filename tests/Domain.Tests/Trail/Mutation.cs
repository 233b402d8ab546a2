using System.Globalization;
using System.Text;
using Countersign.Domain.Trail;

namespace Countersign.Domain.Tests.Trail;

/// <summary>One random single change to a bundle, as an adversary without the key could make it.</summary>
internal static class Mutation
{
    private static readonly string[] LineFiles = [BundleFormat.Events, BundleFormat.Decisions, "log/1/leaves.jsonl", "log/1/checkpoints.jsonl", BundleFormat.Keys, BundleFormat.DecisionTable];

    /// <summary>Changes the bundle and says how.</summary>
    public static string Apply(MemoryBundle bundle, Random random) => random.Next(10) switch
    {
        0 or 1 => FlipByte(bundle, random),
        2 => Lines(bundle, random, "delete", (lines, at, _) => lines.RemoveAt(at)),
        3 => Lines(bundle, random, "double", (lines, at, _) => lines.Insert(at, lines[at])),
        4 => Lines(bundle, random, "swap", (lines, at, other) => (lines[at], lines[other]) = (lines[other], lines[at])),
        5 => Truncate(bundle, random),
        6 => Files(bundle, random),
        7 => Field(bundle, random),
        8 => Hashes(bundle, random),
        _ => RewriteRecord(bundle, random),
    };

    private static string FlipByte(MemoryBundle bundle, Random random)
    {
        var (name, bytes) = Pick(bundle, random);
        var at = random.Next(bytes.Length);
        bytes[at] ^= (byte)(1 << random.Next(8));
        return $"flip a bit of byte {at} of {name}";
    }

    private static string Lines(MemoryBundle bundle, Random random, string what, Action<List<string>, int, int> change)
    {
        var name = LineFiles[random.Next(LineFiles.Length)];
        var lines = Encoding.UTF8.GetString(bundle[name]).Split('\n').SkipLast(1).ToList();
        if (lines.Count == 0)
            return FlipByte(bundle, random);
        var (at, other) = (random.Next(lines.Count), random.Next(lines.Count));
        if (what == "swap" && lines[at] == lines[other])
            return FlipByte(bundle, random);
        change(lines, at, other);
        bundle[name] = Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));
        return $"{what} line {at} of {name} (other {other})";
    }

    private static string Truncate(MemoryBundle bundle, Random random)
    {
        var (name, bytes) = Pick(bundle, random);
        var length = random.Next(bytes.Length);
        bundle[name] = bytes[..length];
        return $"cut {name} to {length} bytes";
    }

    private static string Files(MemoryBundle bundle, Random random)
    {
        var at = random.Next(bundle.Content.Count);
        var (name, bytes) = bundle.Content[at];
        switch (random.Next(3))
        {
            case 0:
                bundle.Content.RemoveAt(at);
                return $"remove {name}";
            case 1:
                bundle.Content.Add((name, [.. bytes, (byte)'x']));
                return $"add a second {name}";
            default:
                bundle.Content.Add(($"documents/{random.NextInt64():x64}", bytes));
                return "add a document";
        }
    }

    /// <summary>Time, tenant, actor, amount: an edit that stays well-formed.</summary>
    private static string Field(MemoryBundle bundle, Random random)
    {
        (string File, string From, string To)[] edits =
        [
            ("log/1/leaves.jsonl", "\"time\":\"2026", "\"time\":\"2025"), ("log/1/leaves.jsonl", $"\"tenant\":\"{BundleBuilder.Tenant}\"", "\"tenant\":\"globexoffice\""),
            ("log/1/leaves.jsonl", "\"actor\":\"m-7\"", "\"actor\":\"m-8\""), (BundleFormat.Events, "12.50", "12.5"), (BundleFormat.Events, "\"index\":", "\"index\": 1"),
            (BundleFormat.Decisions, "\"approver\"", "\"approved\""), (BundleFormat.Manifest, "\"m-tess\"", "\"m-else\""), (BundleFormat.Manifest, "2026-04-01", "2026-04-02"),
        ];
        var (file, from, to) = edits[random.Next(edits.Length)];
        var text = Encoding.UTF8.GetString(bundle[file]);
        var places = text.Split(from).Length - 1;
        if (places == 0)
            return FlipByte(bundle, random);
        var at = -1;
        for (var skip = random.Next(places); skip >= 0; skip--)
            at = text.IndexOf(from, at + 1, StringComparison.Ordinal);
        bundle[file] = Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), to, text.AsSpan(at + from.Length)));
        return string.Create(CultureInfo.InvariantCulture, $"edit {file} at {at}: {from} to {to}");
    }

    private static string Hashes(MemoryBundle bundle, Random random)
    {
        var bytes = bundle["log/1/hashes.bin"];
        var (a, b) = (random.Next(bytes.Length / 32) * 32, random.Next(bytes.Length / 32) * 32);
        if (a == b)
            return FlipByte(bundle, random);
        var kept = bytes[a..(a + 32)];
        bytes.AsSpan(b, 32).CopyTo(bytes.AsSpan(a));
        kept.CopyTo(bytes.AsSpan(b));
        return $"swap hashes {a / 32} and {b / 32}";
    }

    /// <summary>Changes a record and its leaf hash together, so that only the tree can tell.</summary>
    private static string RewriteRecord(MemoryBundle bundle, Random random)
    {
        var lines = Encoding.UTF8.GetString(bundle["log/1/leaves.jsonl"]).Split('\n').SkipLast(1).ToList();
        var at = random.Next(lines.Count);
        if (!LeafRecord.TryParse(Encoding.UTF8.GetBytes(lines[at]), out var record, out _) || record is not EventLeaf leaf)
            return FlipByte(bundle, random);
        var changed = leaf with { Actor = "m-mallory" };
        lines[at] = Encoding.UTF8.GetString(changed.ToBytes());
        bundle["log/1/leaves.jsonl"] = Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));
        changed.Hash().CopyTo(bundle["log/1/hashes.bin"].AsSpan(at * 32));
        return $"rewrite record {at} and its hash";
    }

    private static (string Name, byte[] Bytes) Pick(MemoryBundle bundle, Random random)
    {
        var files = bundle.Content.Where(f => f.Bytes.Length > 0).ToList();
        return files[random.Next(files.Count)];
    }
}
