using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Countersign.TestKit.Services;

namespace Countersign.Integration.Tests.Webhooks;

/// <summary>A receiver's check as the Standard Webhooks specification describes it, written from the specification alone and sharing nothing with the sender.</summary>
internal static class StandardWebhook
{
    public static bool IsAuthentic(string secret, ReceivedDelivery delivery)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var content = string.Join('.', delivery.Headers["webhook-id"], delivery.Headers["webhook-timestamp"], delivery.Body);
        var expected = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(content));
        return delivery.Headers["webhook-signature"].Split(' ').Any(s => s.StartsWith("v1,", StringComparison.Ordinal) && CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(s[3..]), expected));
    }

    public static TimeSpan AgeOf(ReceivedDelivery delivery, DateTimeOffset now) =>
        now - DateTimeOffset.FromUnixTimeSeconds(long.Parse(delivery.Headers["webhook-timestamp"], CultureInfo.InvariantCulture));
}
