using System.Net;
using System.Net.Sockets;
using Countersign.Projections.Databases;
using Microsoft.Extensions.Configuration.Memory;

namespace Countersign.Api.Hosting;

/// <summary>Roles, address, limits and the drain of a node.</summary>
internal static class HostSetup
{
    public const string DefaultAddress = "http://localhost:5080";

    /// <summary>Longer than the daemon's own 30 seconds, so that what has begun can end.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(45);

    private static readonly Dictionary<string, string?> Defaults = new(StringComparer.Ordinal)
    {
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Npgsql"] = "Warning",
        ["Logging:LogLevel:Wolverine"] = "Warning",
        ["Logging:LogLevel:Marten"] = "Warning",
        ["Logging:LogLevel:Hangfire"] = "Warning",
        ["Logging:LogLevel:JasperFx"] = "Warning",
        // Twenty lines for each sign-in otherwise.
        ["Logging:LogLevel:OpenIddict"] = "Warning",
        // An error line for each token that somebody made up otherwise.
        ["Logging:LogLevel:Microsoft.IdentityModel"] = "None",
    };

    public static NodeRoles AddHost(this WebApplicationBuilder builder, StartUpReport report)
    {
        // Below every other source, so that any setting wins.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        var roles = NodeRoles.From(builder.Configuration);
        report.Step($"Countersign {typeof(HostSetup).Assembly.GetName().Version?.ToString(3)} as {roles} in {builder.Environment.EnvironmentName}");
        var addresses = Addresses(builder.Configuration);
        if (StartUp.IsOwnProcess)
            RefuseTakenPorts(addresses);
        if (addresses is [DefaultAddress])
            builder.WebHost.UseUrls(DefaultAddress);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(roles);
        builder.Services.Configure<HostOptions>(options =>
        {
            options.ShutdownTimeout = Drain;
            options.ServicesStopConcurrently = false;
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A route that takes documents raises this for itself.
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        return roles;
    }

    /// <summary>Addresses by the usual settings; ours when none of them is set.</summary>
    public static string[] Addresses(IConfiguration configuration)
    {
        if (configuration["urls"] is { Length: > 0 } urls)
            return urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var ports = new[] { ("http", configuration["http_ports"]), ("https", configuration["https_ports"]) }
            .SelectMany(s => (s.Item2 ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(p => $"{s.Item1}://*:{p}"))
            .ToArray();
        return ports.Length > 0 || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any() ? ports : [DefaultAddress];
    }

    /// <summary>Before anything is started for nothing: the server itself binds last.</summary>
    private static void RefuseTakenPorts(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
        {
            if (!Uri.TryCreate(address.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri))
                throw new StartUpException($"The address '{address}' is not one: write http://localhost:5080, or several separated by semicolons, in --urls.");
            if (uri.Port == 0)
                continue;
            var ip = uri.IsLoopback ? IPAddress.Loopback : IPAddress.TryParse(uri.Host, out var given) ? given : IPAddress.Any;
            using var probe = new TcpListener(ip, uri.Port);
            try
            {
                probe.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new StartUpException($"Port {uri.Port} is in use by another program: stop it, or choose another address with --urls http://localhost:{uri.Port + 1}.", e);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
            {
                throw new StartUpException($"Port {uri.Port} may not be opened by this user: choose one above 1023 with --urls http://localhost:5080.", e);
            }
        }
    }
}
