using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Countersign.Console.Sample;

/// <summary>The console on a real server, over <see cref="FakeApi"/> and <see cref="FakeIdentity"/> in the same process.</summary>
public sealed class SampleHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private SampleHost(WebApplication app, FakeApi api)
    {
        this.app = app;
        Api = api;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/");
    }

    public Uri Address { get; }

    public FakeApi Api { get; }

    /// <summary>Every route of the host.</summary>
    public IReadOnlyList<Endpoint> Endpoints => app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    public Task Stopped => app.WaitForShutdownAsync();

    public static async Task<SampleHost> Start(int port = 0, Action<WebApplicationBuilder>? change = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = typeof(SampleHost).Assembly.GetName().Name, EnvironmentName = "Development", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls($"http://localhost:{port}".Replace("localhost:0", "127.0.0.1:0", StringComparison.Ordinal));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddCountersignConsole();
        change?.Invoke(builder);
        var built = builder.Build();
        var api = new FakeApi(TimeProvider.System);
        new FakeIdentity(TimeProvider.System).Map(built);
        api.Map(built);
        built.MapCountersignConsole();
        await built.StartAsync();
        return new SampleHost(built, api);
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();
}
