using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Countersign.TestKit.Services;

/// <summary>An account of the fake directory.</summary>
/// <param name="Directory">Directory id.</param>
/// <param name="ObjectId">Object id.</param>
/// <param name="Name">Name.</param>
public sealed record FakeAccount(string Directory, string ObjectId, string Name);

/// <summary>
/// Sign-in by browser at <see cref="FakeEntra"/>: authorization code with PKCE for one confidential client with registered addresses. The account chosen beforehand is the one that
/// signs in; what it refuses, it refuses as a real one would.
/// </summary>
public sealed class FakeEntraSignIn(FakeEntra entra, string client, string secret)
{
    private static readonly string[] SignedOut = ["/sign-out/callback"];
    private readonly ConcurrentDictionary<string, Asked> codes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FakeAccount> refreshable = new(StringComparer.Ordinal);
    private int made;

    /// <summary>Who signs in; null presses "cancel".</summary>
    public FakeAccount? Account { get; set; }

    /// <summary>Changes the id token before it is signed.</summary>
    public Action<Dictionary<string, object>>? IdToken { get; set; }

    /// <summary>Changes the access token before it is signed.</summary>
    public Action<Dictionary<string, object>>? AccessToken { get; set; }

    /// <summary>Makes the id token from its claims; null signs it as it should be.</summary>
    public Func<Dictionary<string, object>, string>? Signer { get; set; }

    /// <summary>Registered address of the console, without a slash at the end.</summary>
    public string Console { get; set; } = "";

    /// <summary>How often tokens were renewed.</summary>
    public int Renewals { get; private set; }

    /// <summary>Id tokens that came with a sign-out.</summary>
    public ConcurrentQueue<string> Hints { get; } = [];

    /// <summary>Adds the routes.</summary>
    public void Map(WebApplication app)
    {
        app.MapGet("/organizations/oauth2/v2.0/authorize", Authorize);
        app.MapPost("/organizations/oauth2/v2.0/token", (Delegate)Exchange);
        app.MapGet("/organizations/oauth2/v2.0/logout", (HttpContext c) =>
        {
            Hints.Enqueue(c.Request.Query["id_token_hint"].ToString());
            var back = c.Request.Query["post_logout_redirect_uri"].ToString();
            return SignedOut.Any(p => back == Console + p) ? Results.Redirect($"{back}?state={Uri.EscapeDataString(c.Request.Query["state"].ToString())}") : Results.BadRequest("AADSTS50011");
        });
    }

    private IResult Authorize(HttpContext context)
    {
        var q = context.Request.Query;
        var (back, state) = (q["redirect_uri"].ToString(), Uri.EscapeDataString(q["state"].ToString()));
        if (q["client_id"] != client || back != Console + "/sign-in/callback")
            return Results.BadRequest("AADSTS50011: the redirect URI is not registered: " + back);
        if (q["response_type"] != "code" || q["code_challenge_method"] != "S256" || q["code_challenge"].ToString().Length != 43 || state.Length == 0 || q["nonce"].ToString().Length == 0)
            return Results.BadRequest("AADSTS900144: not a code flow with PKCE, state and nonce: " + context.Request.QueryString);
        if (!q["scope"].ToString().Split(' ').Contains($"api://{client}/access_as_user", StringComparer.Ordinal))
            return Results.BadRequest("AADSTS70011: " + q["scope"]);
        if (Account is not { } account)
            return Results.Redirect($"{back}?error=access_denied&error_description=AADSTS65004&state={state}");
        var code = "code-" + Interlocked.Increment(ref made);
        codes[code] = new Asked(account, back, q["code_challenge"].ToString(), q["nonce"].ToString());
        return Results.Redirect($"{back}?code={code}&state={state}&session_state=s");
    }

    private async Task<IResult> Exchange(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (form["client_id"] != client || form["client_secret"] != secret)
            return Refuse("invalid_client", "AADSTS7000215");
        if (form["grant_type"] == "refresh_token")
        {
            Renewals++;
            return refreshable.TryRemove(form["refresh_token"].ToString(), out var known) ? Issue(known, null) : Refuse("invalid_grant", "AADSTS700082");
        }

        var proof = FakeEntra.Text(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        return form["grant_type"] == "authorization_code" && codes.TryRemove(form["code"].ToString(), out var asked) && asked.Back == form["redirect_uri"] && asked.Challenge == proof
            ? Issue(asked.Account, asked.Nonce)
            : Refuse("invalid_grant", "AADSTS54005");
    }

    private IResult Issue(FakeAccount account, string? nonce)
    {
        var id = Claims(account);
        id["name"] = account.Name;
        if (nonce is not null)
            id["nonce"] = nonce;
        IdToken?.Invoke(id);
        var access = Claims(account);
        access["scp"] = "access_as_user";
        AccessToken?.Invoke(access);
        var refresh = "refresh-" + Interlocked.Increment(ref made);
        refreshable[refresh] = account;
        return Results.Json(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["token_type"] = "Bearer",
            ["scope"] = $"api://{client}/access_as_user",
            ["expires_in"] = 3599,
            ["access_token"] = entra.Sign(access),
            ["refresh_token"] = refresh,
            ["id_token"] = Signer?.Invoke(id) ?? entra.Sign(id),
            ["client_info"] = FakeEntra.Text(Encoding.UTF8.GetBytes($$"""{"uid":"{{account.ObjectId}}","utid":"{{account.Directory}}"}""")),
        });
    }

    private Dictionary<string, object> Claims(FakeAccount account)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new(StringComparer.Ordinal)
        {
            ["aud"] = client,
            ["iss"] = $"{entra.Instance}/{account.Directory}/v2.0",
            ["iat"] = now - 300,
            ["nbf"] = now - 300,
            ["exp"] = now + 3600,
            ["ver"] = "2.0",
            ["tid"] = account.Directory,
            ["oid"] = account.ObjectId,
            ["sub"] = "pairwise-" + account.ObjectId,
            ["preferred_username"] = account.Name.ToLowerInvariant().Replace(' ', '.') + "@home.example",
        };
    }

    private static IResult Refuse(string error, string description) => Results.Json(new { error, error_description = description }, statusCode: StatusCodes.Status400BadRequest);

    private sealed record Asked(FakeAccount Account, string Back, string Challenge, string Nonce);
}
