using System.Text;
using System.Text.Json;

namespace Countersign.Domain.Trail;

/// <summary>Which keys of a bundle are accepted: those that are trusted, and those that a signed rotation ties to them.</summary>
internal sealed class BundleTrust
{
    private readonly List<VerifierKey> _accepted = [];
    private List<VerifierKey> _tied = [];

    public IReadOnlyList<VerifierKey> Accepted => _accepted;

    public static BundleTrust Read(string keys, IReadOnlyList<string> rotations, IReadOnlyList<VerifierKey> trusted, Action<Finding> report)
    {
        var trust = new BundleTrust();
        var listed = new List<VerifierKey>();
        foreach (var line in keys.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (VerifierKey.TryParse(line, out var key))
                listed.Add(key!);
            else
                report(new Finding("key.malformed", $"{BundleFormat.Keys} holds a line that is not a key."));
        }
        var links = Links(rotations, report);
        var roots = new List<VerifierKey>(trusted.Count > 0 ? trusted : listed.Take(1));
        for (var grown = true; grown;)
        {
            grown = false;
            foreach (var (from, to) in links)
            {
                grown |= Tie(roots, from, to);
                grown |= Tie(roots, to, from);
            }
        }
        trust._tied = roots;
        foreach (var key in listed)
        {
            if (roots.Exists(key.HasBytesOf))
                trust._accepted.Add(key);
            else
                report(new Finding("key.untrusted", $"The key {key.Fingerprint} of the bundle is neither trusted nor tied to a trusted one by a signed rotation."));
        }
        if (listed.Count == 0)
            report(new Finding("key.missing", "The bundle names no public key."));
        return trust;
    }

    /// <summary>Whether a key is trusted or tied to a trusted one, listed or not.</summary>
    public bool IsTied(VerifierKey key) => _tied.Exists(key.HasBytesOf);

    public IReadOnlyList<VerifierKey> Verify(SignedNote note, string origin) =>
        note.VerifiedBy(_accepted.Where(k => string.Equals(k.Name, origin, StringComparison.Ordinal)));

    private static bool Tie(List<VerifierKey> roots, VerifierKey known, VerifierKey other)
    {
        if (!roots.Exists(known.HasBytesOf) || roots.Exists(other.HasBytesOf))
            return false;
        roots.Add(other);
        return true;
    }

    private static List<(VerifierKey From, VerifierKey To)> Links(IReadOnlyList<string> rotations, Action<Finding> report)
    {
        var links = new List<(VerifierKey, VerifierKey)>();
        foreach (var line in rotations)
        {
            if (TryJsonString(line, out var text) && SignedNote.TryParse(text, out var note)
                && TrailStatement.TryParse(note!.Text, out var statement) && statement is KeyStatement key && key.IsSignedByBoth(note))
                links.Add((key.From, key.To));
            else
                report(new Finding("rotation.invalid", $"{BundleFormat.Rotations} holds a line that is not a rotation signed by both keys."));
        }
        return links;
    }

    internal static bool TryJsonString(string line, out string text)
    {
        text = "";
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
            if (!reader.Read() || reader.TokenType != JsonTokenType.String)
                return false;
            text = reader.GetString()!;
            return !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Whatever is not a JSON string is reported by the caller with its place.
            return false;
        }
    }
}
