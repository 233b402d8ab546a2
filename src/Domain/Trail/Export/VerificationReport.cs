using System.Globalization;
using System.Runtime.InteropServices;

namespace Countersign.Domain.Trail;

/// <summary>How a verification ended.</summary>
public enum Verdict
{
    /// <summary>Everything that is checked holds.</summary>
    Proven,

    /// <summary>Something does not hold: the bundle is not what was logged.</summary>
    Refused,

    /// <summary>This is not a bundle that can be read, so nothing is known.</summary>
    Unreadable,
}

/// <summary>What the person who verifies brings along.</summary>
public sealed record VerificationOptions
{
    /// <summary>Keys that are trusted because they came by another way than the bundle. None: the bundle's own are taken and named.</summary>
    public IReadOnlyList<VerifierKey> TrustedKeys { get; init; } = [];

    /// <summary>Checkpoints from earlier, such as of an older export: the bundle must continue them.</summary>
    public IReadOnlyList<SignedNote> HeldCheckpoints { get; init; } = [];
}

/// <summary>Place of a leaf, with what its record says of it.</summary>
/// <param name="Epoch">Epoch of the log.</param>
/// <param name="Index">Leaf, from 0.</param>
/// <param name="Stream">Stream of its event, or null when the record cannot be read.</param>
/// <param name="Version">Version in the stream.</param>
/// <param name="Type">Type of its event.</param>
public sealed record LeafPlace(int Epoch, long Index, string? Stream, long Version, string? Type)
{
    /// <inheritdoc/>
    public override string ToString() => Stream is null
        ? string.Create(CultureInfo.InvariantCulture, $"leaf {Index} of epoch {Epoch}")
        : string.Create(CultureInfo.InvariantCulture, $"leaf {Index} of epoch {Epoch} (stream {Stream}, version {Version}, {Type})");
}

/// <summary>Something that does not hold.</summary>
/// <param name="Code">Stable word for programs, such as <c>content.changed</c>.</param>
/// <param name="Message">What is wrong, for people.</param>
/// <param name="Leaf">The leaf that it is about, or null.</param>
public sealed record Finding(string Code, string Message, LeafPlace? Leaf = null);

/// <summary>How far a verification is.</summary>
/// <param name="Leaves">Leaves checked.</param>
/// <param name="Total">Leaves in all.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct VerificationProgress(long Leaves, long Total);

/// <summary>The outcome of a verification.</summary>
/// <param name="Verdict">How it ended.</param>
/// <param name="Findings">What does not hold, leaves first in their order; at most 50.</param>
/// <param name="Proven">What holds, in sentences.</param>
/// <param name="NotProven">What a bundle like this cannot show, in sentences.</param>
/// <param name="Manifest">The manifest, if it could be read.</param>
/// <param name="Keys">The keys by which the bundle is signed.</param>
/// <param name="Leaves">Leaves that were checked.</param>
/// <param name="Contents">Events whose contents were checked.</param>
public sealed record VerificationReport(
    Verdict Verdict, IReadOnlyList<Finding> Findings, IReadOnlyList<string> Proven, IReadOnlyList<string> NotProven,
    BundleManifest? Manifest, IReadOnlyList<VerifierKey> Keys, long Leaves, long Contents)
{
    /// <summary>The first leaf that fails, or null when none does.</summary>
    public Finding? FirstLeaf => Findings.FirstOrDefault(f => f.Leaf is not null);
}
