using System.Globalization;
using System.Text;

namespace Countersign.Domain.Trail;

/// <summary>A C2SP tlog-proof: that one entry is in a log, checkable by itself and offline.</summary>
/// <param name="Index">Leaf, from 0.</param>
/// <param name="Hashes">Inclusion proof from the sibling of the leaf upwards.</param>
/// <param name="Checkpoint">The signed checkpoint.</param>
/// <param name="Extra">Bytes of the application, not authenticated: here the leaf record itself; empty for none.</param>
public sealed record TlogProof(long Index, IReadOnlyList<TreeHash> Hashes, SignedNote Checkpoint, ReadOnlyMemory<byte> Extra)
{
    private const string Header = "c2sp.org/tlog-proof@v1";

    /// <summary>Reads a proof.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="proof">The proof, or null.</param>
    public static bool TryParse(string text, out TlogProof? proof)
    {
        proof = null;
        var blank = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (blank < 0 || !SignedNote.TryParse(text[(blank + 2)..], out var checkpoint))
            return false;
        var lines = text[..blank].Split('\n');
        var at = 1;
        var extra = Array.Empty<byte>();
        if (lines.Length > 1 && lines[1].StartsWith("extra ", StringComparison.Ordinal))
        {
            extra = new byte[lines[1].Length];
            if (!Convert.TryFromBase64String(lines[1][6..], extra, out var length))
                return false;
            extra = extra[..length];
            at = 2;
        }
        if (lines[0] != Header || lines.Length <= at || !lines[at].StartsWith("index ", StringComparison.Ordinal)
            || !long.TryParse(lines[at].AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return false;
        var hashes = new List<TreeHash>();
        foreach (var line in lines.Skip(at + 1))
        {
            if (!TreeHash.TryParse(line, out var hash))
                return false;
            hashes.Add(hash);
        }
        proof = new TlogProof(index, hashes, checkpoint!, extra);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder(Header).Append('\n');
        if (!Extra.IsEmpty)
            text.Append("extra ").Append(Convert.ToBase64String(Extra.Span)).Append('\n');
        text.Append("index ").Append(Index.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var hash in Hashes)
            text.Append(hash).Append('\n');
        return text.Append('\n').Append(Checkpoint).ToString();
    }
}
