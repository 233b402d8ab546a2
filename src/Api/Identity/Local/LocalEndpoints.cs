using System.Security.Claims;
using Countersign.Api.Http;
using Countersign.Domain.Tenants;
using Countersign.Workers.Tenants;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace Countersign.Api.Identity.Local;

/// <summary>Routes of the built-in provider under <c>/connect</c>.</summary>
internal static class LocalEndpoints
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public static void MapLocalIdentity(this WebApplication app)
    {
        if (app.Services.GetService<LocalIdentityOptions>() is null)
            return;
        var routes = app.MapGroup("/connect").AllowAnonymous().ExcludeFromDescription();
        routes.MapMethods("/authorize", ["GET", "POST"], Authorize).DisableAntiforgery();
        routes.MapPost("/token", Exchange).DisableAntiforgery();
        routes.MapMethods("/sign-out", ["GET", "POST"], (Delegate)SignOut).DisableAntiforgery();
        routes.MapGet("/sign-in", (Delegate)SignInPage.Show);
        routes.MapPost("/sign-in", SignIn).DisableAntiforgery();
        routes.MapGet("/style.css", () => Results.Text(SignInPage.Style, "text/css"));
    }

    private static async Task<IResult> Authorize(HttpContext context, IDirectory directory)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("No request of the authorization endpoint.");
        var person = DemoPeople.Find((await context.AuthenticateAsync(LocalIdentity.SignInScheme)).Principal?.FindFirstValue(OpenIddictConstants.Claims.PreferredUsername));
        if (person is null || await directory.FindMember(person.TenantId, person.MemberId, context.RequestAborted) is null || request.HasPromptValue("login"))
        {
            if (request.HasPromptValue("none"))
                return Refuse(OpenIddictConstants.Errors.LoginRequired, "Nobody is signed in.");
            // Without 'prompt', or the way back would ask again for ever.
            var back = context.Request.PathBase + context.Request.Path + QueryString.Create(context.Request.Query.Where(p => p.Key != "prompt"));
            return Results.Redirect("/connect/sign-in" + QueryString.Create("returnUrl", back));
        }

        var identity = LocalTokens.Identity(person.TenantId, person.MemberId, person.Name, CallerClaims.Person, Scheme);
        return Issue(identity, request.GetScopes());
    }

    private static async Task<IResult> Exchange(HttpContext context, IDirectory directory, AccessLog log)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("No request of the token endpoint.");
        if (request.IsClientCredentialsGrantType())
        {
            var identity = DemoPeople.Find(request.ClientId) is { } program
                ? LocalTokens.Identity(program.TenantId, program.MemberId, program.Name, CallerClaims.Person, Scheme)
                : LocalTokens.Identity(KeySecret.TenantOf(request.ClientSecret!)!, Guid.Parse(request.ClientId!).ToString("N"), "key", CallerClaims.Key, Scheme);
            return Issue(identity, [LocalIdentity.Audience]);
        }

        var before = (await context.AuthenticateAsync(Scheme)).Principal;
        var (tenant, subject) = (before?.FindFirstValue(CallerClaims.Tenant), before?.FindFirstValue(OpenIddictConstants.Claims.Subject));
        // A leaver's refresh token ends here, whatever its own life is.
        if (tenant is null || subject is null || await directory.FindMember(tenant, subject, context.RequestAborted) is not { } caller)
            return Refuse(OpenIddictConstants.Errors.InvalidGrant, "The person may no longer sign in.");
        // Before the first token goes out: a sign-in that cannot be recorded is none.
        if (request.IsAuthorizationCodeGrantType())
            await log.Record(tenant, caller.Actor, at => new SignedIn(subject, request.ClientId ?? "", Call.TraceId, at), context.RequestAborted);
        return Issue(LocalTokens.Identity(tenant, subject, caller.Name, CallerClaims.Person, Scheme), before!.GetScopes());
    }

    private static IResult Issue(ClaimsIdentity identity, IEnumerable<string> scopes)
    {
        identity.SetScopes(scopes).SetResources(LocalIdentity.Audience);
        identity.SetDestinations(claim => claim.Type is OpenIddictConstants.Claims.Name
            ? [OpenIddictConstants.Destinations.IdentityToken]
            : [OpenIddictConstants.Destinations.AccessToken, OpenIddictConstants.Destinations.IdentityToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), properties: null, Scheme);
    }

    private static async Task<IResult> SignIn(HttpContext context, IAntiforgery antiforgery, SignInAttempts attempts, AccessLog log)
    {
        var back = SignInPage.SafeReturn(context.Request.Query["returnUrl"]);
        if (back is null)
            return Results.Redirect("/");
        if (!context.Request.HasFormContentType || context.Request.ContentLength is null or > 8_192 || !await antiforgery.IsRequestValidAsync(context))
            return SignInPage.Render(context, back, "The form was open too long. Please try again.", StatusCodes.Status400BadRequest);
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var login = form["login"].ToString().Trim().ToLowerInvariant();
        if (!attempts.MayTry(context.Connection.RemoteIpAddress?.ToString() ?? "", login))
        {
            await Denied(log, login, "sign_in.too_many", context.RequestAborted);
            context.Response.Headers.RetryAfter = "60";
            return SignInPage.Render(context, back, "Too many attempts. Wait a minute and try again.", StatusCodes.Status429TooManyRequests);
        }

        if (DemoPeople.Find(login) is not { } person || person.Login.EndsWith(DemoPeople.ProgramSuffix, StringComparison.Ordinal) || form["password"] != DemoPeople.Password)
        {
            await Denied(log, login, "sign_in.wrong_password", context.RequestAborted);
            return SignInPage.Render(context, back, "This name and password do not belong together.", StatusCodes.Status401Unauthorized);
        }

        var identity = new ClaimsIdentity([new Claim(OpenIddictConstants.Claims.PreferredUsername, person.Login)], LocalIdentity.SignInScheme);
        await context.SignInAsync(LocalIdentity.SignInScheme, new ClaimsPrincipal(identity));
        return Results.Redirect(back);
    }

    // A name that nobody has belongs to no tenant, so there is no stream to record it in; the counter of attempts holds it up.
    private static Task Denied(AccessLog log, string login, string code, CancellationToken cancellation) => DemoPeople.Find(login) is not { } person
        ? Task.CompletedTask
        : log.Record(person.TenantId, ActorOf(person), code, "sign_in", null, null, Call.TraceId, cancellation);

    private static Actor ActorOf(DemoPerson person) => new(person.MemberId, ActorKind.Person, [], []);

    private static async Task<IResult> SignOut(HttpContext context, AccessLog log)
    {
        if (DemoPeople.Find((await context.AuthenticateAsync(LocalIdentity.SignInScheme)).Principal?.FindFirstValue(OpenIddictConstants.Claims.PreferredUsername)) is { } person)
            await log.Record(person.TenantId, ActorOf(person), at => new SignedOut(person.MemberId, Call.TraceId, at), context.RequestAborted);
        await context.SignOutAsync(LocalIdentity.SignInScheme);
        return Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [Scheme]);
    }

    private static IResult Refuse(string error, string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }),
        [Scheme]);
}
