using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Countersign.Api.Identity;

/// <summary>Authenticates API keys.</summary>
internal sealed class KeyScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IDirectory directory)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "api-key";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Bearer.Of(Request) is not { } key || KeySecret.TenantOf(key) is not { } tenant)
            return AuthenticateResult.Fail("Not a well-formed key.");
        // The look-up is by hash, so its time tells nothing about the secret.
        if (await directory.FindKeyBySecret(tenant, KeySecret.Hash(key), Context.RequestAborted) is not { } id)
            return AuthenticateResult.Fail("Unknown or ended key.");
        var identity = new ClaimsIdentity(
            [new(CallerClaims.Tenant, tenant), new(CallerClaims.Subject, id.ToString("N")), new(CallerClaims.Kind, CallerClaims.Key)], Scheme.Name);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }
}

/// <summary>Reads the Authorization header.</summary>
internal static class Bearer
{
    public static string? Of(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        return header.Count == 1 && header[0] is { Length: > 7 and < 8_192 } text && text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? text[7..].Trim()
            : null;
    }
}
