using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace Countersign.Domain.Trail;

/// <summary>A public Ed25519 key with its name, as C2SP signed-note writes it: <c>name+keyid+base64(0x01 ‖ key)</c>.</summary>
public sealed class VerifierKey : IEquatable<VerifierKey>
{
    private const byte Ed25519Type = 1;
    private readonly PublicKey _key;

    private VerifierKey(string name, byte[] bytes, PublicKey key)
    {
        Name = name;
        Bytes = bytes;
        _key = key;
        Id = KeyId(name, bytes);
    }

    /// <summary>The key's name; for checkpoints the origin of the log.</summary>
    public string Name { get; }

    /// <summary>The 32 bytes of the public key.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>First four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key), big-endian.</summary>
    public uint Id { get; }

    /// <summary>SHA-256 of the 32 bytes in hexadecimal: what people compare.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Bytes.Span));

    /// <summary>Makes a key.</summary>
    /// <param name="name">Not empty, without white space and plus signs.</param>
    /// <param name="bytes">The 32 bytes of the public key.</param>
    /// <exception cref="ArgumentException">The name or the key cannot be used.</exception>
    public static VerifierKey Create(string name, ReadOnlySpan<byte> bytes) =>
        IsName(name) && PublicKey.TryImport(SignatureAlgorithm.Ed25519, bytes, KeyBlobFormat.RawPublicKey, out var key)
            ? new VerifierKey(name, bytes.ToArray(), key!)
            : throw new ArgumentException($"'{name}' with {bytes.Length} bytes is not a name and an Ed25519 key.", nameof(bytes));

    /// <summary>Reads the text form of a key.</summary>
    /// <param name="text">Such as <c>example.com/log+1234abcd+AQ...</c>.</param>
    /// <param name="key">The key, or null.</param>
    public static bool TryParse(string text, out VerifierKey? key)
    {
        key = null;
        var parts = text.Split('+', 3);
        Span<byte> bytes = stackalloc byte[64];
        if (parts.Length != 3 || !IsName(parts[0])
            || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
            || !Convert.TryFromBase64String(parts[2], bytes, out var length) || length != 33 || bytes[0] != Ed25519Type
            || !PublicKey.TryImport(SignatureAlgorithm.Ed25519, bytes[1..33], KeyBlobFormat.RawPublicKey, out var imported))
            return false;
        var read = new VerifierKey(parts[0], bytes[1..33].ToArray(), imported!);
        if (read.Id != id)
            return false;
        key = read;
        return true;
    }

    /// <summary>The same public key under another name: a log keeps its key when a new epoch gives it a new origin.</summary>
    /// <param name="name">The other name.</param>
    public VerifierKey Renamed(string name) => Create(name, Bytes.Span);

    /// <summary>Checks an Ed25519 signature.</summary>
    /// <param name="text">What was signed.</param>
    /// <param name="signature">64 bytes.</param>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature) =>
        signature.Length == 64 && SignatureAlgorithm.Ed25519.Verify(_key, text, signature);

    /// <summary>Whether both have the same 32 bytes, whatever their names.</summary>
    /// <param name="other">Another key.</param>
    public bool HasBytesOf(VerifierKey other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Name}+{Id.ToString("x8", CultureInfo.InvariantCulture)}+{Convert.ToBase64String([Ed25519Type, .. Bytes.Span])}";

    /// <inheritdoc/>
    public bool Equals(VerifierKey? other) => other is not null && string.Equals(Name, other.Name, StringComparison.Ordinal) && HasBytesOf(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as VerifierKey);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Id;

    internal static bool IsName(string name) => name.Length > 0 && !name.Any(c => c == '+' || char.IsWhiteSpace(c) || char.IsControl(c));

    private static uint KeyId(string name, byte[] key) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), 0x0A, Ed25519Type, .. key]));
}

/// <summary>Signs notes. The private half may lie in a file, a key service or a hardware module.</summary>
public interface INoteSigner
{
    /// <summary>The public half, under the name with which it signs.</summary>
    VerifierKey Key { get; }

    /// <summary>Signs with Ed25519 (RFC 8032).</summary>
    /// <param name="text">The text of the note, with its last newline.</param>
    /// <returns>64 bytes.</returns>
    byte[] Sign(ReadOnlySpan<byte> text);
}

/// <summary>A signer whose private key is in memory.</summary>
public sealed class Ed25519NoteSigner : INoteSigner, IDisposable
{
    private readonly Key _key;

    /// <summary>Takes a private key.</summary>
    /// <param name="name">Name of the key; for checkpoints the origin of the log.</param>
    /// <param name="seed">The 32 bytes of the private key (RFC 8032 §5.1.5).</param>
    /// <exception cref="FormatException">The seed has not 32 bytes.</exception>
    public Ed25519NoteSigner(string name, ReadOnlySpan<byte> seed)
    {
        _key = NSec.Cryptography.Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey);
        Key = VerifierKey.Create(name, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    /// <inheritdoc/>
    public VerifierKey Key { get; }

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> text) => SignatureAlgorithm.Ed25519.Sign(_key, text);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
