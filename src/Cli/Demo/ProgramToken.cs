using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Countersign.Client;

namespace Countersign.Cli.Demo;

/// <summary>An access token by client credentials, asked for when needed and again shortly before it ends.</summary>
internal sealed class ProgramToken(HttpClient http, string clientId, string secret, TimeProvider clock) : ITokenProvider, IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private string? token;
    private DateTimeOffset until;

    public async ValueTask<string?> GetTokenAsync(bool renew, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (token is not null && !renew && clock.GetUtcNow() < until)
                return token;
            using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", clientId), new("client_secret", secret), new("scope", "api")]);
            using var answer = await http.PostAsync(new Uri("connect/token", UriKind.Relative), form, cancellationToken);
            if (!answer.IsSuccessStatusCode)
                throw new DemoException($"The service does not know the program '{clientId}' ({(int)answer.StatusCode}). Start it in Development, or give an API key with --key.");
            var granted = await answer.Content.ReadFromJsonAsync<Granted>(cancellationToken);
            token = granted?.AccessToken ?? throw new DemoException("The service answered without a token. Is --url the address of Countersign?");
            until = clock.GetUtcNow().AddSeconds(granted.ExpiresIn - 60);
            return token;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private sealed record Granted([property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);
}

/// <summary>Why a demo run cannot begin, in one sentence with the remedy.</summary>
internal sealed class DemoException(string message) : Exception(message);
