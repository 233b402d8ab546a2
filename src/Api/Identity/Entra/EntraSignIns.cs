using Countersign.Console;
using Countersign.Projections.Databases;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Identity.Web;
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
            oidc.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.RsaSha256];
            oidc.TokenValidationParameters.TryAllIssuerSigningKeys = false;
            oidc.TokenValidationParameters.EnableAadSigningKeyIssuerValidation();
            oidc.TokenValidationParameters.ConfigurationManager ??= oidc.ConfigurationManager as BaseConfigurationManager;
            EntraOptions.TrustNoOldKeys(oidc.ConfigurationManager);
        });
    }

    private static string Name(string setting) => $"{ConsoleOptions.Section}:{setting}";

    private static void Default(ConfigurationManager configuration, string setting, string value)
    {
        if (string.IsNullOrEmpty(configuration[Name(setting)]))
            configuration[Name(setting)] = value;
    }
}
