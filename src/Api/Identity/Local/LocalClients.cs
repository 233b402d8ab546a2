using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Countersign.Api.Identity.Local;

/// <summary>Which programs may ask for tokens: the console (public, PKCE), API keys, and in Development the demo load.</summary>
internal sealed class LocalClients(LocalIdentityOptions options, IDirectory directory, UsedCodes codes, IHttpContextAccessor http)
    : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>, IOpenIddictServerHandler<ValidateTokenRequestContext>, IOpenIddictServerHandler<ValidateEndSessionRequestContext>
{
    private static readonly string[] SignInPaths = ["/sign-in/callback", "/signin-oidc"];
    private static readonly string[] SignOutPaths = ["/sign-out/callback", "/signed-out", "/signout-callback-oidc"];

    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        if (context.ClientId != LocalIdentity.ConsoleClient)
            context.Reject(OpenIddictConstants.Errors.InvalidClient, "This client is not known here.");
        else if (!IsOurs(context.RedirectUri, SignInPaths))
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "This redirect address is not registered: set Identity:Local:Consoles to the console's address.");
        else if (context.Request.CodeChallengeMethod != OpenIddictConstants.CodeChallengeMethods.Sha256)
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "PKCE with S256 is required.");
        return ValueTask.CompletedTask;
    }

    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.IsClientCredentialsGrantType())
        {
            if (!await IsProgram(context.ClientId, context.ClientSecret, context.CancellationToken))
                context.Reject(OpenIddictConstants.Errors.InvalidClient, "The client id or its secret is not accepted.");
        }
        else if (context.ClientId != LocalIdentity.ConsoleClient)
            context.Reject(OpenIddictConstants.Errors.InvalidClient, "This client is not known here.");
        else if (context.Request.IsAuthorizationCodeGrantType() && !codes.Use(context.Request.Code))
            context.Reject(OpenIddictConstants.Errors.InvalidGrant, "The code was used before.");
    }

    public ValueTask HandleAsync(ValidateEndSessionRequestContext context)
    {
        if (context.PostLogoutRedirectUri is { Length: > 0 } uri && !IsOurs(uri, SignOutPaths))
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "This address to return to is not registered.");
        return ValueTask.CompletedTask;
    }

    /// <summary>The key (or demo program) that a client id and a secret prove, as the directory knows it.</summary>
    public async ValueTask<bool> IsProgram(string? clientId, string? secret, CancellationToken cancellation)
    {
        if (clientId is null || secret is null)
            return false;
        if (clientId.EndsWith(DemoPeople.ProgramSuffix, StringComparison.Ordinal))
            return DemoPeople.Find(clientId) is not null && secret == DemoPeople.Password;
        return KeySecret.TenantOf(secret) is { } tenant && Guid.TryParse(clientId, out var id)
            && await directory.FindKeyBySecret(tenant, KeySecret.Hash(secret), cancellation) == id;
    }

    // The console of this process answers where this request came in; others are named in the settings.
    private bool IsOurs(string? text, string[] paths)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0 || !paths.Contains(uri.AbsolutePath))
            return false;
        var origin = uri.GetLeftPart(UriPartial.Authority);
        var request = http.HttpContext!.Request;
        return origin == options.Issuer.GetLeftPart(UriPartial.Authority)
            || (options.Development && origin == $"{request.Scheme}://{request.Host.Value}")
            || options.Consoles.Any(c => c.GetLeftPart(UriPartial.Authority) == origin);
    }
}

/// <summary>Codes that were exchanged, for as long as one lives: without a token store of its own the provider would take a code twice.</summary>
internal sealed class UsedCodes(TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(2);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _used = new(StringComparer.Ordinal);

    public bool Use(string? code)
    {
        if (code is null)
            return false;
        var now = clock.GetUtcNow();
        var hash = KeySecret.Hash(code);
        lock (_gate)
        {
            if (_used.Count > 1_000)
            {
                foreach (var old in _used.Where(u => u.Value < now - Life).Select(u => u.Key).ToList())
                    _used.Remove(old);
            }

            return _used.TryAdd(hash, now);
        }
    }
}
