using System.Globalization;
using Countersign.Domain.Trail;

namespace Countersign.Workers.Trail;

/// <summary>A checkpoint as it lies in the second place.</summary>
/// <param name="Epoch">Epoch of its log.</param>
/// <param name="Checkpoint">What it says.</param>
/// <param name="Note">The signed note.</param>
public sealed record PublishedCheckpoint(int Epoch, Checkpoint Checkpoint, SignedNote Note);

/// <summary>
/// Where signed checkpoints lie outside the database, so that a changed or restored database is noticed. What is written there is never changed.
/// </summary>
public interface ISecondPlace
{
    /// <summary>Tenants of which something lies there.</summary>
    IReadOnlyCollection<string> Tenants();

    /// <summary>The checkpoint of the highest epoch and size, or null when there is none.</summary>
    /// <param name="tenant">The tenant.</param>
    PublishedCheckpoint? Latest(string tenant);

    /// <summary>The largest checkpoint of an epoch that is not larger than a size, or null.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="size">The size.</param>
    PublishedCheckpoint? AtMost(string tenant, int epoch, long size);

    /// <summary>Writes a checkpoint, durably, before it is published anywhere else.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <exception cref="IOException">The place cannot be written to, or holds another checkpoint of that size.</exception>
    void Write(string tenant, PublishedCheckpoint checkpoint);
}

/// <summary>
/// A folder: <c>&lt;tenant&gt;/&lt;epoch&gt;/&lt;size ÷ 65,536&gt;/&lt;size&gt;.note</c>. Files are made once and set read-only; the folder may be a mount with object lock.
/// </summary>
/// <param name="root">The folder.</param>
public sealed class FolderSecondPlace(string root) : ISecondPlace
{
    private const int Bucket = 65_536;

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Tenants() =>
        Directory.Exists(root) ? [.. Directory.EnumerateDirectories(root).Select(d => Path.GetFileName(d)!)] : [];

    /// <inheritdoc/>
    public PublishedCheckpoint? Latest(string tenant)
    {
        foreach (var epoch in Numbers(Folder(tenant)).OrderDescending())
        {
            if (AtMost(tenant, (int)epoch, long.MaxValue) is { } found)
                return found;
        }
        return null;
    }

    /// <inheritdoc/>
    public PublishedCheckpoint? AtMost(string tenant, int epoch, long size)
    {
        var folder = Path.Combine(Folder(tenant), Text(epoch));
        foreach (var bucket in Numbers(folder).Where(b => b <= size / Bucket).OrderDescending())
        {
            var files = Directory.EnumerateFiles(Path.Combine(folder, Text(bucket)), "*.note").Select(Path.GetFileNameWithoutExtension)
                .Select(n => long.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var s) ? s : -1).Where(s => s >= 0 && s <= size).ToList();
            if (files.Count > 0)
                return Read(tenant, epoch, files.Max());
        }
        return null;
    }

    /// <inheritdoc/>
    public void Write(string tenant, PublishedCheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var file = File(tenant, checkpoint.Epoch, checkpoint.Checkpoint.Size);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var fresh = $"{file}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}.new";
        using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(checkpoint.Note.ToString()));
            stream.Flush(flushToDisk: true);
        }
        System.IO.File.SetAttributes(fresh, FileAttributes.ReadOnly);
        try
        {
            System.IO.File.Move(fresh, file, overwrite: false);
        }
        catch (IOException e) when (System.IO.File.Exists(file))
        {
            System.IO.File.Delete(fresh);
            // A kill between this write and the database's leaves the same checkpoint here: that is no conflict.
            if (Read(tenant, checkpoint.Epoch, checkpoint.Checkpoint.Size) is { } there && there.Checkpoint == checkpoint.Checkpoint)
                return;
            throw new IOException($"The second place holds another checkpoint of size {checkpoint.Checkpoint.Size} in {file}: two services sign for one log. Stop one; do not delete the file.", e);
        }
    }

    private PublishedCheckpoint Read(string tenant, int epoch, long size)
    {
        var file = File(tenant, epoch, size);
        return SignedNote.TryParse(System.IO.File.ReadAllText(file), out var note) && Checkpoint.TryParse(note!.Text, out var checkpoint) && checkpoint!.Size == size
            ? new PublishedCheckpoint(epoch, checkpoint, note)
            : throw new InvalidDataException($"{file} is not the checkpoint that its name says: restore it from a copy. Nothing is signed for {tenant} until then.");
    }

    private string Folder(string tenant) =>
        tenant.Length > 0 && tenant.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? Path.Combine(root, tenant)
            : throw new ArgumentException($"'{tenant}' cannot be the name of a folder.", nameof(tenant));

    private string File(string tenant, int epoch, long size) => Path.Combine(Folder(tenant), Text(epoch), Text(size / Bucket), Text(size) + ".note");

    private static IEnumerable<long> Numbers(string folder) => !Directory.Exists(folder) ? []
        : Directory.EnumerateDirectories(folder).Select(Path.GetFileName).Select(n => long.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var v) ? v : -1).Where(v => v >= 0);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
