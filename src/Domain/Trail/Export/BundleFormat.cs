using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Countersign.Domain.Trail;

/// <summary>Names and limits of the export bundle <c>countersign-export-1</c>.</summary>
public static partial class BundleFormat
{
    /// <summary>Name of the format, as the manifest carries it.</summary>
    public const string Name = "countersign-export-1";

    /// <summary>What is in the bundle, and the hash of every other file.</summary>
    public const string Manifest = "manifest.json";

    /// <summary>Signed note over the hash of the manifest.</summary>
    public const string ManifestNote = "manifest.note";

    /// <summary>How to verify, for people.</summary>
    public const string Readme = "README.txt";

    /// <summary>Public keys, one a line.</summary>
    public const string Keys = "log/keys.txt";

    /// <summary>Statements by which one key took over from another, as JSON strings, one a line; absent when there are none.</summary>
    public const string Rotations = "log/rotations.jsonl";

    /// <summary>Contents of the events, one a line.</summary>
    public const string Events = "events.jsonl";

    /// <summary>Contents of the decisions once more, one a line.</summary>
    public const string Decisions = "decisions.jsonl";

    /// <summary>The decisions as a table.</summary>
    public const string DecisionTable = "decisions.csv";

    /// <summary>The course of the instances in XES (IEEE 1849), for process miners; absent in exports of services that do not write it.</summary>
    public const string ProcessXes = "process.xes";

    /// <summary>The same in OCEL 2.0 JSON, with documents and actors as objects.</summary>
    public const string ProcessOcel = "process.ocel.json";

    /// <summary>Longest line of contents that is read: 64 MiB.</summary>
    public const int MaximumEventLine = 64 * 1024 * 1024;

    /// <summary>Longest file that is read as a whole (manifest, keys, proofs): 64 MiB.</summary>
    public const int MaximumSmallFile = 64 * 1024 * 1024;

    /// <summary>Files of one bundle that are accepted: 2,000,000.</summary>
    public const int MaximumFiles = 2_000_000;

    /// <summary>A file of one epoch's log.</summary>
    /// <param name="epoch">Epoch from 1.</param>
    /// <param name="part">frontier.txt, hashes.bin, leaves.jsonl, checkpoints.jsonl or consistency.txt.</param>
    public static string Log(int epoch, string part) => FormattableString.Invariant($"log/{epoch}/{part}");

    /// <summary>Whether the format knows a file of that name.</summary>
    /// <param name="name">Path in the bundle.</param>
    public static bool Knows(string name) => name is Manifest or ManifestNote or Readme or Keys or Rotations or Events or Decisions or DecisionTable or ProcessXes or ProcessOcel
        || Named().IsMatch(name);

    [GeneratedRegex(
        @"\A(?:log/[1-9][0-9]{0,5}/(?:frontier\.txt|hashes\.bin|leaves\.jsonl|checkpoints\.jsonl|consistency\.txt)"
        + @"|documents/[0-9a-f]{64}|dossiers/[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.html|proofs/[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.tlog-proof)\z",
        RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Named();
}

/// <summary>A file in a bundle that is read.</summary>
/// <param name="Name">Path with slashes.</param>
/// <param name="Length">Bytes, uncompressed.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct BundleFile(string Name, long Length);

/// <summary>A bundle that is read: a zip file, a folder or memory.</summary>
public interface IBundleFiles
{
    /// <summary>All files, also those of the same name.</summary>
    IReadOnlyList<BundleFile> Files { get; }

    /// <summary>Opens the first file of that name; several may be open at once.</summary>
    /// <param name="name">A name out of <see cref="Files"/>.</param>
    /// <returns>A stream read once, from its start to its end.</returns>
    Stream Open(string name);
}

/// <summary>A bundle that is written.</summary>
public interface IBundleSink
{
    /// <summary>Begins a file; it ends when the stream is disposed, before the next one begins.</summary>
    /// <param name="name">Path with slashes.</param>
    Stream Create(string name);
}
