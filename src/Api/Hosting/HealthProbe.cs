using Countersign.Projections.Databases;

namespace Countersign.Api.Hosting;

/// <summary>Asks a node on this machine whether it lives: for an image that has no other program to ask with.</summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Ends well, or with a sentence and an exit code other than 0.</summary>
    public static async Task Ask(IConfiguration configuration)
    {
        var address = HostSetup.Addresses(configuration)[0];
        var port = new Uri(address.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal)).Port;
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = Patience });
        using var limit = new CancellationTokenSource(Patience);
        var question = new UriBuilder(Uri.UriSchemeHttp, "127.0.0.1", port, "/health/live").Uri;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, question);
            using var answer = await http.SendAsync(request, limit.Token);
            if (!answer.IsSuccessStatusCode)
                throw new StartUpException($"The node at {question} answers {(int)answer.StatusCode}: restart it, and look at its log.");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            throw new StartUpException($"No node answers at {question}: start it, or give the address it listens on in ASPNETCORE_URLS.", e);
        }
    }
}
