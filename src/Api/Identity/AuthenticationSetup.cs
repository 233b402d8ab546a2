using Countersign.Api.Http;
using Countersign.Api.Identity.Entra;
using Countersign.Api.Identity.Local;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Countersign.Api.Identity;

/// <summary>
/// Who may call. Every way to prove oneself is a scheme that yields the same few claims (<see cref="CallerClaims"/>); what those may do is read from the tenant's
/// records at each request. A further provider is one more scheme and one more line in the selector.
/// </summary>
internal static class AuthenticationSetup
{
    /// <summary>The scheme of <c>/v1</c>: picks the scheme that understands the credential.</summary>
    public const string ApiScheme = "api";

    public static void AddIdentity(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddAuthentication(ApiScheme)
            .AddPolicyScheme(ApiScheme, null, options => options.ForwardDefaultSelector = Select)
            .AddScheme<AuthenticationSchemeOptions, KeyScheme>(KeyScheme.Name, null)
            .AddScheme<AuthenticationSchemeOptions, NoScheme>(NoScheme.Name, null);
        services.AddSingleton<IAuthorizationHandler, PermissionHandler>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationAnswers>();
        services.AddAuthorizationBuilder()
            // What declares nothing is closed. Without a route there is nothing to protect: routing answers 404, 405 or 415.
            .SetFallbackPolicy(new AuthorizationPolicyBuilder(ApiScheme).RequireAssertion(c => c.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint).Build());
        services.AddSingleton<InFlightCalls>();
        if (LocalIdentityOptions.From(builder.Configuration, builder.Environment) is { } local)
            builder.AddLocalIdentity(local);
        if (EntraOptions.From(builder.Configuration) is { } entra)
            builder.AddEntraTokens(entra);
    }

    private static string Select(HttpContext context) => Bearer.Of(context.Request) switch
    {
        null => NoScheme.Name,
        var text when text.StartsWith(KeySecret.Prefix, StringComparison.Ordinal) => KeyScheme.Name,
        var text when context.RequestServices.GetService<EntraOptions>() is not null && (context.RequestServices.GetService<LocalKeys>() is null || EntraTokens.Claims(text)) => EntraTokens.Scheme,
        _ => context.RequestServices.GetService<LocalKeys>() is not null ? LocalIdentity.TokenScheme : NoScheme.Name,
    };
}
