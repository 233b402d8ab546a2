using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Client;

/// <summary>Gives the bearer credential of a call.</summary>
public interface ITokenProvider
{
    /// <summary>The credential to send, or null to send none.</summary>
    /// <param name="renew">True when the last one was refused: a cached one must not be given again.</param>
    ValueTask<string?> GetTokenAsync(bool renew, CancellationToken cancellationToken);
}

/// <summary>A credential that does not change: an API key, or a token made elsewhere.</summary>
/// <param name="token">What to send.</param>
public sealed class FixedToken(string token) : ITokenProvider
{
    /// <inheritdoc />
    public ValueTask<string?> GetTokenAsync(bool renew, CancellationToken cancellationToken) => new(renew ? null : token);
}

/// <summary>Fetches and renews tokens with OAuth 2.0 client credentials. Safe for concurrent use.</summary>
/// <param name="http">Client with the service's base address.</param>
/// <param name="clientId">Client id.</param>
/// <param name="clientSecret">Client secret.</param>
/// <param name="clock">Clock for the end of a token's life; the system's when null.</param>
public sealed class ClientCredentialsToken(HttpClient http, string clientId, string clientSecret, TimeProvider? clock = null) : ITokenProvider, IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private readonly TimeProvider clock = clock ?? TimeProvider.System;
    private readonly SemaphoreSlim gate = new(1, 1);
    private string? token;
    private DateTimeOffset until;

    /// <inheritdoc />
    public async ValueTask<string?> GetTokenAsync(bool renew, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (!renew && token is not null && clock.GetUtcNow() < until - Margin)
                return token;
            return await Fetch(cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => gate.Dispose();

    private async Task<string> Fetch(CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = clientId,
            ["client_secret"] = clientSecret,
            ["scope"] = "api",
        });
        using var response = await http.PostAsync(new Uri("connect/token", UriKind.Relative), form, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new CountersignProblemException(new Problem(null, "Token refused", (int)response.StatusCode, "The client id or its secret was not accepted.", null));
        var answer = await response.Content.ReadFromJsonAsync<TokenAnswer>(JsonSerializerOptions.Web, cancellationToken)
            ?? throw new InvalidDataException("The token endpoint answered with an empty body.");
        token = answer.AccessToken;
        until = clock.GetUtcNow().AddSeconds(answer.ExpiresIn);
        return token;
    }

    private sealed record TokenAnswer([property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
