using Countersign.Client;

namespace Countersign.Cli.Demo;

/// <summary>The client and what it needs, for one run of the command.</summary>
internal sealed class DemoServices : IDisposable
{
    /// <summary>The demo program that the service knows in Development; its secret is public and good for nothing else.</summary>
    private const string DemoProgram = "acmefinance-demo";

    private readonly HttpClient http;
    private readonly ProgramToken? token;

    public DemoServices(Uri url, string? key)
    {
        var address = url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");
        // The command is a program of one run, without a container that would make clients.
#pragma warning disable RS0030
        http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
#pragma warning restore RS0030
        token = key is null ? new ProgramToken(http, DemoProgram, "demo", TimeProvider.System) : null;
        Client = new CountersignClient(http, key is null ? token! : new FixedToken(key));
    }

    public CountersignClient Client { get; }

    public void Dispose()
    {
        token?.Dispose();
        http.Dispose();
    }
}
