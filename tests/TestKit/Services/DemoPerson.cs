using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Countersign.Client;

namespace Countersign.TestKit.Services;

/// <summary>A demo person's access token, got as a browser gets it: authorization code with PKCE through the sign-in page. Renewed when it has a minute left.</summary>
public sealed partial class DemoPerson(Uri service, string login, string password = "demo") : ITokenProvider
{
    private const string Client = "console";
    private readonly SemaphoreSlim gate = new(1, 1);
    private string? token;
    private DateTimeOffset until;

    /// <inheritdoc />
    public async ValueTask<string?> GetTokenAsync(bool renew, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (token is null || renew || TimeProvider.System.GetUtcNow() > until)
                await SignIn(cancellationToken);
            return token;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>A typed client that acts as this person.</summary>
    public CountersignClient Act() => new(new HttpClient { BaseAddress = service }, this);

    private async Task SignIn(CancellationToken cancellation)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = service };
        var verifier = Url(RandomNumberGenerator.GetBytes(32));
        var callback = new Uri(service, "sign-in/callback").AbsoluteUri;
        var ask = "connect/authorize?response_type=code&scope=api&code_challenge_method=S256"
            + $"&client_id={Client}&redirect_uri={Uri.EscapeDataString(callback)}&state=s&nonce=n&code_challenge={Url(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))}";
        var signIn = await Location(await browser.GetAsync(new Uri(ask, UriKind.Relative), cancellation), cancellation);
        var page = await browser.GetStringAsync(signIn, cancellation);
        var field = Antiforgery().Match(page);
        using var form = new FormUrlEncodedContent([new(field.Groups["name"].Value, WebUtility.HtmlDecode(field.Groups["value"].Value)), new("login", login), new("password", password)]);
        var back = await Location(await browser.PostAsync(signIn, form, cancellation), cancellation);
        var done = await Location(await browser.GetAsync(back, cancellation), cancellation);
        var code = Code().Match(done.OriginalString).Groups["code"].Value;
        using var exchange = new FormUrlEncodedContent(
            [new("grant_type", "authorization_code"), new("client_id", Client), new("code", Uri.UnescapeDataString(code)), new("redirect_uri", callback), new("code_verifier", verifier)]);
        using var answer = await browser.PostAsync(new Uri("connect/token", UriKind.Relative), exchange, cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{login} could not sign in: {await answer.Content.ReadAsStringAsync(cancellation)}");
        var granted = (await answer.Content.ReadFromJsonAsync<Granted>(cancellation))!;
        token = granted.AccessToken;
        until = TimeProvider.System.GetUtcNow().AddSeconds(granted.ExpiresIn - 60);
    }

    private static async Task<Uri> Location(HttpResponseMessage answer, CancellationToken cancellation)
    {
        using (answer)
        {
            return answer.Headers.Location
                ?? throw new InvalidOperationException($"Expected a redirect at sign-in, got {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellation)}");
        }
    }

    private static string Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]+)">""", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Antiforgery();

    [GeneratedRegex("[?&]code=(?<code>[^&]+)", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Code();

    private sealed record Granted([property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
