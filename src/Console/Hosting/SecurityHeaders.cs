using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Countersign.Console.Hosting;

/// <summary>Marks an endpoint as the console's.</summary>
internal sealed class ConsoleEndpoint
{
    public static ConsoleEndpoint Instance { get; } = new();
}

/// <summary>Puts the security headers on every answer of a console endpoint, redirects and failures included.</summary>
internal sealed class SecurityHeaders(IOptions<ConsoleOptions> options) : IStartupFilter
{
    private static readonly object Key = new();

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, go) =>
        {
            context.Response.OnStarting(() =>
            {
                if (context.Items.ContainsKey(Key) || context.GetEndpoint()?.Metadata.GetMetadata<ConsoleEndpoint>() is not null)
                    Write(context);
                return Task.CompletedTask;
            });
            await go(context);
        });
        next(app);
    };

    /// <summary>Remembers that the request is the console's: an exception handler hides its endpoint.</summary>
    public static void Mark(HttpContext context) => context.Items[Key] = true;

    private void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        // An external authority ends a session by a redirect of our form, so its origin may be a form's target.
        var forms = options.Value.Authority is { } authority ? $"'self' {authority.GetLeftPart(UriPartial.Authority)}" : "'self'";
        if (string.IsNullOrEmpty(headers.ContentSecurityPolicy))
        {
            headers.ContentSecurityPolicy =
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
                + $"manifest-src 'self'; form-action {forms}; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";
        }

        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
        if (string.IsNullOrEmpty(headers.CacheControl))
            headers.CacheControl = "no-store";
    }
}
