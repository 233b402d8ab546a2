using System.Security.Cryptography;
using System.Text;

namespace Countersign.Domain.Trail;

/// <summary>Writes a bundle file by file, keeps the hash of each, and closes with the manifest and its signature.</summary>
/// <param name="sink">Where the files go.</param>
public sealed class BundleWriter(IBundleSink sink)
{
    private readonly List<ManifestFile> _files = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private bool _open;

    /// <summary>Files that are finished.</summary>
    public IReadOnlyList<ManifestFile> Files => _files;

    /// <summary>Begins a file. Dispose the stream before the next one begins.</summary>
    /// <param name="name">A name that the format knows, other than the manifest's.</param>
    /// <exception cref="InvalidOperationException">The name is unknown or taken, or another file is open.</exception>
    public Stream Create(string name)
    {
        if (_open || !BundleFormat.Knows(name) || name is BundleFormat.Manifest or BundleFormat.ManifestNote || !_names.Add(name))
            throw new InvalidOperationException($"'{name}' cannot be begun now: it is unknown to the format or there already, or a file is open.");
        _open = true;
        return new HashingStream(sink.Create(name), (size, hash) =>
        {
            _files.Add(new ManifestFile(name, size, hash));
            _open = false;
        });
    }

    /// <summary>Writes a small text file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its text, written as UTF-8.</param>
    public void Add(string name, string text)
    {
        using var stream = Create(name);
        stream.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Closes the bundle.</summary>
    /// <param name="manifest">The manifest; its list of files is filled in here.</param>
    /// <param name="signers">Sign under the origin of the last epoch.</param>
    public void Finish(BundleManifest manifest, params IReadOnlyList<INoteSigner> signers)
    {
        if (_open)
            throw new InvalidOperationException("A file of the bundle is still open.");
        var bytes = (manifest with { Files = [.. _files] }).ToBytes();
        using (var stream = sink.Create(BundleFormat.Manifest))
            stream.Write(bytes);
        var note = SignedNote.Sign(NoteText(manifest.Epochs[^1].Origin, bytes), signers);
        using (var stream = sink.Create(BundleFormat.ManifestNote))
            stream.Write(Encoding.UTF8.GetBytes(note.ToString()));
    }

    /// <summary>The text that is signed over a manifest.</summary>
    internal static string NoteText(string origin, ReadOnlySpan<byte> manifest) =>
        $"{BundleFormat.Name}\n{origin}\n{Convert.ToHexStringLower(SHA256.HashData(manifest))}\n";

    /// <summary>Writes the contents of an event as a line.</summary>
    /// <param name="output">File of contents or of decisions.</param>
    /// <param name="epoch">Epoch of its leaf.</param>
    /// <param name="index">Its leaf.</param>
    /// <param name="data">The stored text of its data, in UTF-8, as the database gave it.</param>
    /// <param name="headers">The stored text of its headers; empty for none.</param>
    /// <exception cref="ArgumentException">A text holds a newline, which the database never writes.</exception>
    public static void WriteContent(Stream output, int epoch, long index, ReadOnlySpan<byte> data, ReadOnlySpan<byte> headers)
    {
        if (data.Contains((byte)'\n') || headers.Contains((byte)'\n'))
            throw new ArgumentException("The stored text holds a newline; give it as the database prints it.", nameof(data));
        output.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"epoch\":{epoch},\"index\":{index},\"data\":")));
        output.Write(data);
        if (!headers.IsEmpty)
        {
            output.Write(",\"headers\":"u8);
            output.Write(headers);
        }
        output.Write("}\n"u8);
    }

    /// <summary>Writes that the contents of an event are withheld.</summary>
    /// <param name="output">File of contents.</param>
    /// <param name="epoch">Epoch of its leaf.</param>
    /// <param name="index">Its leaf.</param>
    /// <param name="why">Why.</param>
    public static void WriteWithheld(Stream output, int epoch, long index, Withheld why) =>
        output.Write(Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"{{\"epoch\":{epoch},\"index\":{index},\"withheld\":\"{why.ToString().ToLowerInvariant()}\"}}\n")));
}

/// <summary>Why an event's contents are not in a bundle though its leaf is.</summary>
public enum Withheld
{
    /// <summary>Its contents are sealed, and the reader's mandate does not cover them.</summary>
    Sealed,

    /// <summary>They were erased or have aged out; the leaf remains.</summary>
    Erased,
}
