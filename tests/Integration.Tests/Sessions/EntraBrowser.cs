using System.Net;
using System.Security.Cryptography.X509Certificates;
using Countersign.TestKit.Services;
using Xunit;

namespace Countersign.Integration.Tests.Sessions;

/// <summary>A browser before a load balancer that ends TLS: it believes it talks to <c>https</c>, keeps cookies as a browser does, and follows redirects one at a time.</summary>
internal sealed class EntraBrowser(Uri console, FakeEntra entra) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(entra.AuthorityFile) },
            },
        },
    });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The address that people see.</summary>
    public static string Seen(Uri console) => $"https://{console.Authority}";

    /// <summary>Cookies of the console.</summary>
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>The lines that set them.</summary>
    public List<string> Lines { get; } = [];

    public void Dispose() => http.Dispose();

    public Task<(HttpStatusCode Status, string? Location, string Body)> Get(string address) => Send(HttpMethod.Get, address, null);

    public Task<(HttpStatusCode Status, string? Location, string Body)> Post(string address, Dictionary<string, string> form) => Send(HttpMethod.Post, address, form);

    /// <summary>From the button "continue" to the address that the provider sends the browser back to.</summary>
    public async Task<string> ToCallback()
    {
        var start = await Get("/sign-in/start");
        var back = await Get(start.Location ?? throw new InvalidOperationException($"No way to the provider: {start}"));
        return back.Location ?? throw new InvalidOperationException($"The provider refused: {back}");
    }

    /// <summary>The whole sign-in.</summary>
    public async Task<string?> SignIn() => (await Get(await ToCallback())).Location;

    private async Task<(HttpStatusCode Status, string? Location, string Body)> Send(HttpMethod method, string address, Dictionary<string, string>? form)
    {
        var there = address.StartsWith('/') ? new Uri(console, address) : new Uri(address);
        var ours = there.Authority == console.Authority;
        using var request = new HttpRequestMessage(method, ours ? new UriBuilder(there) { Scheme = "http" }.Uri : there);
        if (ours)
        {
            request.Headers.Add("X-Forwarded-Proto", "https");
            if (Cookies.Count > 0)
                request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(c => $"{c.Key}={c.Value}")));
        }

        if (form is not null)
            request.Content = new FormUrlEncodedContent(form);
        using var answer = await http.SendAsync(request, Cancel);
        if (ours && answer.Headers.TryGetValues("Set-Cookie", out var lines))
        {
            foreach (var line in lines)
                Keep(line);
        }

        return (answer.StatusCode, answer.Headers.Location?.OriginalString, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private void Keep(string line)
    {
        var parts = line.Split(';')[0].Split('=', 2);
        if (parts[1].Length == 0 || line.Contains("expires=Thu, 01 Jan 1970", StringComparison.OrdinalIgnoreCase))
        {
            Cookies.Remove(parts[0]);
            return;
        }

        Lines.Add(line);
        Cookies[parts[0]] = parts[1];
    }
}
