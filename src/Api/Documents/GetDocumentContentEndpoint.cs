using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Projections.Documents;
using Marten;
using Microsoft.Net.Http.Headers;

namespace Countersign.Api.Documents;

internal sealed class GetDocumentContentEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Get("/documents/{id:guid}/content", Permission.DocumentsRead, Handle)
        .Produces<Stream>(StatusCodes.Status200OK, "application/pdf", "application/xml", "image/png", "image/jpeg").WithTags("Documents").WithSummary("A document's bytes, as an attachment");

    private static async Task<IResult> Handle(Guid id, Call call, Lists lists, DocumentContents contents)
    {
        await using var session = lists.Open(call);
        if (await session.LoadAsync<DocumentRecord>(id, call.Cancellation) is not { } document || await contents.Read(call.TenantId, id, call.Cancellation) is not { } bytes)
            return Problems.NotFound();
        var headers = call.Http.Response.Headers;
        // Never shown by a browser in our own origin: a document is what somebody else wrote.
        headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileNameStar = document.Name }.ToString();
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.CacheControl = "private, no-store";
        return Results.Bytes(bytes, document.MediaType, entityTag: new EntityTagHeaderValue($"\"{document.Sha256}\""));
    }
}
