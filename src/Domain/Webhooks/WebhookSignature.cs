using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Countersign.Domain.Webhooks;

/// <summary>Signatures as the Standard Webhooks specification describes them (v1, HMAC-SHA-256; specification 1.0.0).</summary>
public static class WebhookSignature
{
    /// <summary>How a secret begins.</summary>
    public const string SecretPrefix = "whsec_";

    /// <summary>How far the time of a message may be from now.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The secret's bytes.</summary>
    /// <param name="secret">Base64, with or without the prefix.</param>
    /// <exception cref="ArgumentException">The secret is empty or not base64.</exception>
    public static byte[] KeyOf(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        var text = secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : secret;
        var bytes = new byte[text.Length];
        if (text.Length == 0 || !Convert.TryFromBase64String(text, bytes, out var length) || length == 0)
            throw new ArgumentException("A webhook secret is 'whsec_' and base64; use it as it was shown.", nameof(secret));
        return bytes[..length];
    }

    /// <summary>The signature of a message.</summary>
    /// <param name="key">Bytes of the secret.</param>
    /// <param name="id">Value of <c>webhook-id</c>.</param>
    /// <param name="timestamp">Value of <c>webhook-timestamp</c>, seconds since 1970.</param>
    /// <param name="body">The body as sent.</param>
    public static string Sign(ReadOnlySpan<byte> key, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")));
        hmac.AppendData(body);
        return "v1," + Convert.ToBase64String(hmac.GetHashAndReset());
    }

    /// <summary>Whether a received message is ours: one of its signatures is right and its time is near. Compares in constant time.</summary>
    /// <param name="key">Bytes of the secret.</param>
    /// <param name="id">Value of <c>webhook-id</c>, or null when it was missing.</param>
    /// <param name="timestamp">Value of <c>webhook-timestamp</c>, or null when it was missing.</param>
    /// <param name="signatures">Value of <c>webhook-signature</c>: one or more, separated by spaces; or null when it was missing.</param>
    /// <param name="body">The body as received.</param>
    /// <param name="now">The receiver's time.</param>
    public static bool Verify(ReadOnlySpan<byte> key, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(signatures)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799)
            return false;
        if ((now - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance)
            return false;
        var expected = Encoding.ASCII.GetBytes(Sign(key, id, seconds, body));
        var found = false;
        foreach (var signature in signatures.Split(' '))
            found |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature));
        return found;
    }
}
