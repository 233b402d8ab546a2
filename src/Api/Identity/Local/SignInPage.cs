using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.WebUtilities;

namespace Countersign.Api.Identity.Local;

/// <summary>The sign-in page of the built-in provider: one form, no script.</summary>
internal static class SignInPage
{
    public const string Style = """
        :root { color-scheme: light dark; --ink: #14202b; --soft: #55646f; --line: #d5dde3; --paper: #ffffff; --ground: #eef2f5; --accent: #0b5d5a; --bad: #a11d2a; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e8eef2; --soft: #a2b1bb; --line: #33424d; --paper: #18232b; --ground: #0f171d; --accent: #58c4b8; --bad: #ff9aa2; } }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
        main { width: 100%; max-width: 26rem; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; padding: 2rem; }
        h1 { margin: 0 0 .25rem; font-size: 1.35rem; } p { margin: 0 0 1.25rem; color: var(--soft); }
        label { display: block; font-weight: 600; margin: 0 0 1rem; }
        input { display: block; width: 100%; margin-top: .35rem; padding: .65rem .75rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--soft); border-radius: .4rem; }
        input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        button { width: 100%; padding: .75rem; font: inherit; font-weight: 600; color: var(--paper); background: var(--accent); border: 0; border-radius: .4rem; cursor: pointer; }
        .problem { color: var(--bad); font-weight: 600; }
        dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem .9rem; margin: 1.5rem 0 0; padding-top: 1.25rem; border-top: 1px solid var(--line); font-size: .9rem; }
        dt { font-family: ui-monospace, monospace; } dd { margin: 0; color: var(--soft); }
        """;

    public static IResult Show(HttpContext context)
    {
        var back = SafeReturn(context.Request.Query["returnUrl"]);
        return back is null ? Results.Redirect("/") : Render(context, back, null, StatusCodes.Status200OK);
    }

    /// <summary>The way back, if it is one of ours: only the authorization endpoint of this process.</summary>
    public static string? SafeReturn(string? url) =>
        url is { Length: > 0 and < 4_000 } && url.StartsWith("/connect/authorize?", StringComparison.Ordinal) && !url.Contains('\\', StringComparison.Ordinal) ? url : null;

    public static IResult Render(HttpContext context, string back, string? problem, int status)
    {
        var antiforgery = context.RequestServices.GetRequiredService<IAntiforgery>();
        var tokens = antiforgery.GetAndStoreTokens(context);
        var encode = HtmlEncoder.Default;
        var people = new StringBuilder();
        foreach (var person in DemoPeople.All.Where(p => !p.Login.EndsWith(DemoPeople.ProgramSuffix, StringComparison.Ordinal)))
        {
            var tenant = DemoPeople.Tenants.First(t => t.Id == person.TenantId).Name;
            people.Append(System.Globalization.CultureInfo.InvariantCulture, $"<dt>{encode.Encode(person.Login)}</dt><dd>{encode.Encode(tenant)}: {encode.Encode(person.Does)}</dd>");
        }

        // Browsers apply form-action to the redirects after the form as well: the console's origin must be in it.
        var console = QueryHelpers.ParseQuery(back[back.IndexOf('?', StringComparison.Ordinal)..]).TryGetValue("redirect_uri", out var redirect)
            && Uri.TryCreate(redirect, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? " " + uri.GetLeftPart(UriPartial.Authority) : "";
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'self'; form-action 'self'{console}; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        var message = problem is null ? "" : $"<p class=\"problem\" role=\"alert\">{encode.Encode(problem)}</p>";
        var html = $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in · Countersign</title><link rel="stylesheet" href="/connect/style.css"></head>
            <body><main>
            <h1>Sign in to Countersign</h1>
            <p>This is the built-in provider for trying the product out.</p>
            {message}
            <form method="post" action="/connect/sign-in?returnUrl={encode.Encode(Uri.EscapeDataString(back))}">
            <input type="hidden" name="{encode.Encode(tokens.FormFieldName)}" value="{encode.Encode(tokens.RequestToken ?? "")}">
            <label>Name <input name="login" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64" required autofocus></label>
            <label>Password <input name="password" type="password" autocomplete="current-password" maxlength="200" required></label>
            <button type="submit">Sign in</button>
            </form>
            <dl aria-label="Demo people">{people}</dl>
            <p></p><p>Everybody's password is <strong>demo</strong>.</p>
            </main></body></html>
            """;
        return Results.Content(html, "text/html", Encoding.UTF8, status);
    }
}
