using System.Collections.Frozen;
using Countersign.Domain;

namespace Countersign.Api.Http;

/// <summary>A problem as it is published: its code is the last part of <c>urn:countersign:problem:...</c>.</summary>
/// <param name="Code">Stable code <c>noun.reason</c>.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">Short summary; the same for every occurrence.</param>
public sealed record ProblemKind(string Code, int Status, string Title);

/// <summary>The public list of problems. A code is never renamed; docs/reference/problems.md is generated from here and compared by a test.</summary>
public static class ProblemTable
{
    /// <summary>Every problem the edge itself makes. Refusals of the domain take status and title from their kind.</summary>
    public static readonly FrozenDictionary<string, ProblemKind> Kinds = new ProblemKind[]
    {
        new("request.malformed", 400, "The request is malformed"),
        new("request.parameter_invalid", 400, "A parameter is not valid"),
        new("request.cursor_invalid", 400, "The cursor is not valid here"),
        new("request.timeout", 408, "The request took too long to arrive"),
        new("request.too_large", 413, "The request is too large"),
        new("request.media_type_unsupported", 415, "This content type or encoding is not accepted"),
        new("request.not_acceptable", 406, "No answer of an accepted type"),
        new("request.method_not_allowed", 405, "This method is not allowed here"),
        new("request.invalid", 422, "The content is not acceptable"),
        new("request.rate_limited", 429, "Too many requests"),
        new("plan.limit_reached", 402, "The plan's limit is reached"),
        new("plan.payment_overdue", 402, "The plan's payment is overdue"),
        new("idempotency.key_missing", 400, "Idempotency-Key is missing"),
        new("idempotency.key_invalid", 400, "Idempotency-Key is not valid"),
        new("idempotency.in_flight", 409, "The same call is still being carried out"),
        new("idempotency.key_reused", 422, "Idempotency-Key was used for another request"),
        new("precondition.missing", 428, "If-Match is missing"),
        new("precondition.invalid", 400, "If-Match is not valid"),
        new("precondition.failed", 412, "The resource has changed"),
        new("credential.missing", 401, "A credential is required"),
        new("credential.invalid", 401, "The credential is not accepted"),
        new("credential.insufficient", 403, "The credential lacks what is needed"),
        new("directory.unknown", 403, "The directory is not connected"),
        new("directory.closed", 403, "The directory's tenant is closed"),
        new("member.unknown", 403, "The person is not a member"),
        new("permission.denied", 403, "This is not allowed"),
        new("resource.not_found", 404, "There is no such thing"),
        new("route.unknown", 404, "There is no such route"),
        new("resource.conflict", 409, "The state has moved on"),
        new("process.invalid", 422, "The process cannot be published"),
        new("policy.invalid", 422, "The policy cannot be drafted"),
        new("job.lease_lost", 409, "The lease is another's"),
        new("job.too_many_waiting", 429, "Too many workers wait"),
        new("export.not_ready", 409, "The export is not ready"),
        new("service.failed", 500, "Something went wrong on our side"),
        new("service.unavailable", 503, "The service cannot answer now"),
    }.ToFrozenDictionary(k => k.Code, StringComparer.Ordinal);

    /// <summary>The problem a refusal of the domain becomes.</summary>
    public static ProblemKind Of(Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return refusal.Kind switch
        {
            // A refusal never tells a missing thing from a foreign one.
            RefusalKind.NotFound => Kinds["resource.not_found"],
            RefusalKind.Denied => new(refusal.Code, 403, Kinds["permission.denied"].Title),
            RefusalKind.Conflict => Kinds.GetValueOrDefault(refusal.Code) ?? new(refusal.Code, 409, Kinds["resource.conflict"].Title),
            RefusalKind.Invalid => new(refusal.Code, 422, Kinds["request.invalid"].Title),
            RefusalKind.Limit => new(refusal.Code, refusal.Code.EndsWith("too_large", StringComparison.Ordinal) ? 413 : 429, "A limit is reached"),
            _ => Kinds["service.failed"],
        };
    }
}
