using System.Security.Cryptography;
using Scalar.AspNetCore;

namespace Countersign.Api.Hosting;

/// <summary>
/// The page to read the API on, for whoever writes a program against it: <c>/docs/api</c>, over the service's own description. It needs no sign-in, sends nothing, and asks no other
/// host for anything; its content security policy holds it to that.
/// </summary>
internal static class ApiPage
{
    /// <summary>Where it is.</summary>
    public const string Path = "/docs/api";

    private const string Nonce = "Countersign.ApiPage.Nonce";

    /// <summary>Headers of every answer below the page's path, failures included.</summary>
    public static void UseApiPageHeaders(this WebApplication app) => app.UseWhen(c => c.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal), page => page.Use((context, next) =>
    {
        var nonce = RandomNumberGenerator.GetHexString(36, lowercase: true);
        context.Items[Nonce] = nonce;
        Write(context.Response.Headers, nonce);
        return next(context);
    }));

    public static void MapApiPage(this WebApplication app) => app.MapScalarApiReference(Path, (options, context) =>
        options.WithTitle("Countersign API").AddDocument("v1").WithOpenApiRoutePattern("/openapi/{documentName}.json")
            // Nothing of another host: fonts, counting, an assistant. The script is served by this service.
            .DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideDeveloperTools()
            // A page to read: no key is typed into it, and it calls nothing but the description.
            .HideTestRequestButton().HideClientButton()
            .WithNonce((string)context.Items[Nonce]!)).AllowAnonymous().ExcludeFromDescription();

    private static void Write(IHeaderDictionary headers, string nonce)
    {
        // Scripts run by this answer's nonce alone. Styles are the one thing relaxed against the console's policy: the page's script makes style elements and attributes without a nonce.
        // What a style could do with it is little: nothing of a tenant is on the page, and nothing can be loaded from or sent to another host.
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
            + "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
    }
}
