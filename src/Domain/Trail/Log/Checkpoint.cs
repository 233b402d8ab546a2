using System.Globalization;

namespace Countersign.Domain.Trail;

/// <summary>The text of a C2SP checkpoint: which log, how many leaves, which root.</summary>
/// <param name="Origin">Name of the log; carries the epoch from the second on.</param>
/// <param name="Size">Number of leaves.</param>
/// <param name="Root">Root hash at that size.</param>
public sealed record Checkpoint(string Origin, long Size, TreeHash Root)
{
    /// <summary>The text that is signed. We write no extension lines.</summary>
    public string Text => $"{Origin}\n{Size.ToString(CultureInfo.InvariantCulture)}\n{Root}\n";

    /// <summary>Reads the text of a checkpoint; extension lines are allowed and left out.</summary>
    /// <param name="text">The text of a note.</param>
    /// <param name="checkpoint">The checkpoint, or null.</param>
    public static bool TryParse(string text, out Checkpoint? checkpoint)
    {
        checkpoint = null;
        if (!text.EndsWith('\n'))
            return false;
        var lines = text[..^1].Split('\n');
        if (lines.Length < 3 || lines.Any(line => line.Length == 0)
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || !string.Equals(size.ToString(CultureInfo.InvariantCulture), lines[1], StringComparison.Ordinal)
            || !TreeHash.TryParse(lines[2], out var root))
            return false;
        checkpoint = new Checkpoint(lines[0], size, root);
        return true;
    }

    /// <summary>Signs it.</summary>
    /// <param name="signers">One, or two while the key rotates.</param>
    public SignedNote Sign(params IReadOnlyList<INoteSigner> signers) => SignedNote.Sign(Text, signers);
}

/// <summary>The names of a tenant's logs.</summary>
public static class TrailOrigin
{
    /// <summary>The origin of an epoch.</summary>
    /// <param name="host">Name of the installation, such as <c>trail.example.com</c>.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="epoch">1 for the first log; a restore that lost leaves opens the next.</param>
    public static string Of(string host, string tenant, int epoch) =>
        epoch == 1 ? $"{host}/{tenant}" : $"{host}/{tenant}/epoch/{epoch.ToString(CultureInfo.InvariantCulture)}";
}
