using System.Reflection;
using Countersign.Api.Identity;
using Countersign.Client;
using Microsoft.AspNetCore.Authorization;

namespace Countersign.Api.Http;

/// <summary>One route in one file.</summary>
internal interface IEndpoint
{
    /// <summary>Adds the route.</summary>
    static abstract void Map(RouteTable routes);
}

/// <summary>The routes of <c>/v1</c>. Adding one always says which permission it needs; nothing is reachable by forgetting.</summary>
internal sealed class RouteTable(IEndpointRouteBuilder app)
{
    private static readonly MethodInfo MapOne = typeof(RouteTable).GetMethod(nameof(Add), BindingFlags.Instance | BindingFlags.NonPublic)!;

    /// <summary>Adds every <see cref="IEndpoint"/> of this assembly.</summary>
    public static void MapAll(IEndpointRouteBuilder app)
    {
        var table = new RouteTable(app);
        foreach (var type in typeof(IEndpoint).Assembly.GetTypes().Where(t => t.IsClass && t.IsAssignableTo(typeof(IEndpoint))).OrderBy(t => t.FullName, StringComparer.Ordinal))
            MapOne.MakeGenericMethod(type).Invoke(table, null);
    }

    public RouteHandlerBuilder Get(string pattern, string permission, Delegate handler) => Shape(app.MapGet("/v1" + pattern, handler), permission);

    /// <summary>A POST creates or acts, so it requires an idempotency key.</summary>
    public RouteHandlerBuilder Post(string pattern, string permission, Delegate handler) =>
        Shape(app.MapPost("/v1" + pattern, handler).AddEndpointFilter<IdempotencyFilter>().WithMetadata(NeedsIdempotencyKey.Instance)
            .WithProblems(StatusCodes.Status409Conflict, StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType, StatusCodes.Status422UnprocessableEntity), permission);

    public RouteHandlerBuilder Put(string pattern, string permission, Delegate handler) => Conditional(app.MapPut("/v1" + pattern, handler), permission)
        .WithProblems(StatusCodes.Status413PayloadTooLarge, StatusCodes.Status415UnsupportedMediaType, StatusCodes.Status422UnprocessableEntity);

    public RouteHandlerBuilder Delete(string pattern, string permission, Delegate handler) => Conditional(app.MapDelete("/v1" + pattern, handler), permission);

    private RouteHandlerBuilder Conditional(RouteHandlerBuilder route, string permission) =>
        Shape(route.AddEndpointFilter<IfMatchFilter>().WithMetadata(NeedsIfMatch.Instance)
            .WithProblems(StatusCodes.Status409Conflict, StatusCodes.Status412PreconditionFailed, StatusCodes.Status428PreconditionRequired), permission);

    private static RouteHandlerBuilder Shape(RouteHandlerBuilder route, string permission)
    {
        var needs = new NeedsPermission(permission);
        return route
            .RequireAuthorization(new AuthorizationPolicyBuilder(AuthenticationSetup.ApiScheme).AddRequirements(needs).Build())
            .WithMetadata(needs)
            .AddEndpointFilter<BodyFilter>()
            .WithProblems(StatusCodes.Status400BadRequest, StatusCodes.Status401Unauthorized, StatusCodes.Status403Forbidden, StatusCodes.Status404NotFound,
                StatusCodes.Status406NotAcceptable, StatusCodes.Status429TooManyRequests, StatusCodes.Status500InternalServerError, StatusCodes.Status503ServiceUnavailable);
    }

    private void Add<T>()
        where T : IEndpoint => T.Map(this);
}

/// <summary>Which problems a route answers with, in the shape all problems have.</summary>
internal static class RouteProblems
{
    public static RouteHandlerBuilder WithProblems(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            route.Produces<Problem>(status, Problems.MediaType);
        return route;
    }
}

/// <summary>Acts on an instance are done whatever has happened since it was read, unless the caller names the version.</summary>
internal static class RoutePreconditions
{
    /// <summary>The route's only effect is one command of an instance; see <see cref="Http.ReceiptByRunner"/>.</summary>
    public static RouteHandlerBuilder ReceiptByRunner(this RouteHandlerBuilder route) => route.WithMetadata(Http.ReceiptByRunner.Instance);

    public static RouteHandlerBuilder TakesIfMatch(this RouteHandlerBuilder route) =>
        route.AddEndpointFilter<IfMatchWhenSentFilter>().WithMetadata(Http.TakesIfMatch.Instance).WithProblems(StatusCodes.Status412PreconditionFailed);
}

/// <summary>Marks routes that take <c>If-Match</c> and do not require it.</summary>
internal sealed class TakesIfMatch
{
    public static TakesIfMatch Instance { get; } = new();
}

/// <summary>Marks routes that require <c>Idempotency-Key</c>.</summary>
internal sealed class NeedsIdempotencyKey
{
    public static NeedsIdempotencyKey Instance { get; } = new();
}

/// <summary>Marks routes that require <c>If-Match</c>.</summary>
internal sealed class NeedsIfMatch
{
    public static NeedsIfMatch Instance { get; } = new();
}

/// <summary>Answers for a body that could not be read, before any handler sees it.</summary>
internal sealed class BodyFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var body = context.Arguments.OfType<IRequestBody>().FirstOrDefault();
        return body?.Problem ?? await next(context);
    }
}

/// <summary>Reads <c>If-Match</c>: one strong tag of a version number.</summary>
internal sealed class IfMatchFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) => context.HttpContext.Request.Headers.IfMatch.Count == 0
        ? ValueTask.FromResult<object?>(Problems.Of("precondition.missing", "Send If-Match with the ETag of the version you read, so that nobody's change is lost.", new ProblemError("If-Match", "missing")))
        : Read(context, next);

    public static async ValueTask<object?> Read(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var header = context.HttpContext.Request.Headers.IfMatch;
        if (header.Count != 1 || header[0] is not ['"', .. { Length: > 0 } digits, '"']
            || !long.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var version))
            return Problems.Of("precondition.invalid", "Send exactly the ETag that the resource was read with; '*', weak tags and lists are not accepted.",
                new ProblemError("If-Match", "not a version tag"));
        context.HttpContext.Features.Set(new ExpectedVersion(version));
        return await next(context);
    }
}

/// <summary>Reads <c>If-Match</c> where it is sent.</summary>
internal sealed class IfMatchWhenSentFilter : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Request.Headers.IfMatch.Count == 0 ? next(context) : IfMatchFilter.Read(context, next);
}

/// <summary>The version the caller last read.</summary>
/// <param name="Value">Version number.</param>
internal sealed record ExpectedVersion(long Value);
