using System.Text;

namespace Countersign.Domain.Trail;

/// <summary>Opens each file of a bundle once, hashes it while it is read, and compares it with the manifest.</summary>
internal sealed class BundleReader(IBundleFiles files, BundleManifest manifest, Action<Finding> report)
{
    private readonly Dictionary<string, ManifestFile> _expected = manifest.Files.DistinctBy(f => f.Name, StringComparer.Ordinal)
        .ToDictionary(f => f.Name, StringComparer.Ordinal);

    private readonly HashSet<string> _present = files.Files.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
    private readonly HashSet<string> _checked = new(StringComparer.Ordinal);

    public IEnumerable<string> Names => _expected.Keys.Where(_present.Contains);

    public bool Has(string name) => _present.Contains(name) && _expected.ContainsKey(name);

    /// <summary>The hash that the manifest names; what is there is compared with it.</summary>
    public string HashOf(string name) => _expected[name].Sha256;

    /// <summary>Compares the two lists of names before anything is read.</summary>
    public void CheckNames()
    {
        foreach (var name in manifest.Files.GroupBy(f => f.Name, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).Select(g => g.Key))
            report(new Finding("file.twice", $"The manifest lists {Shown(name)} more than once."));
        foreach (var name in files.Files.GroupBy(f => f.Name, StringComparer.Ordinal).Where(g => g.Skip(1).Any()).Select(g => g.Key))
            report(new Finding("file.twice", $"The bundle holds {Shown(name)} more than once."));
        foreach (var name in _present.Where(n => !BundleFormat.Knows(n)))
            report(new Finding("file.unknown", $"The bundle holds {Shown(name)}, which the format does not know."));
        foreach (var name in _present.Where(n => BundleFormat.Knows(n) && !_expected.ContainsKey(n)
                     && n is not (BundleFormat.Manifest or BundleFormat.ManifestNote)))
            report(new Finding("file.unlisted", $"The bundle holds {Shown(name)}, which its manifest does not list."));
        foreach (var name in _expected.Keys.Where(n => !_present.Contains(n)))
            report(new Finding("file.missing", $"The manifest lists {Shown(name)}, but the bundle does not hold it."));
    }

    /// <summary>Opens a file; a file that is missing reads as empty (its absence is reported once, elsewhere).</summary>
    public HashingStream Open(string name) => new(Has(name) ? files.Open(name) : Stream.Null,
        damaged: e => report(new Finding("file.damaged", $"{Shown(name)} is damaged: {e.Message}")));

    /// <summary>Reads the rest of a file and compares size and hash with the manifest.</summary>
    public void Close(string name, HashingStream stream)
    {
        using (stream)
        {
            if (!Has(name) || !_checked.Add(name))
                return;
            var expected = _expected[name];
            var (size, hash) = stream.Drain(expected.Size);
            if (expected.Size != size || !string.Equals(expected.Sha256, hash, StringComparison.Ordinal))
                report(new Finding("file.changed", $"{Shown(name)} is not the file that the manifest names: {size} bytes with SHA-256 {hash}, "
                    + $"expected {expected.Size} bytes with {expected.Sha256}."));
        }
    }

    /// <summary>Reads a small file whole.</summary>
    public byte[] ReadAll(string name)
    {
        var stream = Open(name);
        var bytes = ReadBounded(stream, name, report);
        Close(name, stream);
        return bytes;
    }

    public string ReadText(string name) => Encoding.UTF8.GetString(ReadAll(name));

    public IReadOnlyList<string> ReadLines(string name) => Has(name) ? ReadText(name).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];

    /// <summary>Hashes every file that nobody has read yet.</summary>
    public void CheckRest()
    {
        foreach (var name in Names.Where(n => !_checked.Contains(n)).ToList())
            Close(name, Open(name));
    }

    public static byte[] ReadBounded(Stream stream, string name, Action<Finding> report)
    {
        using var memory = new MemoryStream();
        var buffer = new byte[81920];
        try
        {
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                memory.Write(buffer.AsSpan(0, read));
                if (memory.Length > BundleFormat.MaximumSmallFile)
                {
                    report(new Finding("file.large", $"{Shown(name)} is larger than {BundleFormat.MaximumSmallFile} bytes."));
                    break;
                }
            }
        }
        catch (InvalidDataException e)
        {
            report(new Finding("file.damaged", $"{Shown(name)} is damaged: {e.Message}"));
        }
        return memory.ToArray();
    }

    /// <summary>Names in a bundle are foreign text: control characters are not passed on to a terminal.</summary>
    public static string Shown(string name) => string.Concat(name.Take(200).Select(c => char.IsControl(c) ? '?' : c));
}
