using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Countersign.Domain.Webhooks;
using Countersign.Workers.Telemetry;

namespace Countersign.Workers.Webhooks;

/// <summary>Connects to the public internet only: the address is judged where it is used, so that neither a name, a redirect nor a changed DNS answer leads inside.</summary>
public static class WebhookHttp
{
    /// <summary>Name of the client in the factory.</summary>
    public const string Client = "webhooks";

    /// <summary>Option of a request that leaves for a receiver outside: its address is nobody else's business.</summary>
    public static readonly HttpRequestOptionsKey<bool> Outside = new("countersign.outside");

    /// <summary>The handler of the client.</summary>
    /// <param name="allowLoopback">Whether loopback is allowed (Development).</param>
    /// <param name="resolve">Resolves names; the system's resolver when null.</param>
    public static SocketsHttpHandler Handler(bool allowLoopback, ResolveName? resolve = null) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        // Receivers outside get the trace to quote; state and baggage of whoever called us stay here.
        ActivityHeadersPropagator = new TraceParentOnly(),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        MaxResponseHeadersLength = 16,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        SslOptions = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 },
        ConnectCallback = (context, cancellation) => Connect(context.DnsEndPoint, allowLoopback, resolve ?? ((name, c) => Dns.GetHostAddressesAsync(name, c)), cancellation),
    };

    private static async ValueTask<Stream> Connect(DnsEndPoint target, bool allowLoopback, ResolveName resolve, CancellationToken cancellation)
    {
        var addresses = IPAddress.TryParse(target.Host.Trim('[', ']'), out var literal) ? [literal] : await resolve(target.Host, cancellation);
        // One inner address among several is enough to refuse: the name is not a name of the public internet.
        if (addresses.Length == 0 || Array.Exists(addresses, a => !WebhookTarget.MayConnect(a, allowLoopback)))
            throw new WebhookTargetRefusedException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, target.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The address does not lead to the public internet.</summary>
public sealed class WebhookTargetRefusedException() : IOException("The address does not lead to the public internet, so nothing was sent. Correct the endpoint's address.");
