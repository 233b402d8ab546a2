using System.IO.Compression;
using Countersign.Domain.Trail;

namespace Countersign.Cli.Trail;

/// <summary>An export as it was downloaded: one zip file. Nothing is unpacked to disk.</summary>
internal sealed class ZipBundle : IBundleFiles, IDisposable
{
    private readonly ZipArchive _zip;

    public ZipBundle(string path)
    {
        _zip = new ZipArchive(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.RandomAccess), ZipArchiveMode.Read);
        Files = [.. _zip.Entries.Select(e => new BundleFile(e.FullName, e.Length))];
    }

    public IReadOnlyList<BundleFile> Files { get; }

    public Stream Open(string name) =>
        (_zip.GetEntry(name) ?? throw new FileNotFoundException($"The bundle holds no {name}.", name)).Open();

    public void Dispose() => _zip.Dispose();
}
