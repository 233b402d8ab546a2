using System.Collections.Immutable;
using System.Security.Cryptography;
using Countersign.Domain;
using Countersign.Domain.Documents;
using Countersign.Domain.Tenants;
using Countersign.Projections.Documents;
using Countersign.Projections.Store;
using Countersign.Workers.Streams;
using UglyToad.PdfPig;

namespace Countersign.Workers.Documents;

/// <summary>State of a document's stream.</summary>
public sealed record DocumentState(Guid Id, string MediaType, long Size, string Sha256);

/// <summary>A document to be stored, looked at and sealed.</summary>
public sealed record PreparedDocument(Guid Id, string Name, string MediaType, long Size, string Sha256, ImmutableArray<PageSize> Pages, SealedContent Content);

/// <summary>Takes documents in.</summary>
public sealed class DocumentDoor(DocumentContents contents)
{
    /// <summary>Largest document, in bytes.</summary>
    public const int MaxBytes = 25_000_000;

    private const int MaxPages = 200;
    private static readonly ImmutableArray<string> Accepted = ["application/pdf", "application/xml", "image/png", "image/jpeg"];

    /// <summary>Looks at a document and seals it, or says why it is not taken.</summary>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="id">Id of the new document.</param>
    /// <param name="name">File name for people.</param>
    /// <param name="mediaType">What the caller says it is; must agree with the content.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<(PreparedDocument? Document, Refusal? Refusal)> Prepare(string tenantId, Guid id, string name, string mediaType, byte[] content, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Length == 0)
            return (null, new Refusal(RefusalKind.Invalid, "document.empty", "The document has no bytes. Send the file itself as the body."));
        if (Type(content, mediaType) is not { } type)
        {
            return (null, new Refusal(RefusalKind.Invalid, "document.kind_refused",
                $"The content is not what its type says, or of a kind that is not taken. Send {string.Join(", ", Accepted)} with the matching Content-Type."));
        }

        var (pages, problem) = Pages(type, content);
        if (problem is not null)
            return (null, problem);
        var sealedContent = await contents.Seal(tenantId, id, content, cancellation);
        return (new PreparedDocument(id, name, type, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), pages, sealedContent), null);
    }

    /// <summary>The change that stores it: fact, description and bytes in one transaction.</summary>
    public static StreamChange<DocumentState, IDocumentEvent> Store(string tenantId, PreparedDocument document, Actor by, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(by);
        var stored = new DocumentStored(document.Id, document.MediaType, document.Size, document.Sha256, document.Content.Sha256, by.Id, now);
        return new(
            tenantId,
            StreamsOf.Document(document.Id),
            by,
            (s, e) => e is DocumentStored d ? new DocumentState(d.DocumentId, d.MediaType, d.Size, d.Sha256) : s,
            s => s is null ? Outcome.Of(stored) : Outcome.Nothing,
            (session, _) =>
            {
                DocumentContents.Write(session, tenantId, document.Id, document.Content);
                session.Store(RecordOf(document, by.Id, now));
            });
    }

    /// <summary>The row of a document.</summary>
    public static DocumentRecord RecordOf(PreparedDocument d, string by, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(d);
        return new DocumentRecord(d.Id, d.Name, d.MediaType, d.Size, d.Sha256, d.Content.KeyId.ToString("D"), d.Pages, now, by);
    }

    private static string? Type(byte[] content, string claimed)
    {
        var found = ContentSniffer.Sniff(content) switch
        {
            DocumentKind.Pdf => "application/pdf",
            DocumentKind.Xml => "application/xml",
            DocumentKind.Png => "image/png",
            DocumentKind.Jpeg => "image/jpeg",
            _ => null,
        };
        var said = claimed is "text/xml" ? "application/xml" : claimed;
        return found is not null && (said == found || said == "application/octet-stream") ? found : null;
    }

    private static (ImmutableArray<PageSize> Pages, Refusal? Refusal) Pages(string type, byte[] content)
    {
        if (type != "application/pdf")
            return ([], null);
        try
        {
            using var pdf = PdfDocument.Open(content, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true });
            return pdf.NumberOfPages > MaxPages
                ? ([], new Refusal(RefusalKind.Invalid, "document.too_many_pages", $"A document has at most {MaxPages} pages. Split it."))
                : ([.. Enumerable.Range(1, pdf.NumberOfPages).Select(n => pdf.GetPage(n)).Select(p => new PageSize(p.Number, p.Width, p.Height))], null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Damaged or encrypted: it is kept, and the step that reads it gives it to a person.
            return ([], null);
        }
    }
}
