using Countersign.Console;
using Countersign.Projections.Databases;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Microsoft.IdentityModel.Validators;

namespace Countersign.Api.Identity.Entra;

/// <summary>Sign-in to the console with Microsoft Entra ID, in any node that has the console's role; it needs no store.</summary>
internal static class EntraSignIns
{
    /// <summary>The console's provider, or null where Entra ID is not configured or the console was given another authority.</summary>
    /// <exception cref="StartUpException">A setting is missing.</exception>
    public static Action<AuthenticationBuilder, string>? EntraSignIn(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        if (EntraOptions.From(configuration) is not { } options || configuration[Name(nameof(ConsoleOptions.Authority))] is { Length: > 0 } other && other.TrimEnd('/') != options.Authority)
            return null;
        if (string.IsNullOrEmpty(configuration[Name(nameof(ConsoleOptions.ClientSecret))]))
            throw new StartUpException($"The setting {Name(nameof(ConsoleOptions.ClientSecret))} is not set: Entra ID gives the console no tokens without the client secret of the app registration. Set it from your secret store.");
        Default(configuration, nameof(ConsoleOptions.Authority), options.Authority);
        Default(configuration, nameof(ConsoleOptions.ClientId), options.ClientId);
        Default(configuration, nameof(ConsoleOptions.Scopes), $"openid profile offline_access api://{options.ClientId}/{options.Scope}");
        // Entra tells nobody here who signed in: the console does, at the API, with the person's own token.
        Default(configuration, nameof(ConsoleOptions.TellsSignIns), bool.TrueString);
        return (authentication, scheme) => Add(authentication, scheme, options);
    }

    private static void Add(AuthenticationBuilder authentication, string scheme, EntraOptions options)
    {
        authentication.AddMicrosoftIdentityWebApp(
            entra => (entra.Instance, entra.TenantId, entra.ClientId) = (options.Instance.AbsoluteUri, EntraOptions.AnyOrganization, options.ClientId),
            openIdConnectScheme: scheme,
            // The console has a session of its own: its cookie holds a number and nothing else.
            cookieScheme: null);
        authentication.Services.PostConfigure<OpenIdConnectOptions>(scheme, oidc =>
        {
            oidc.RefreshInterval = options.KeysAgainAfter;
            oidc.AutomaticRefreshInterval = EntraOptions.KeysLife;
            oidc.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.RsaSha256];
            oidc.TokenValidationParameters.TryAllIssuerSigningKeys = false;
            oidc.TokenValidationParameters.ClockSkew = EntraOptions.ClockSkew;
            oidc.TokenValidationParameters.EnableAadSigningKeyIssuerValidation();
            oidc.TokenValidationParameters.ConfigurationManager ??= oidc.ConfigurationManager as BaseConfigurationManager;
            EntraOptions.TrustNoOldKeys(oidc.ConfigurationManager);
            oidc.Events.OnTokenResponseReceived = RequireSignature;
        });
    }

    // The handler lets an unsigned id token pass when it came from the token endpoint, as OpenID Connect allows. Entra signs every one.
    private static Task RequireSignature(TokenResponseReceivedContext context)
    {
        if (context.TokenEndpointResponse.IdToken is not { } token || new JsonWebToken(token) is not { Alg: SecurityAlgorithms.RsaSha256 } read || EntraTokens.AsksForMore(read))
            context.Fail("The id token is not signed with RS256, or has a critical header.");
        return Task.CompletedTask;
    }

    private static string Name(string setting) => $"{ConsoleOptions.Section}:{setting}";

    private static void Default(ConfigurationManager configuration, string setting, string value)
    {
        if (string.IsNullOrEmpty(configuration[Name(setting)]))
            configuration[Name(setting)] = value;
    }
}
