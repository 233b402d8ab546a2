using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;

namespace Countersign.Api.Identity.Local;

/// <summary>Principals and tokens of the built-in provider.</summary>
internal sealed class LocalTokens(LocalIdentityOptions options, LocalKeys keys, TimeProvider clock)
{
    private static readonly JsonWebTokenHandler Writer = new() { SetDefaultTimesOnTokenCreation = false };

    public static bool IsTenantId(string? text) => text is { Length: >= 8 and <= 32 } && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9'));

    /// <summary>What tokens say about a caller: tenant, id and kind. Never roles: those are read from the tenant's records at each request.</summary>
    public static ClaimsIdentity Identity(string tenantId, string subject, string name, string kind, string scheme)
    {
        var identity = new ClaimsIdentity(scheme, OpenIddictConstants.Claims.Name, OpenIddictConstants.Claims.Role);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, subject).SetClaim(OpenIddictConstants.Claims.Name, name)
            .SetClaim(CallerClaims.Tenant, tenantId).SetClaim(CallerClaims.Kind, kind);
        return identity;
    }

    /// <summary>An access token for this process's own use at the first start (publishing the sample pack as demo people do).</summary>
    public string For(DemoPerson person)
    {
        var now = clock.GetUtcNow();
        return Writer.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = options.Issuer.AbsoluteUri,
            Audience = LocalIdentity.Audience,
            TokenType = "at+jwt",
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = now.Add(options.AccessToken).UtcDateTime,
            SigningCredentials = new SigningCredentials(keys.Signing, SecurityAlgorithms.RsaSha256),
            Claims = new Dictionary<string, object>
            {
                [OpenIddictConstants.Claims.Subject] = person.MemberId,
                [CallerClaims.Tenant] = person.TenantId,
                [CallerClaims.Kind] = CallerClaims.Person,
                ["scope"] = LocalIdentity.Audience,
            },
        });
    }
}
