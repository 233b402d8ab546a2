using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Countersign.Api.Identity.Local;

/// <summary>The built-in identity provider: OpenIddict without a store of its own; people and what they may do come from the tenant's records.</summary>
internal static class LocalIdentity
{
    public const string TokenScheme = "local-token";
    public const string SignInScheme = "local-sign-in";
    public const string ConsoleClient = "console";
    public const string Audience = "api";
    public const string SignInLimiter = "sign-in";

    public static void AddLocalIdentity(this WebApplicationBuilder builder, LocalIdentityOptions options)
    {
        var keys = new LocalKeys(options);
        var services = builder.Services;
        services.AddSingleton(options);
        services.AddSingleton(_ => keys);
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<UsedCodes>();
        services.AddSingleton<LocalTokens>();
        services.AddAntiforgery();
        services.AddAuthentication()
            .AddJwtBearer(TokenScheme, jwt => Validate(jwt, options, keys))
            .AddCookie(SignInScheme, cookie =>
            {
                cookie.Cookie.Name = "countersign-sign-in";
                cookie.Cookie.Path = "/connect";
                cookie.Cookie.HttpOnly = true;
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.Cookie.SecurePolicy = options.Development ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
                cookie.ExpireTimeSpan = TimeSpan.FromHours(8);
                cookie.SlidingExpiration = false;
                cookie.LoginPath = "/connect/sign-in";
                cookie.ReturnUrlParameter = "returnUrl";
            });
        services.AddOpenIddict().AddServer(server => Serve(server, options, keys));
    }

    private static void Serve(OpenIddictServerBuilder server, LocalIdentityOptions options, LocalKeys keys)
    {
        server.EnableDegradedMode();
        server.SetIssuer(options.Issuer);
        server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token").SetEndSessionEndpointUris("connect/sign-out");
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowClientCredentialsFlow().AllowRefreshTokenFlow();
        server.SetAccessTokenLifetime(options.AccessToken).SetRefreshTokenLifetime(options.RefreshToken).SetAuthorizationCodeLifetime(TimeSpan.FromMinutes(1));
        server.RegisterScopes(Audience, OpenIddictConstants.Scopes.Profile, OpenIddictConstants.Scopes.OfflineAccess);
        server.AddSigningKey(keys.Signing).AddEncryptionKey(keys.Sealing).DisableAccessTokenEncryption();
        var host = server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableTokenEndpointPassthrough().EnableEndSessionEndpointPassthrough();
        if (options.Development)
            host.DisableTransportSecurityRequirement();
        server.AddEventHandler<ValidateAuthorizationRequestContext>(h => h.UseSingletonHandler<LocalClients>());
        server.AddEventHandler<ValidateTokenRequestContext>(h => h.UseSingletonHandler<LocalClients>());
        server.AddEventHandler<ValidateEndSessionRequestContext>(h => h.UseSingletonHandler<LocalClients>());
    }

    private static void Validate(JwtBearerOptions jwt, LocalIdentityOptions options, LocalKeys keys)
    {
        jwt.MapInboundClaims = false;
        jwt.RefreshOnIssuerKeyNotFound = false;
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            ValidIssuer = options.Issuer.AbsoluteUri,
            ValidAudience = Audience,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidTypes = ["at+jwt"],
            IssuerSigningKey = keys.Signing,
            // A token that names another key, or brings one, is not ours.
            TryAllIssuerSigningKeys = false,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = TimeSpan.FromSeconds(30),
        };
        jwt.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                var user = context.Principal!;
                if (!LocalTokens.IsTenantId(user.FindFirstValue(CallerClaims.Tenant)) || user.FindFirstValue(CallerClaims.Kind) is not (CallerClaims.Person or CallerClaims.Key)
                    || !user.HasScope(Audience))
                    context.Fail("The token lacks what this API needs.");
                return Task.CompletedTask;
            },
        };
    }

    private static bool HasScope(this ClaimsPrincipal user, string scope) =>
        user.FindAll("scope").Any(c => c.Value.Split(' ').Contains(scope, StringComparer.Ordinal));
}

/// <summary>Failed sign-ins: at most five in a minute from one address for one login, and thirty from one address.</summary>
internal sealed class SignInAttempts : IDisposable
{
    private readonly PartitionedRateLimiter<string> _byLogin = Limiter(5);
    private readonly PartitionedRateLimiter<string> _byAddress = Limiter(30);

    public bool MayTry(string address, string login) => _byAddress.AttemptAcquire(address).IsAcquired && _byLogin.AttemptAcquire($"{address}\n{login}").IsAcquired;

    public void Dispose()
    {
        _byLogin.Dispose();
        _byAddress.Dispose();
    }

    private static PartitionedRateLimiter<string> Limiter(int perMinute) => PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = perMinute,
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
        }));
}
