using System.Security.Cryptography;
using System.Text;

namespace Countersign.Domain.Policies;

/// <summary>The identity of a policy's content.</summary>
public static class PolicyHash
{
    /// <summary>Lower-case hex SHA-256 over both texts, each preceded by its length in bytes, so that no text can move from one into the other.</summary>
    public static string Of(string document, string gate)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in new[] { document, gate })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.IsLittleEndian ? BitConverter.GetBytes(bytes.LongLength) : [.. BitConverter.GetBytes(bytes.LongLength).Reverse()]);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
