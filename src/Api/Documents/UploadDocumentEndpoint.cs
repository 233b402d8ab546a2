using System.Reflection;
using System.Security.Cryptography;
using Countersign.Api.Http;
using Countersign.Api.Identity;
using Countersign.Client.Documents;
using Countersign.Domain;
using Countersign.Workers.Documents;
using Microsoft.AspNetCore.Http.Metadata;

namespace Countersign.Api.Documents;

internal sealed class UploadDocumentEndpoint : IEndpoint
{
    public static void Map(RouteTable routes) => routes.Post("/documents", Permission.DocumentsUpload, Handle).Produces<DocumentView>(StatusCodes.Status201Created)
        .WithMetadata(new BodyLimit(DocumentDoor.MaxBytes)).WithTags("Documents").WithSummary("Stores a document; its bytes are the body");

    private static async Task<IResult> Handle(string? name, RawBody body, Call call, Writes writes, DocumentDoor door, TimeProvider clock)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 255 || name.Any(char.IsControl))
            return Problems.BadParameter("name", "give the file's name for people, 1 to 255 characters without control characters.");
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var (document, refusal) = await door.Prepare(call.TenantId, id, name, body.MediaType, body.Bytes, call.Cancellation);
        if (refusal is { Code: "document.kind_refused" })
            return Problems.Of("request.media_type_unsupported", refusal.Detail);
        if (refusal is { Code: "document.empty" })
            return Problems.Malformed(refusal.Detail);
        if (refusal is not null)
            return Problems.Of(refusal);
        return await writes.Change(
            call,
            DocumentDoor.Store(call.TenantId, document!, call.Actor, now),
            _ => Answer.Created($"/v1/documents/{id}", DocumentViews.Of(DocumentDoor.RecordOf(document!, call.Caller.Id, now))));
    }

    /// <summary>The bytes of a document.</summary>
    private sealed class RawBody : IRequestBody, IEndpointParameterMetadataProvider
    {
        private static readonly string[] Types = ["application/pdf", "application/xml", "text/xml", "image/png", "image/jpeg", "application/octet-stream"];

        public ProblemAnswer? Problem { get; private init; }

        public byte[] Hash { get; private init; } = [];

        public byte[] Bytes { get; private init; } = [];

        public string MediaType { get; private init; } = "";

        public static async ValueTask<RawBody?> BindAsync(HttpContext context, ParameterInfo parameter)
        {
            _ = parameter;
            if (!BodyReader.IsType(context.Request, Types))
                return new RawBody { Problem = Problems.OfStatus(StatusCodes.Status415UnsupportedMediaType) };
            var (bytes, problem) = await BodyReader.Read(context);
            return new RawBody
            {
                Problem = problem,
                Bytes = bytes,
                Hash = SHA256.HashData(bytes),
                MediaType = Microsoft.Net.Http.Headers.MediaTypeHeaderValue.Parse(context.Request.ContentType).MediaType.Value!.ToLowerInvariant(),
            };
        }

        public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new AcceptsMetadata(Types, typeof(Stream)));
    }
}
