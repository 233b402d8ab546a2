using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Countersign.Client;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Countersign.Console.Session;

/// <summary>Gives the client the access token of the session, renewed on the server when it is about to end.</summary>
internal sealed class SessionTokens(CurrentSession current, SessionRefresh refresh) : ITokenProvider
{
    public async ValueTask<string?> GetTokenAsync(bool renew, CancellationToken cancellationToken)
    {
        if (current.Id is not { } id || current.Session is null)
            return null;
        var session = await refresh.Fresh(id, renew ? current.Session.AccessToken : null, cancellationToken);
        if (session is null)
            return null;
        current.Set(id, session with { Flash = current.Session.Flash });
        return session.AccessToken;
    }
}

/// <summary>Renews access tokens, one renewal a session at a time: a refresh token is good once.</summary>
internal sealed partial class SessionRefresh(SessionStore store, IOptionsMonitor<OpenIdConnectOptions> oidc, TimeProvider clock, ILogger<SessionRefresh> logger)
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, Gate> gates = new(StringComparer.Ordinal);

    /// <param name="id">The session.</param>
    /// <param name="refused">The token that the API refused, or null when none was.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The session with a token that can be used, or null when the person must sign in again.</returns>
    public async Task<ConsoleSession?> Fresh(string id, string? refused, CancellationToken ct)
    {
        if (await store.Find(id, ct) is not { } known)
            return null;
        if (IsGood(known, refused))
            return known;
        var gate = Enter(id);
        try
        {
            await gate.Lock.WaitAsync(ct);
            try
            {
                // Another request of the session may have renewed it meanwhile.
                if (await store.Find(id, ct) is not { } session)
                    return null;
                return IsGood(session, refused) ? session : await Renew(id, session, ct);
            }
            finally
            {
                gate.Lock.Release();
            }
        }
        finally
        {
            Leave(id, gate);
        }
    }

    private bool IsGood(ConsoleSession session, string? refused) =>
        session.AccessToken != refused && clock.GetUtcNow() < session.AccessTokenEndsAt - Margin;

    private async Task<ConsoleSession?> Renew(string id, ConsoleSession session, CancellationToken ct)
    {
        if (session.RefreshToken is null)
            return null;
        var options = oidc.Get(ConsoleSetup.OidcScheme);
        var configuration = await options.ConfigurationManager!.GetConfigurationAsync(ct);
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "refresh_token",
            ["refresh_token"] = session.RefreshToken,
            ["client_id"] = options.ClientId!,
            // For the API and for nothing wider, whatever a provider takes a missing scope for.
            ["scope"] = string.Join(' ', options.Scope),
        };
        if (options.ClientSecret is { Length: > 0 } secret)
            form["client_secret"] = secret;
        using var content = new FormUrlEncodedContent(form);
        using var response = await options.Backchannel.PostAsync(new Uri(configuration.TokenEndpoint), content, ct);
        // An authority that cannot answer now refuses nobody: the session stays, and the next page asks again.
        if (response.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
            throw new HttpRequestException($"The authority could not renew a token ({(int)response.StatusCode}).", null, response.StatusCode);
        if (!response.IsSuccessStatusCode)
        {
            // Another node may have used this refresh token a moment ago: what it got is as good.
            if (await store.Find(id, ct) is { } other && other.AccessToken != session.AccessToken)
                return other;
            LogRefused(logger, (int)response.StatusCode);
            await store.Remove(id, ct);
            return null;
        }

        var answer = await response.Content.ReadFromJsonAsync<TokenAnswer>(ct) ?? throw new InvalidDataException("The token endpoint answered with an empty body.");
        var renewed = session with
        {
            AccessToken = answer.AccessToken,
            AccessTokenEndsAt = clock.GetUtcNow().AddSeconds(answer.ExpiresIn),
            RefreshToken = answer.RefreshToken ?? session.RefreshToken,
            IdToken = answer.IdToken ?? session.IdToken,
        };
        await store.Save(id, renewed, ct);
        return renewed;
    }

    private Gate Enter(string id)
    {
        while (true)
        {
            var gate = gates.GetOrAdd(id, _ => new Gate());
            lock (gate)
            {
                if (gate.Users < 0)
                    continue;
                gate.Users++;
                return gate;
            }
        }
    }

    private void Leave(string id, Gate gate)
    {
        lock (gate)
        {
            if (--gate.Users > 0)
                return;
            gate.Users = -1;
            gates.TryRemove(id, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A session ended: the authority refused to renew its token ({Status}).")]
    private static partial void LogRefused(ILogger logger, int status);

    private sealed class Gate
    {
        public SemaphoreSlim Lock { get; } = new(1, 1);

        /// <summary>Requests inside; negative when the gate was taken down.</summary>
        public int Users { get; set; }
    }

    private sealed record TokenAnswer([property: JsonPropertyName("access_token")] string AccessToken, [property: JsonPropertyName("refresh_token")] string? RefreshToken,
        [property: JsonPropertyName("id_token")] string? IdToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
