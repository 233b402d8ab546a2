using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Countersign.Console.Hosting;

/// <summary>Where the API answers: as configured, else the first address this process listens on (known once it listens).</summary>
internal sealed class ApiAddress(IOptions<ConsoleOptions> options, IServer server)
{
    public Uri Value => options.Value.ApiAddress ?? FirstBound();

    public Uri Authority => options.Value.Authority ?? Value;

    private Uri FirstBound()
    {
        // A server without addresses (an in-memory one) still needs some: calls to it then fail with a page that says so.
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:5080";
        var text = bound.Replace("://+", "://localhost", StringComparison.Ordinal).Replace("://*", "://localhost", StringComparison.Ordinal)
            .Replace("://[::]", "://localhost", StringComparison.Ordinal).Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal);
        return new Uri(text.EndsWith('/') ? text : text + "/");
    }
}
