using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Countersign.Domain.Trail;

/// <summary>A SHA-256 value in a Merkle tree of RFC 6962 §2.1 (the same in RFC 9162 §2.1).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct TreeHash : IEquatable<TreeHash>
{
    /// <summary>Bytes of a hash: 32.</summary>
    public const int Size = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Takes 32 bytes as they are.</summary>
    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public TreeHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException("A tree hash has 32 bytes.", nameof(bytes));
        this = MemoryMarshal.Read<TreeHash>(bytes);
    }

    /// <summary>Root of the tree without leaves: SHA-256 of nothing.</summary>
    public static TreeHash Empty { get; } = new(SHA256.HashData([]));

    /// <summary>Equal bytes.</summary>
    public static bool operator ==(TreeHash left, TreeHash right) => left.Equals(right);

    /// <summary>Different bytes.</summary>
    public static bool operator !=(TreeHash left, TreeHash right) => !left.Equals(right);

    /// <summary>Hash of a leaf: SHA-256 of 0x00 and the entry.</summary>
    /// <param name="entry">The bytes of the entry.</param>
    public static TreeHash OfLeaf(ReadOnlySpan<byte> entry)
    {
        var rented = entry.Length < 2048 ? null : ArrayPool<byte>.Shared.Rent(entry.Length + 1);
        var buffer = rented is null ? stackalloc byte[2048] : rented;
        buffer[0] = 0;
        entry.CopyTo(buffer[1..]);
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(buffer[..(entry.Length + 1)], hash);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return new TreeHash(hash);
    }

    /// <summary>Hash of an inner node: SHA-256 of 0x01, the left and the right hash.</summary>
    /// <param name="left">Hash of the left subtree.</param>
    /// <param name="right">Hash of the right subtree.</param>
    public static TreeHash OfNode(TreeHash left, TreeHash right)
    {
        Span<byte> buffer = stackalloc byte[1 + (2 * Size)];
        buffer[0] = 1;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[(1 + Size)..]);
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(buffer, hash);
        return new TreeHash(hash);
    }

    /// <summary>Reads base64 of exactly 32 bytes.</summary>
    /// <param name="text">Standard base64 with padding.</param>
    /// <param name="hash">The hash, or the default when the text is not one.</param>
    public static bool TryParse(string text, out TreeHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        hash = default;
        // Padding bits that are not zero would give one hash two spellings.
        if (text.Length != 44 || !Convert.TryFromBase64String(text, bytes, out var written) || written != Size
            || !string.Equals(Convert.ToBase64String(bytes), text, StringComparison.Ordinal))
            return false;
        hash = new TreeHash(bytes);
        return true;
    }

    /// <summary>Writes the 32 bytes.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    public void CopyTo(Span<byte> destination) => MemoryMarshal.Write(destination, in this);

    /// <summary>The 32 bytes as a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(TreeHash other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TreeHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _a.GetHashCode();

    /// <summary>Standard base64, as checkpoints and proofs write it.</summary>
    public override string ToString() => Convert.ToBase64String(ToArray());
}
