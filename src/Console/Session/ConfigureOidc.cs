using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Countersign.Console.Session;

/// <summary>Authorization code flow with PKCE, state and nonce; the tokens go into the server-side session and nowhere else.</summary>
internal sealed class ConfigureOidc(IOptions<ConsoleOptions> console, ApiAddress address, CookieNames names) : IConfigureNamedOptions<OpenIdConnectOptions>
{
    public const string CallbackPath = "/sign-in/callback";
    public const string SignedOutPath = "/signed-out";

    public void Configure(string? name, OpenIdConnectOptions options)
    {
        if (name != ConsoleSetup.OidcScheme)
            return;
        options.Authority = address.Authority.ToString();
        options.RequireHttpsMetadata = names.Secure;
        options.ClientId = console.Value.ClientId;
        options.ClientSecret = console.Value.ClientSecret;
        options.ResponseType = OpenIdConnectResponseType.Code;
        // The answer comes as a query: a cross-site form post would need SameSite=None cookies.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.SaveTokens = true;
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = false;
        options.SignInScheme = SessionHandler.SchemeName;
        options.CallbackPath = CallbackPath;
        options.SignedOutCallbackPath = "/sign-out/callback";
        options.SignedOutRedirectUri = SignedOutPath;
        options.Scope.Clear();
        foreach (var scope in console.Value.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            options.Scope.Add(scope);
        options.TokenValidationParameters.NameClaimType = "name";
        foreach (var cookie in (CookieBuilder[])[options.CorrelationCookie, options.NonceCookie])
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = names.Secure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        }

        options.Events.OnRedirectToIdentityProviderForSignOut = context =>
        {
            // The session is gone by now; its id token came with the request to sign out.
            if (context.Properties.GetParameter<string>("id_token") is { } idToken)
                context.ProtocolMessage.IdTokenHint = idToken;
            return Task.CompletedTask;
        };
        if (console.Value.TellsSignIns)
            options.Events.OnTicketReceived = SignInTelling.SignedIn;
        options.Events.OnRemoteFailure = context =>
        {
            context.HandleResponse();
            context.Response.Redirect("/sign-in?failed=" + (context.Request.Query["error"] == "access_denied" ? "denied" : "again"));
            return Task.CompletedTask;
        };
    }

    public void Configure(OpenIdConnectOptions options) => Configure(Options.DefaultName, options);
}

/// <summary>The antiforgery cookie follows the rules of the others.</summary>
internal sealed class AntiforgeryCookie(CookieNames names) : IConfigureOptions<AntiforgeryOptions>
{
    public void Configure(AntiforgeryOptions options)
    {
        options.Cookie.Name = names.Antiforgery;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.Path = "/";
        options.Cookie.SecurePolicy = names.Secure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        // X-Frame-Options is one of the console's own headers.
        options.SuppressXFrameOptionsHeader = true;
    }
}
