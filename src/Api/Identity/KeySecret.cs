using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Countersign.Api.Identity;

/// <summary>The text form of an API key: <c>cs_live_tenant_secret</c>, where the secret is 40 characters (230 bits) followed by 6 of checksum, so that
/// scanners recognise a leaked key without asking us.</summary>
internal static partial class KeySecret
{
    public const string Prefix = "cs_live_";
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";
    private const int SecretLength = 40;
    private const int ChecksumLength = 6;

    /// <summary>Draws a new key.</summary>
    public static string Make(string tenantId)
    {
        var body = $"{Prefix}{tenantId}_{RandomNumberGenerator.GetString(Alphabet, SecretLength)}";
        return body + Checksum(body);
    }

    /// <summary>First characters, to recognise a key by.</summary>
    public static string PrefixOf(string key, string tenantId) => key[..(Prefix.Length + tenantId.Length + 1 + 6)];

    /// <summary>What is stored of a key.</summary>
    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>The tenant that a well-formed key names, or null. Nothing is proven by it.</summary>
    public static string? TenantOf(string key)
    {
        var match = Form().Match(key);
        return match.Success && key[^ChecksumLength..] == Checksum(key[..^ChecksumLength]) ? match.Groups["tenant"].Value : null;
    }

    private static string Checksum(string body)
    {
        var number = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes("countersign-key-checksum:" + body)));
        Span<char> text = stackalloc char[ChecksumLength];
        for (var i = 0; i < ChecksumLength; i++)
        {
            text[i] = Alphabet[(int)(number % (ulong)Alphabet.Length)];
            number /= (ulong)Alphabet.Length;
        }

        return text.ToString();
    }

    [GeneratedRegex("^cs_live_(?<tenant>[a-z0-9]{8,32})_[0-9A-Za-z]{46}\\z", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
