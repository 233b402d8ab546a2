using Countersign.Client;
using Countersign.Client.Documents;
using Countersign.Console.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Countersign.Console.Documents;

/// <summary>Foreign bytes, handed through with the session's rights. They never run here: attachment, opaque type, sandboxed.</summary>
internal static class FileEndpoints
{
    public static void Map(RouteGroupBuilder forms)
    {
        forms.MapGet("/files/documents/{id:guid}", Document);
        forms.MapGet("/files/exports/{id:guid}", Export);
    }

    private static async Task Document(Guid id, HttpContext http, ConsoleContext context)
    {
        await Send(http, async () =>
        {
            var about = await context.Client.Documents.GetAsync(id, http.RequestAborted);
            return (await context.Client.Documents.GetContentAsync(id, http.RequestAborted), about.Name, "application/octet-stream");
        });
    }

    private static Task Export(Guid id, HttpContext http, ConsoleContext context) =>
        Send(http, async () => (await context.Client.Exports.GetContentAsync(id, http.RequestAborted), $"countersign-export-{id:N}.zip", "application/zip"));

    private static async Task Send(HttpContext http, Func<Task<(DocumentContent Content, string Name, string Type)>> open)
    {
        try
        {
            var (content, name, type) = await open();
            using (content)
            {
                var headers = http.Response.Headers;
                headers.ContentSecurityPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
                headers.CacheControl = "private, max-age=300";
                http.Response.ContentType = type;
                http.Response.ContentLength = content.Length;
                var disposition = new ContentDispositionHeaderValue("attachment");
                disposition.SetHttpFileName(name);
                headers.ContentDisposition = disposition.ToString();
                await content.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
            }
        }
        catch (CountersignProblemException e) when (!http.Response.HasStarted)
        {
            http.Response.StatusCode = e.Problem.Status;
        }
    }
}
