using System.Net;
using System.Net.Sockets;

namespace Countersign.Domain.Webhooks;

/// <summary>Which addresses a webhook may go to. Names are judged by their form here and by every address they resolve to when connecting.</summary>
public static class WebhookTarget
{
    private const int MaxLength = 2_048;
    private static readonly string[] InnerSuffixes = [".localhost", ".local", ".internal", ".localdomain", ".home.arpa", ".intranet", ".lan"];

    /// <summary>Networks that are not the public internet (IANA special-purpose registries, 2026-10).</summary>
    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Parts of 2000::/3 that are not the public internet, or that carry an IPv4 address which cannot be judged from outside.</summary>
    private static readonly IPNetwork[] ClosedSix = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    /// <summary>What is wrong with an address as text, or null.</summary>
    /// <param name="url">The address.</param>
    /// <param name="allowPlain">Whether http and loopback are allowed (Development).</param>
    public static string? Problem(string url, bool allowPlain)
    {
        if (string.IsNullOrEmpty(url) || url.Length > MaxLength)
            return "The address is 1 to 2,048 characters.";
        if (url.Any(c => c is <= ' ' or > '~' or '\\'))
            return "Write the address in plain ASCII without spaces (international names in their xn-- form).";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && !(allowPlain && uri.Scheme == Uri.UriSchemeHttp)))
            return "Use an https address.";
        if (uri.UserInfo.Length > 0 || url.Contains('@', StringComparison.Ordinal))
            return "The address may not hold a user name or a password.";
        if (uri.Fragment.Length > 0 || url.Contains('#', StringComparison.Ordinal))
            return "The address may not have a fragment.";
        if (!allowPlain && uri.Port is not 443 and not (>= 1024 and <= 65535) || uri.Port is 5432 or 6379 or 3306 or 27017 or 9200 or 11211 or 2375 or 2379)
            return "Use port 443 or one from 1024 up that no database or control plane listens on.";
        return HostProblem(uri, allowPlain);
    }

    /// <summary>Whether an address that a name resolved to may be connected to.</summary>
    /// <param name="address">The address.</param>
    /// <param name="allowLoopback">Whether loopback is allowed (Development).</param>
    public static bool MayConnect(IPAddress address, bool allowLoopback)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (allowLoopback && IPAddress.IsLoopback(address))
            return true;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return !Array.Exists(Closed, n => n.Contains(address));
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return false;
        // Everything outside 2000::/3 is closed: loopback, link-local, unique local, multicast, mapped, compatible, and NAT64 (64:ff9b::/96).
        return GlobalUnicast.Contains(address) && !Array.Exists(ClosedSix, n => n.Contains(address));
    }

    private static string? HostProblem(Uri uri, bool allowPlain)
    {
        const string inner = "The address does not lead to the public internet.";
        var host = uri.IdnHost.TrimEnd('.').ToLowerInvariant();
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return MayConnect(address, allowPlain) ? null : inner;
        if (host is "localhost")
            return allowPlain ? null : inner;
        return !host.Contains('.', StringComparison.Ordinal) || Array.Exists(InnerSuffixes, s => host.EndsWith(s, StringComparison.Ordinal)) ? inner : null;
    }
}
