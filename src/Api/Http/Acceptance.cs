using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace Countersign.Api.Http;

/// <summary>A caller who takes none of the types a route answers with is told so before anything is read or done.</summary>
internal static class Acceptance
{
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        var offered = context.GetEndpoint()?.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>()
            .Where(m => m.StatusCode is >= 200 and < 300).SelectMany(m => m.ContentTypes).Distinct(StringComparer.OrdinalIgnoreCase).ToArray() ?? [];
        return offered.Length == 0 || Takes(context.Request, offered) ? next(context) : Problems.OfStatus(StatusCodes.Status406NotAcceptable).ExecuteAsync(context);
    }

    private static bool Takes(HttpRequest request, string[] offered)
    {
        if (request.Headers.Accept.Count == 0)
            return true;
        // What cannot be read as a list of types names none of ours.
        return MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
            && accepted.Any(a => a.Quality is null or > 0 && Array.Exists(offered, o => new MediaTypeHeaderValue(o).IsSubsetOf(Bare(a))));
    }

    // Parameters such as a charset narrow nothing: every text here is UTF-8.
    private static MediaTypeHeaderValue Bare(MediaTypeHeaderValue type) => new(type.MediaType);
}
