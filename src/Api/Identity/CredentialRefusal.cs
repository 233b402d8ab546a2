using Countersign.Api.Http;

namespace Countersign.Api.Identity;

/// <summary>Why a credential that is really the provider's is refused nevertheless. A scheme leaves it with the request; the answer then says what to do next.</summary>
/// <param name="Code">Code of the problem; also what the trail records.</param>
/// <param name="Detail">The sentence for the caller.</param>
internal sealed record CredentialRefusal(string Code, string Detail)
{
    public Task Answer(HttpContext context)
    {
        // RFC 6750, 3.1: a token that is none is invalid; one that is good but not for this is insufficient.
        var error = ProblemTable.Kinds[Code].Status == StatusCodes.Status401Unauthorized ? "invalid_token" : "insufficient_scope";
        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"{error}\"";
        return Problems.Of(Code, Detail).ExecuteAsync(context);
    }
}
