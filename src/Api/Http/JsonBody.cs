using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace Countersign.Api.Http;

/// <summary>A request body that was read, whatever its type.</summary>
internal interface IRequestBody
{
    /// <summary>What is wrong with it, or null.</summary>
    ProblemAnswer? Problem { get; }

    /// <summary>SHA-256 of the bytes, for the idempotency check.</summary>
    byte[] Hash { get; }
}

/// <summary>A JSON body read strictly. The filter of the route table answers with <see cref="Problem"/> before a handler sees it.</summary>
/// <typeparam name="T">A record of the client contract.</typeparam>
internal sealed class JsonBody<T> : IRequestBody, IEndpointParameterMetadataProvider
    where T : class
{
    private readonly T? _value;

    private JsonBody(T? value, byte[] hash, ProblemAnswer? problem)
    {
        _value = value;
        Hash = hash;
        Problem = problem;
    }

    public ProblemAnswer? Problem { get; }

    public byte[] Hash { get; }

    public T Value => _value ?? throw new InvalidOperationException("The body was not accepted; the route's filter must have answered.");

    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        _ = parameter;
        if (!BodyReader.IsType(context.Request, "application/json"))
            return new JsonBody<T>(null, [], Problems.OfStatus(StatusCodes.Status415UnsupportedMediaType));
        var (bytes, problem) = await BodyReader.Read(context);
        if (problem is not null)
            return new JsonBody<T>(null, [], problem);
        return Parse(bytes);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));

    private static JsonBody<T> Parse(byte[] bytes)
    {
        try
        {
            if (bytes is [0xEF, 0xBB, 0xBF, ..] or [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..])
                return Refuse("The body starts with a byte order mark; send plain UTF-8.");
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(bytes);
            if (StrictJson.FindOdd(bytes) is { } odd)
                return Refuse(odd.Detail, odd.Pointer);
            var value = JsonSerializer.Deserialize<T>(bytes, StrictJson.Reading);
            if (value is null)
                return Refuse("The body is null; an object is expected.");
            return StrictJson.FindNull(value) is { } pointer
                ? Refuse("A list contains null where a value is expected.", pointer)
                : new JsonBody<T>(value, SHA256.HashData(bytes), null);
        }
        catch (DecoderFallbackException)
        {
            return Refuse("The body is not valid UTF-8.");
        }
        catch (JsonException e)
        {
            return Refuse("The body is not the JSON this route is documented with (names are case-sensitive, unknown and duplicate members are refused).", JsonPointer.OfPath(e.Path));
        }
    }

    private static JsonBody<T> Refuse(string detail, string pointer = "") => new(null, [], Problems.Malformed(detail, pointer));
}

/// <summary>Reads a request body into memory, up to the limit of its route.</summary>
internal static class BodyReader
{
    public static bool IsType(HttpRequest request, params ReadOnlySpan<string> types)
    {
        if (request.Headers.ContentEncoding.Count > 0 || !Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            return false;
        var charset = type.Charset.Value?.Trim('"');
        if (!string.IsNullOrEmpty(charset) && !string.Equals(charset, "utf-8", StringComparison.OrdinalIgnoreCase))
            return false;
        foreach (var accepted in types)
        {
            if (type.MediaType.Equals(accepted, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    public static async ValueTask<(byte[] Bytes, ProblemAnswer? Problem)> Read(HttpContext context)
    {
        var limit = context.GetEndpoint()?.Metadata.GetMetadata<BodyLimit>()?.MaxRequestBodySize ?? BodyLimit.Default;
        if (context.Request.ContentLength > limit)
            return ([], Problems.OfStatus(StatusCodes.Status413PayloadTooLarge));
        using var buffer = new MemoryStream((int)Math.Min(context.Request.ContentLength ?? 4096, limit));
        var chunk = new byte[16 * 1024];
        int read;
        try
        {
            while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
            {
                if (buffer.Length + read > limit)
                    return ([], Problems.OfStatus(StatusCodes.Status413PayloadTooLarge));
                buffer.Write(chunk, 0, read);
            }
        }
        catch (BadHttpRequestException e)
        {
            return ([], Problems.OfStatus(e.StatusCode));
        }

        return (buffer.ToArray(), null);
    }
}

/// <summary>Largest body of a route, in bytes; routing tells the server, the reader counts itself.</summary>
/// <param name="bytes">Bytes.</param>
internal sealed class BodyLimit(long bytes) : IRequestSizeLimitMetadata
{
    /// <summary>1 MB.</summary>
    public const long Default = 1024 * 1024;

    public long? MaxRequestBodySize => bytes;
}
