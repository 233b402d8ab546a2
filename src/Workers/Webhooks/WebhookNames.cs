using System.Net;
using System.Net.Sockets;
using Countersign.Domain.Webhooks;

namespace Countersign.Workers.Webhooks;

/// <summary>Resolves a name to its addresses.</summary>
public delegate Task<IPAddress[]> ResolveName(string name, CancellationToken cancellation);

/// <summary>
/// Looks at what a new endpoint's name resolves to, so that a mistake is told when it is made. The sender does not rely on it: it judges the address it connects to,
/// each time it connects.
/// </summary>
public sealed class WebhookNames(ResolveName resolve, WebhookOptions options)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <summary>What is wrong with where an address leads now, or null; null also when the name is not known (yet).</summary>
    /// <param name="url">An address whose form was accepted.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<string?> Problem(string url, CancellationToken cancellation)
    {
        // What is wrong with its form is the decider's to say.
        if (WebhookTarget.Problem(url, options.AllowLoopback) is not null || new Uri(url) is not { HostNameType: UriHostNameType.Dns } uri)
            return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Longest);
        try
        {
            var addresses = await resolve(uri.IdnHost, limit.Token);
            return Array.Exists(addresses, a => !WebhookTarget.MayConnect(a, options.AllowLoopback))
                ? "The name leads to an address that is not on the public internet. Use a name that others can reach."
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
