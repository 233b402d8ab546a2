using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Countersign.Console.Session;

/// <summary>
/// Signs in by session: the cookie holds a random id, everything else stays on the server. A sign-in always makes a new id, so a planted one is worth nothing.
/// </summary>
internal sealed class SessionHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, SessionStore store,
    CurrentSession current, CookieNames names)
    : SignInAuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "console";

    // The time of last use is written at most this often.
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var id = Request.Cookies[names.Session];
        if (!SessionStore.LooksLikeId(id) || await store.Find(id!, Context.RequestAborted) is not { } session)
            return AuthenticateResult.NoResult();
        var now = TimeProvider.GetUtcNow();
        if (now - session.SeenAt > TouchEvery)
        {
            session = session with { SeenAt = now };
            await store.Save(id!, session, Context.RequestAborted);
        }

        current.Set(id!, session);
        return AuthenticateResult.Success(new AuthenticationTicket(Principal(session), Scheme.Name));
    }

    protected override async Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        if (Request.Cookies[names.Session] is { } old && SessionStore.LooksLikeId(old))
            await store.Remove(old, Context.RequestAborted);
        var now = TimeProvider.GetUtcNow();
        var session = new ConsoleSession(
            user.FindFirstValue("name") ?? user.FindFirstValue("preferred_username") ?? user.FindFirstValue("sub") ?? "",
            user.FindFirstValue("sub") ?? user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "",
            properties.GetTokenValue("access_token") ?? throw new InvalidOperationException("The authority answered without an access token: add the scope of the API to Console:Scopes."),
            DateTimeOffset.TryParse(properties.GetTokenValue("expires_at"), CultureInfo.InvariantCulture, out var ends) ? ends : now.AddMinutes(5),
            properties.GetTokenValue("refresh_token"), properties.GetTokenValue("id_token"), now, now);
        var id = SessionStore.NewId();
        await store.Save(id, session, Context.RequestAborted);
        current.Set(id, session);
        Response.Cookies.Append(names.Session, id, names.Options());
    }

    protected override async Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        if (Request.Cookies[names.Session] is { } id && SessionStore.LooksLikeId(id))
            await store.Remove(id, Context.RequestAborted);
        Response.Cookies.Delete(names.Session, names.Options());
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        // A form that was sent after the session ended cannot be repeated by a redirect: its page is where to go on.
        var back = HttpMethods.IsGet(Request.Method) ? Request.PathBase + Request.Path + Request.QueryString : "/";
        if (Request.Headers.Accept.Any(a => a?.Contains("application/json", StringComparison.Ordinal) == true))
            Response.StatusCode = StatusCodes.Status401Unauthorized;
        else
            Response.Redirect(QueryHelpers.AddQueryString("/sign-in", "return", back!));
        return Task.CompletedTask;
    }

    private ClaimsPrincipal Principal(ConsoleSession session) =>
        new(new ClaimsIdentity([new Claim("sub", session.Subject), new Claim("name", session.Name)], Scheme.Name, "name", "role"));
}
