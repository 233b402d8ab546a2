using Countersign.Console.Hosting;
using Countersign.Console.Session;
using Countersign.Console.Shell;
using Countersign.Console.Texts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Countersign.Console;

/// <summary>Puts the console into a host: <c>AddCountersignConsole</c> before build, <c>MapCountersignConsole</c> after it.</summary>
public static class ConsoleSetup
{
    internal const string OidcScheme = "console-oidc";
    internal const string Policy = "console";

    /// <summary>Adds the console's services. It needs no store: only the address of the API (<see cref="ConsoleOptions"/>).</summary>
    /// <param name="builder">The host.</param>
    /// <param name="provider">Adds the OpenID Connect scheme of this name where an identity provider has an own way to; the console's settings are applied after it. Null: any provider.</param>
    public static WebApplicationBuilder AddCountersignConsole(this WebApplicationBuilder builder, Action<AuthenticationBuilder, string>? provider = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.WebHost.UseStaticWebAssets();
        var services = builder.Services;
        services.AddOptions<ConsoleOptions>().Bind(builder.Configuration.GetSection(ConsoleOptions.Section))
            .Validate(o => o.SessionIdle >= TimeSpan.FromMinutes(1) && o.SessionIdle <= TimeSpan.FromHours(12), "Console:SessionIdle must be between 1 minute and 12 hours.")
            .Validate(o => o.SessionLongest >= TimeSpan.FromMinutes(5) && o.SessionLongest <= TimeSpan.FromHours(24), "Console:SessionLongest must be between 5 minutes and 24 hours.")
            .Validate(o => o.ApiAddress is null or { IsAbsoluteUri: true }, "Console:ApiAddress must be an absolute address such as https://countersign.example.com/.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpContextAccessor();
        services.AddMemoryCache();
        services.AddDistributedMemoryCache();
        services.AddDataProtection();
        services.AddRazorComponents();
        services.AddAntiforgery();
        services.AddSingleton<IConfigureOptions<AntiforgeryOptions>, AntiforgeryCookie>();
        services.AddSingleton<CookieNames>();
        services.AddSingleton<ApiAddress>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SessionRefresh>();
        services.AddScoped<CurrentSession>();
        services.AddScoped<SessionTokens>();
        services.AddScoped<ConsoleContext>();
        services.AddScoped<SignInTelling>();
        services.AddScoped<Clock>();
        services.AddScoped<Acts>();
        services.AddScoped(_ => Text.English);
        services.AddTransient<IStartupFilter, SecurityHeaders>();
        services.AddHttpClient(ConsoleContext.HttpClientName).RemoveAllLoggers().ConfigureHttpClient((provider, http) =>
        {
            http.BaseAddress = provider.GetRequiredService<ApiAddress>().Value;
            http.Timeout = TimeSpan.FromSeconds(30);
        });
        var authentication = services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, null);
        if (provider is null)
            authentication.AddOpenIdConnect(OidcScheme, _ => { });
        else
            provider(authentication, OidcScheme);
        services.AddSingleton<IConfigureOptions<OpenIdConnectOptions>, ConfigureOidc>();
        services.AddAuthorizationBuilder().AddPolicy(Policy, p => p.AddAuthenticationSchemes(SessionHandler.SchemeName).RequireAuthenticatedUser());
        return builder;
    }

    /// <summary>Maps the pages, forms and files of the console.</summary>
    public static WebApplication MapCountersignConsole(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseWhen(c => c.GetEndpoint()?.Metadata.GetMetadata<ConsoleEndpoint>() is not null, branch =>
        {
            branch.Use(async (context, next) =>
            {
                SecurityHeaders.Mark(context);
                await next(context);
            });
            branch.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = FailurePage.Answer, CreateScopeForErrors = true });
        });
        app.UseAntiforgery();
        app.MapStaticAssets().WithMetadata(ConsoleEndpoint.Instance).AllowAnonymous();
        app.MapRazorComponents<App>().WithMetadata(ConsoleEndpoint.Instance).RequireAuthorization(Policy).WithStaticAssets();
        var forms = app.MapGroup("").WithMetadata(ConsoleEndpoint.Instance).RequireAuthorization(Policy).ExcludeFromDescription();
        ConsoleEndpoints.Map(forms);
        ConsoleEndpoints.MapNowhere(app);
        return app;
    }
}
