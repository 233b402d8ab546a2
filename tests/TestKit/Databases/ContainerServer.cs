using System.Net.Sockets;
using Testcontainers.PostgreSql;
using Xunit;

namespace Countersign.TestKit.Databases;

/// <summary>PostgreSQL in a container, used only when a container engine answers: an installed client alone is not enough.</summary>
internal sealed class ContainerServer : IAsyncDisposable
{
    private const string Image = "postgres:18-alpine";

    private readonly PostgreSqlContainer _container;

    private ContainerServer(PostgreSqlContainer container) => _container = container;

    public string ConnectionString => _container.GetConnectionString();

    public string Description => $"{Image} in a container";

    public static async Task<ContainerServer?> TryStart()
    {
        if (!await EngineAnswers())
            return null;
        var container = new PostgreSqlBuilder(Image)
            .WithCommand("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
            .Build();
        try
        {
            await container.StartAsync();
            return new ContainerServer(container);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The engine answers but cannot get the image (no network, no rights): the local server serves as well.
            TestContext.Current.SendDiagnosticMessage($"The container engine could not start {Image} ({e.Message}); using a local server.");
            await container.DisposeAsync();
            return null;
        }
    }

    public ValueTask DisposeAsync() => _container.DisposeAsync();

    private static async Task<bool> EngineAnswers()
    {
        var host = Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 } set ? new Uri(set) : new Uri("unix:///var/run/docker.sock");
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            ConnectCallback = async (_, cancel) =>
            {
                var unix = host.Scheme == "unix";
                var socket = new Socket(unix ? AddressFamily.Unix : AddressFamily.InterNetwork, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
                if (unix)
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.AbsolutePath), cancel);
                else
                    await socket.ConnectAsync(host.Host, host.Port, cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var answer = await client.GetAsync(new Uri("http://engine/_ping"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
