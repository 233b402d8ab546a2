using System.Text.Json;
using Countersign.Client;

namespace Countersign.Api.Http;

/// <summary>An answer with a JSON body that can be stored for a repeat of the same call.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">UTF-8 JSON, empty for none.</param>
/// <param name="Location">Address of what was made, or null.</param>
/// <param name="ETag">Entity tag, or null.</param>
internal sealed record Answer(int Status, byte[] Body, string? Location = null, string? ETag = null) : IResult
{
    /// <summary>Whether the body holds a secret that is shown once: it is stored sealed.</summary>
    public bool HoldsSecret { get; init; }

    public static Answer Ok<T>(T body, long? version = null) => new(StatusCodes.Status200OK, Json(body), null, Tag(version));

    public static Answer Created<T>(string location, T body, long? version = null) => new(StatusCodes.Status201Created, Json(body), location, Tag(version));

    public static Answer Accepted<T>(string location, T body, long? version = null) => new(StatusCodes.Status202Accepted, Json(body), location, Tag(version));

    public static Answer NoContent { get; } = new(StatusCodes.Status204NoContent, []);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = "no-store";
        if (Location is not null)
            response.Headers.Location = Location;
        if (ETag is not null)
            response.Headers.ETag = ETag;
        if (Body.Length == 0)
            return;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = Body.Length;
        await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }

    private static byte[] Json<T>(T body) => JsonSerializer.SerializeToUtf8Bytes(body, ClientJson.Options);

    private static string? Tag(long? version) => version is null ? null : $"\"{version}\"";
}
