namespace Countersign.Client.Documents;

/// <summary>A stored document.</summary>
/// <param name="Id">The document.</param>
/// <param name="Name">Name given at upload; shown, never used as a path.</param>
/// <param name="MediaType">Media type found by looking at the content.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Sha256">SHA-256 of the content, lower-case hex.</param>
/// <param name="UploadedAt">When (UTC).</param>
/// <param name="UploadedBy">Member or key id.</param>
/// <param name="Pages">Pages with their sizes; empty for documents without pages.</param>
public sealed record DocumentView(Guid Id, string Name, string MediaType, long Size, string Sha256, DateTimeOffset UploadedAt, string UploadedBy,
    IReadOnlyList<DocumentPage> Pages);

/// <summary>One page of a document.</summary>
/// <param name="Number">1 for the first page.</param>
/// <param name="Width">Width in points (1/72 inch).</param>
/// <param name="Height">Height in points.</param>
public sealed record DocumentPage(int Number, double Width, double Height);

/// <summary>Content of a document. Dispose it.</summary>
public sealed class DocumentContent(HttpResponseMessage response, Stream content) : IDisposable
{
    /// <summary>The bytes, to be read once.</summary>
    public Stream Content => content;

    /// <summary>Media type of the bytes.</summary>
    public string MediaType => response.Content.Headers.ContentType?.MediaType ?? "application/octet-stream";

    /// <summary>Length in bytes, or null when unknown.</summary>
    public long? Length => response.Content.Headers.ContentLength;

    /// <inheritdoc />
    public void Dispose()
    {
        content.Dispose();
        response.Dispose();
    }
}
