using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Countersign.Console.Sample;

/// <summary>A made-up OpenID provider: code flow with PKCE, refresh tokens that are good once. Signs in whom the cookie <c>sample-user</c> names, ben by default.</summary>
internal sealed class FakeIdentity(TimeProvider clock)
{
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "sample" };
    private readonly ConcurrentDictionary<string, Code> codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> refresh = new(StringComparer.Ordinal);

    public void Map(WebApplication app)
    {
        app.MapGet("/.well-known/openid-configuration", (HttpContext http) =>
        {
            var root = $"{http.Request.Scheme}://{http.Request.Host}";
            return Results.Json(new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["issuer"] = root + "/",
                ["authorization_endpoint"] = root + "/connect/authorize",
                ["token_endpoint"] = root + "/connect/token",
                ["end_session_endpoint"] = root + "/connect/endsession",
                ["jwks_uri"] = root + "/connect/jwks",
                ["response_types_supported"] = new[] { "code" },
                ["subject_types_supported"] = new[] { "public" },
                ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
            });
        });
        app.MapGet("/connect/jwks", () => Results.Json(new { keys = new[] { Public() } }));
        app.MapGet("/connect/authorize", Authorize);
        app.MapPost("/connect/token", (Delegate)Token).DisableAntiforgery();
        app.MapGet("/connect/endsession", (string? post_logout_redirect_uri, string? state) => Results.Redirect($"{post_logout_redirect_uri ?? "/signed-out"}?state={Uri.EscapeDataString(state ?? "")}"));
    }

    private IResult Authorize(HttpContext http, string redirect_uri, string state, string nonce, string code_challenge)
    {
        var code = Guid.CreateVersion7().ToString("N");
        codes[code] = new Code(http.Request.Cookies["sample-user"] ?? "ben", nonce, code_challenge);
        return Results.Redirect($"{redirect_uri}?code={code}&state={Uri.EscapeDataString(state)}");
    }

    private async Task<IResult> Token(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync();
        string user, nonce = "";
        if (form["grant_type"] == "refresh_token")
        {
            if (!refresh.TryRemove(form["refresh_token"].ToString(), out var known))
                return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
            user = known;
        }
        else
        {
            if (!codes.TryRemove(form["code"].ToString(), out var code)
                || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != code.Challenge)
            {
                return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
            }

            (user, nonce) = (code.User, code.Nonce);
        }

        var next = Guid.CreateVersion7().ToString("N");
        refresh[next] = user;
        return Results.Json(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["access_token"] = $"{user}:{Guid.CreateVersion7():N}",
            ["token_type"] = "Bearer",
            ["expires_in"] = 600,
            ["refresh_token"] = next,
            ["id_token"] = IdToken($"{http.Request.Scheme}://{http.Request.Host}/", form["client_id"].ToString(), user, nonce),
        });
    }

    private string IdToken(string issuer, string audience, string user, string nonce)
    {
        var now = clock.GetUtcNow();
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = now.AddMinutes(5).UtcDateTime,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["sub"] = user, ["name"] = SampleData.Names[user], ["nonce"] = nonce },
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
        });
    }

    private Dictionary<string, string> Public()
    {
        var p = key.Rsa.ExportParameters(false);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["alg"] = "RS256",
            ["kid"] = "sample",
            ["n"] = Base64UrlEncoder.Encode(p.Modulus),
            ["e"] = Base64UrlEncoder.Encode(p.Exponent),
        };
    }

    private sealed record Code(string User, string Nonce, string Challenge);
}
