using System.Net.Http.Headers;

namespace Countersign.Client.Documents;

/// <summary>Documents.</summary>
public sealed class DocumentsClient
{
    private readonly Transport transport;

    internal DocumentsClient(Transport transport) => this.transport = transport;

    /// <summary>Stores a document of at most 25 MB.</summary>
    /// <param name="name">File name for people, 1 to 255 characters.</param>
    /// <param name="mediaType">Media type, e.g. <c>application/pdf</c>; must agree with the content.</param>
    /// <param name="content">The bytes; kept in memory for repeats.</param>
    /// <param name="options">Settings of this call.</param>
    /// <param name="cancellationToken">Ends the call; the service may have acted all the same.</param>
    public Task<DocumentView> UploadAsync(string name, string mediaType, ReadOnlyMemory<byte> content, CallOptions? options = null,
        CancellationToken cancellationToken = default) =>
        transport.PostContent<DocumentView>(
            Query.Of("v1/documents", ("name", name)),
            () => new ReadOnlyMemoryContent(content) { Headers = { ContentType = MediaTypeHeaderValue.Parse(mediaType) } },
            options,
            cancellationToken);

    /// <summary>A document's description.</summary>
    public Task<DocumentView> GetAsync(Guid id, CancellationToken cancellationToken = default) => transport.Get<DocumentView>($"v1/documents/{id}", cancellationToken);

    /// <summary>A document's bytes.</summary>
    public Task<DocumentContent> GetContentAsync(Guid id, CancellationToken cancellationToken = default) => Content($"v1/documents/{id}/content", cancellationToken);

    private async Task<DocumentContent> Content(string path, CancellationToken cancellationToken)
    {
        var response = await transport.GetResponse(path, cancellationToken);
        return new DocumentContent(response, await response.Content.ReadAsStreamAsync(cancellationToken));
    }
}
