using System.Collections.Immutable;
using System.Security.Claims;
using Countersign.Api.Http;
using Countersign.Api.Identity.Entra;
using Countersign.Workers.Tenants;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace Countersign.Api.Identity;

/// <summary>A route's permission: metadata of the route and requirement of its policy.</summary>
/// <param name="permission">One of <see cref="Permission"/>.</param>
internal sealed class NeedsPermission(string permission) : IAuthorizationRequirement
{
    public string Name => permission;
}

/// <summary>Looks the caller up in the tenant's records and compares; a denied attempt of a known caller is recorded.</summary>
internal sealed class PermissionHandler(IDirectory directory, AccessLog log) : AuthorizationHandler<NeedsPermission>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, NeedsPermission requirement)
    {
        if (context.Resource is not HttpContext http || context.User.Identity?.IsAuthenticated != true || await Find(http, context.User) is not { } caller)
        {
            context.Fail(new AuthorizationFailureReason(this, AuthorizationAnswers.UnknownCaller));
            return;
        }

        http.Features.Set(caller);
        if (caller.May(requirement.Name))
        {
            context.Succeed(requirement);
            return;
        }

        var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
        await log.Record(caller.TenantId, caller.Actor, "permission.denied", $"{http.Request.Method} {route} ({requirement.Name})", null, null, Call.TraceId, http.RequestAborted);
        context.Fail(new AuthorizationFailureReason(this, requirement.Name));
    }

    private async ValueTask<Caller?> Find(HttpContext http, ClaimsPrincipal user)
    {
        var (tenant, subject) = (user.FindFirstValue(CallerClaims.Tenant), user.FindFirstValue(CallerClaims.Subject));
        if (tenant is null || subject is null)
            return null;
        return user.FindFirstValue(CallerClaims.Kind) switch
        {
            CallerClaims.Person => Vouched(await directory.FindMember(tenant, subject, http.RequestAborted), user),
            CallerClaims.Application when Of(user, CallerClaims.Role) is { Length: > 0 } roles => await directory.FindApplication(tenant, subject, roles, http.RequestAborted),
            CallerClaims.Key when Guid.TryParseExact(subject, "N", out var id) => await directory.FindKey(tenant, id, http.RequestAborted),
            _ => null,
        };
    }

    // Only Entra ID's scheme is believed about roles; the scheme itself has mapped them to our names.
    private static Caller? Vouched(Caller? caller, ClaimsPrincipal user)
    {
        if (caller is null || (Of(user, CallerClaims.Role), Of(user, CallerClaims.Group)) is ([], []))
            return caller;
        var actor = caller.Actor with { Roles = [.. caller.Actor.Roles.Union(Of(user, CallerClaims.Role))], Groups = [.. caller.Actor.Groups.Union(Of(user, CallerClaims.Group))] };
        return caller with { Actor = actor, Permissions = Permission.Of(actor.Roles, actor.Groups) };
    }

    private static ImmutableArray<string> Of(ClaimsPrincipal user, string type) =>
        user.Identity?.AuthenticationType == EntraTokens.Scheme ? [.. user.FindAll(type).Select(c => c.Value)] : [];
}

/// <summary>Answers of authentication and authorization are problems like all others.</summary>
internal sealed class AuthorizationAnswers(RateLimits limits) : IAuthorizationMiddlewareResultHandler
{
    public const string UnknownCaller = "unknown caller";
    private readonly AuthorizationMiddlewareResultHandler _usual = new();

    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        // Whoever is known is counted, also when denied: before a body is read and before anything is done.
        if (context.Features.Get<Caller>() is { } caller && limits.Count(context, caller) is { } tooMany)
            return tooMany.ExecuteAsync(context);
        if (authorizeResult.Succeeded)
            return next(context);
        // Pages of the console answer by redirecting to their sign-in.
        if (context.GetEndpoint()?.Metadata.GetMetadata<NeedsPermission>() is null)
            return _usual.HandleAsync(next, context, policy, authorizeResult);
        if (context.Features.Get<CredentialRefusal>() is { } refusal)
            return refusal.Answer(context);
        var unknown = authorizeResult.Challenged || authorizeResult.AuthorizationFailure?.FailureReasons.Any(r => r.Message == UnknownCaller) == true;
        if (!unknown)
            return Problems.OfStatus(StatusCodes.Status403Forbidden).ExecuteAsync(context);
        var sent = context.Request.Headers.Authorization.Count > 0;
        context.Response.Headers.WWWAuthenticate = sent ? "Bearer error=\"invalid_token\"" : "Bearer";
        return (sent
            ? Problems.Of("credential.invalid", "The token or key is unknown, has ended, or belongs to someone who may no longer sign in. Get a new one.")
            : Problems.OfStatus(StatusCodes.Status401Unauthorized)).ExecuteAsync(context);
    }
}
