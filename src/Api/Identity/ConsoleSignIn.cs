using Countersign.Api.Identity.Entra;
using Countersign.Console;
using Countersign.Projections.Databases;
using Microsoft.AspNetCore.Authentication;

namespace Countersign.Api.Identity;

/// <summary>Where people of the console sign in. A console at which nobody could does not start: each of its requests, health included, would only fail.</summary>
internal static class ConsoleSignIn
{
    private const string Authority = $"{ConsoleOptions.Section}:{nameof(ConsoleOptions.Authority)}";

    /// <summary>The console's provider; null: the authority of its settings or, outside of Production, the built-in one.</summary>
    /// <exception cref="StartUpException">There is no authority, or one that cannot be used.</exception>
    public static Action<AuthenticationBuilder, string>? SignInOfConsole(this WebApplicationBuilder builder)
    {
        var provider = builder.EntraSignIn();
        var configuration = builder.Configuration;
        if (configuration[Authority] is not { Length: > 0 } authority)
        {
            return LocalMayRun(builder)
                ? provider
                : throw new StartUpException(
                    $"Nobody could sign in to the console, because no identity provider is set and the built-in one does not run here: set {EntraOptions.Section} (docs/how-to/connect-entra.md), or {Authority} to the address of another OpenID Connect provider.");
        }

        if (!Uri.TryCreate(authority, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new StartUpException($"The setting {Authority} is '{authority}': use the address of the identity provider, such as https://login.example.com/.");
        return address.Scheme == "https" || !HttpsOnly(builder)
            ? provider
            : throw new StartUpException($"The setting {Authority} is '{authority}': use an address with https, or set ASPNETCORE_ENVIRONMENT=Development to try the product without.");
    }

    private static bool LocalMayRun(WebApplicationBuilder builder) =>
        !builder.Environment.IsProduction() && !(bool.TryParse(builder.Configuration["Identity:Local:Enabled"], out var enabled) && !enabled);

    private static bool HttpsOnly(WebApplicationBuilder builder) =>
        bool.TryParse(builder.Configuration[$"{ConsoleOptions.Section}:{nameof(ConsoleOptions.RequireHttps)}"], out var https) ? https : !builder.Environment.IsDevelopment();
}
