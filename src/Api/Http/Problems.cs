using System.Text.Json;
using Countersign.Client;
using Countersign.Domain;

namespace Countersign.Api.Http;

/// <summary>Makes problem answers.</summary>
internal static class Problems
{
    public const string MediaType = "application/problem+json";
    private const string MissingDetail = "There is no such thing in your tenant, or you may not see it. Check the id and the credential you use.";

    public static ProblemAnswer NotFound() => Of("resource.not_found", MissingDetail);

    public static ProblemAnswer Malformed(string detail, string pointer = "") => Of("request.malformed", detail, new ProblemError(pointer, detail));

    public static ProblemAnswer BadParameter(string name, string detail) => Of("request.parameter_invalid", $"The parameter '{name}' is not valid: {detail}",
        new ProblemError(name, detail));

    public static ProblemAnswer Invalid(string pointer, string detail) => Of("request.invalid", detail, new ProblemError(pointer, detail));

    public static ProblemAnswer Of(string code, string detail, params ProblemError[] errors) => new(ProblemTable.Kinds[code], detail, errors);

    public static ProblemAnswer Of(Refusal refusal) =>
        new(ProblemTable.Of(refusal), refusal.Kind == RefusalKind.NotFound ? MissingDetail : refusal.Detail, [])
        {
            // 'Later' without a time would be repeated at once.
            RetryAfter = refusal.Kind == RefusalKind.Limit || refusal.Code == "idempotency.in_flight" ? TimeSpan.FromSeconds(1) : null,
        };

    /// <summary>The problem for a status that was set without a body: by routing, authentication or the server.</summary>
    public static ProblemAnswer OfStatus(int status) => status switch
    {
        400 => Of("request.malformed", "The request could not be understood. Compare it with /openapi/v1.json."),
        401 => Of("credential.missing", "Send 'Authorization: Bearer' with an access token or an API key."),
        403 => Of("permission.denied", "Your roles do not allow this. Ask an administrator of your tenant."),
        404 => Of("route.unknown", "Nothing answers at this address. Compare it with /openapi/v1.json."),
        405 => Of("request.method_not_allowed", "The Allow header names the methods of this address."),
        406 => Of("request.not_acceptable", "Accept 'application/json', or the type this route is documented with."),
        408 => Of("request.timeout", "Send the request again, and faster."),
        413 => Of("request.too_large", "Send less; the limit of each route is in /openapi/v1.json."),
        415 => Of("request.media_type_unsupported", "Send the content type this route is documented with, without Content-Encoding."),
        429 => Of("request.rate_limited", "Wait as long as Retry-After says."),
        503 => Of("service.unavailable", "Try again as Retry-After says."),
        < 500 => Of("request.malformed", "The request could not be understood. Compare it with /openapi/v1.json."),
        _ => Of("service.failed", "Try again; if it stays, quote the trace id to support."),
    };
}

/// <summary>A problem as an answer.</summary>
internal sealed class ProblemAnswer(ProblemKind kind, string detail, IReadOnlyList<ProblemError> errors) : IResult
{
    public ProblemKind Kind => kind;

    public string Detail => detail;

    public TimeSpan? RetryAfter { get; init; }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = kind.Status;
        response.ContentType = Problems.MediaType;
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } pause)
            response.Headers.RetryAfter = ((int)Math.Ceiling(pause.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await JsonSerializer.SerializeAsync(response.Body, Body(Call.TraceId ?? httpContext.TraceIdentifier), ClientJson.Options, httpContext.RequestAborted);
    }

    /// <summary>The body, as sent and as stored.</summary>
    public Problem Body(string? traceId) =>
        new($"urn:countersign:problem:{kind.Code}", kind.Title, kind.Status, detail, traceId, errors.Count == 0 ? null : errors, kind.Code);
}
