using System.Buffers.Binary;
using System.Text;

namespace Countersign.Domain.Trail;

/// <summary>A C2SP signed note: a text ending in a newline, an empty line, and one or more signature lines.</summary>
/// <param name="Text">The text with its last newline.</param>
/// <param name="Signatures">The signature lines, at least one.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Signatures that are read from one note: 64. (The format asks for at least 16.)</summary>
    public const int MaximumSignatures = 64;

    private const string LineStart = "— ";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Signs a text.</summary>
    /// <param name="text">Ends in a newline; no control characters but newlines.</param>
    /// <param name="signers">At least one; each adds a line, in this order.</param>
    /// <exception cref="ArgumentException">The text has not this form, or nobody signs.</exception>
    public static SignedNote Sign(string text, params IReadOnlyList<INoteSigner> signers)
    {
        if (!IsText(text) || signers.Count == 0)
            throw new ArgumentException("A note ends in a newline, holds no other control characters, and needs a signer.", nameof(text));
        var bytes = StrictUtf8.GetBytes(text);
        return new SignedNote(text, [.. signers.Select(s => new NoteSignature(s.Key.Name, s.Key.Id, s.Sign(bytes)))]);
    }

    /// <summary>Reads a note.</summary>
    /// <param name="note">The whole note.</param>
    /// <param name="read">The note, or null when it has not the form.</param>
    public static bool TryParse(string note, out SignedNote? read)
    {
        read = null;
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || split + 2 >= note.Length || !IsText(note))
            return false;
        var text = note[..(split + 1)];
        var signatures = new List<NoteSignature>();
        foreach (var line in note[(split + 2)..^1].Split('\n'))
        {
            if (signatures.Count == MaximumSignatures || !TryLine(line, out var signature))
                return false;
            signatures.Add(signature!);
        }
        read = new SignedNote(text, signatures);
        return true;
    }

    /// <summary>Checks the signatures of the known keys.</summary>
    /// <param name="keys">Keys that are trusted.</param>
    /// <returns>
    /// The keys whose signature holds. None when no known key signed, and none when a known key's signature fails: one bad
    /// signature of a known key spoils the note.
    /// </returns>
    public IReadOnlyList<VerifierKey> VerifiedBy(IEnumerable<VerifierKey> keys)
    {
        var known = keys.ToList();
        var bytes = StrictUtf8.GetBytes(Text);
        var verified = new List<VerifierKey>();
        foreach (var signature in Signatures)
        {
            var key = known.Find(k => k.Id == signature.KeyId && string.Equals(k.Name, signature.Name, StringComparison.Ordinal));
            if (key is null)
                continue;
            if (!key.Verify(bytes, signature.Value.Span))
                return [];
            verified.Add(key);
        }
        return verified;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
            note.Append(signature).Append('\n');
        return note.ToString();
    }

    private static bool IsText(string text) => text.Length > 0 && text[^1] == '\n'
        && !text.Any(c => c < ' ' && c != '\n') && IsWellFormed(text);

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }
        return true;
    }

    private static bool TryLine(string line, out NoteSignature? signature)
    {
        signature = null;
        var space = line.LastIndexOf(' ');
        if (!line.StartsWith(LineStart, StringComparison.Ordinal) || space < LineStart.Length)
            return false;
        var name = line[LineStart.Length..space];
        var encoded = line[(space + 1)..];
        var bytes = new byte[encoded.Length];
        if (!VerifierKey.IsName(name) || !Convert.TryFromBase64String(encoded, bytes, out var length) || length < 5
            || !string.Equals(Convert.ToBase64String(bytes, 0, length), encoded, StringComparison.Ordinal))
            return false;
        signature = new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..length]);
        return true;
    }
}

/// <summary>One signature line of a note.</summary>
/// <param name="Name">Name of the key.</param>
/// <param name="KeyId">Its id.</param>
/// <param name="Value">The signature, without the id.</param>
public sealed record NoteSignature(string Name, uint KeyId, ReadOnlyMemory<byte> Value)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var bytes = new byte[4 + Value.Length];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Value.Span.CopyTo(bytes.AsSpan(4));
        return $"— {Name} {Convert.ToBase64String(bytes)}";
    }
}
