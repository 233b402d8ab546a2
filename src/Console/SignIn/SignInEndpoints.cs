using Countersign.Console.Hosting;
using Countersign.Console.Session;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Countersign.Console.SignIn;

internal static class SignInEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapGet("/sign-in/start", Start).AllowAnonymous();
        forms.MapPost("/sign-out", SignOut).AllowAnonymous();
        forms.MapPost("/theme", Theme).AllowAnonymous();
    }

    private static IResult Start([FromQuery(Name = "return")] string? back) =>
        TypedResults.Challenge(new AuthenticationProperties { RedirectUri = LocalPath.Safe(back) ?? "/" }, [ConsoleSetup.OidcScheme]);

    private static async Task<IResult> SignOut(HttpContext context, SessionStore store, CookieNames names, SignInTelling telling)
    {
        var id = context.Request.Cookies[names.Session];
        var session = SessionStore.LooksLikeId(id) ? await store.Find(id!, context.RequestAborted) : null;
        if (session is not null)
            await telling.SignsOut(id!, session, context.RequestAborted);
        await context.SignOutAsync(SessionHandler.SchemeName);
        var properties = new AuthenticationProperties { RedirectUri = ConfigureOidc.SignedOutPath };
        if (session?.IdToken is { } idToken)
            properties.SetParameter("id_token", idToken);
        return session is null ? TypedResults.Redirect(ConfigureOidc.SignedOutPath) : TypedResults.SignOut(properties, [ConsoleSetup.OidcScheme]);
    }

    private static async Task<IResult> Theme(HttpContext context, CookieNames names)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var theme = form["theme"].ToString();
        var options = names.Options();
        if (theme is "light" or "dark")
        {
            options.MaxAge = TimeSpan.FromDays(365);
            context.Response.Cookies.Append(names.Theme, theme, options);
        }
        else
        {
            context.Response.Cookies.Delete(names.Theme, options);
        }

        return TypedResults.LocalRedirect(LocalPath.Safe(form["return"]) ?? "/");
    }
}
