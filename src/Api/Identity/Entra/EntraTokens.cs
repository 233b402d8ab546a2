using System.Security.Claims;
using Countersign.Api.Http;
using Countersign.Domain.Tenants;
using Countersign.Workers.Tenants;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Identity.Web;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Countersign.Api.Identity.Entra;

/// <summary>
/// Bearer tokens of Microsoft Entra ID, from many directories, each registered as a tenant. Microsoft.Identity.Web checks issuer, signing key and the key's issuer;
/// <see cref="EntraRules"/> says the rest.
/// </summary>
internal static partial class EntraTokens
{
    public const string Scheme = "entra-token";

    public static void AddEntraTokens(this WebApplicationBuilder builder, EntraOptions options)
    {
        builder.Services.AddSingleton(options);
        builder.Services.AddAuthentication().AddMicrosoftIdentityWebApi(
            jwt => Validate(jwt, options),
            entra => (entra.Instance, entra.TenantId, entra.ClientId) = (options.Instance.AbsoluteUri, EntraOptions.AnyOrganization, options.ClientId),
            Scheme);
        builder.Services.PostConfigure<JwtBearerOptions>(Scheme, jwt => EntraOptions.TrustNoOldKeys(jwt.ConfigurationManager));
    }

    /// <summary>Whether a token may come from here; nothing but a choice of who judges it.</summary>
    public static bool Claims(string token)
    {
        var handler = new JsonWebTokenHandler();
        if (!handler.CanReadToken(token))
            return false;
        try
        {
            return !handler.ReadJsonWebToken(token).TryGetPayloadValue<string>(CallerClaims.Tenant, out _);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return false;
        }
    }

    /// <summary>Records a refused attempt of somebody whose directory is a tenant here; another has no stream to be recorded in, only the log.</summary>
    public static async Task Deny(HttpContext http, EntraVerdict verdict, string command)
    {
        var refusal = verdict.Refusal ?? throw new ArgumentException("Nothing was refused.", nameof(verdict));
        http.Features.Set(refusal);
        if (verdict is { Tenant: { } tenant, Subject: { } subject })
        {
            await http.RequestServices.GetRequiredService<AccessLog>()
                .Record(tenant.TenantId, new Actor(subject, verdict.Program ? ActorKind.Key : ActorKind.Person, [], []), refusal.Code, command, null, null, Call.TraceId, http.RequestAborted);
        }
        else
        {
            LogRefused(http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(EntraTokens)), command, refusal.Code, refusal.Detail);
        }
    }

    private static void Validate(JwtBearerOptions jwt, EntraOptions options)
    {
        jwt.MapInboundClaims = false;
        jwt.RefreshInterval = options.KeysAgainAfter;
        jwt.AutomaticRefreshInterval = EntraOptions.KeysLife;
        jwt.TokenValidationParameters = new TokenValidationParameters
        {
            // Exactly one, and ours: a token for two services can be replayed by the other.
            AudienceValidator = (audiences, _, _) => audiences.ToList() is [var only] && only == options.ClientId,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidTypes = ["JWT", "at+jwt"],
            TryAllIssuerSigningKeys = false,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = EntraOptions.ClockSkew,
        };
        jwt.Events = new JwtBearerEvents { OnTokenValidated = context => Judge(context, options) };
    }

    /// <summary>Whether the header names something that whoever reads the token must understand (RFC 7515, 4.1.11). Entra ID sends none, and nothing here understands any.</summary>
    public static bool AsksForMore(SecurityToken? token) => token is not JsonWebToken read || read.TryGetHeaderValue<object>("crit", out _);

    private static async Task Judge(TokenValidatedContext context, EntraOptions options)
    {
        if (AsksForMore(context.SecurityToken))
        {
            context.Fail("The token has a critical header.");
            return;
        }

        var verdict = EntraRules.OfAccessToken(context.Principal!, options);
        if (verdict is { Refusal: null, Program: false } && await Find(context.HttpContext, verdict) is null)
            verdict = verdict.NoMember();
        if (verdict.Refusal is { } refusal)
        {
            await Deny(context.HttpContext, verdict, "token");
            context.Fail(refusal.Code);
            return;
        }

        var identity = new ClaimsIdentity(Scheme);
        identity.AddClaims([
            new(CallerClaims.Tenant, verdict.Tenant!.TenantId), new(CallerClaims.Subject, verdict.Subject!), new(CallerClaims.Kind, verdict.Program ? CallerClaims.Application : CallerClaims.Person),
            .. verdict.Roles.Select(r => new Claim(CallerClaims.Role, r)), .. verdict.Groups.Select(g => new Claim(CallerClaims.Group, g))]);
        context.Principal = new ClaimsPrincipal(identity);
    }

    private static ValueTask<Caller?> Find(HttpContext http, EntraVerdict verdict) =>
        http.RequestServices.GetRequiredService<IDirectory>().FindMember(verdict.Tenant!.TenantId, verdict.Subject!, http.RequestAborted);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Entra ID: refused ({Command}, {Code}). {Detail}")]
    private static partial void LogRefused(ILogger logger, string command, string code, string detail);
}
