using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Countersign.Domain;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>The check every upload passes before it is stored: what it is by its bytes, whether that is what it claims, whether it is safe to
/// hand to a parser. Same bytes, same answer; safe for all threads; throws only when the caller cancels.</summary>
public sealed class DocumentInspector(InvoiceReaderLimits limits, TimeProvider time)
{
    private const int MaxFileName = 120;

    // The anti-virus industry's harmless test pattern, in two parts so that this file is not taken for it.
    private static readonly byte[] Eicar = Encoding.ASCII.GetBytes(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    /// <summary>A check with the default limits.</summary>
    public DocumentInspector()
        : this(new InvoiceReaderLimits(), TimeProvider.System)
    {
    }

    /// <summary>Inspects one upload.</summary>
    /// <param name="content">All bytes of the file.</param>
    /// <param name="fileName">The name the sender gives, or null.</param>
    /// <param name="mediaType">The media type the sender claims, or null.</param>
    /// <param name="cancellation">Cancels the check.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled; nothing else is thrown.</exception>
    public DocumentInspection Inspect(ReadOnlyMemory<byte> content, string? fileName, string? mediaType, CancellationToken cancellation)
    {
        var kind = content.IsEmpty ? DocumentKind.Unknown : ContentSniffer.Sniff(content.Span);
        var report = new DocumentInspection
        {
            Kind = kind,
            MediaType = DocumentKinds.MediaTypeOf(kind),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span)),
            FileName = SafeName(fileName, kind),
        };
        if (Shallow(content, fileName, mediaType, kind) is { } refusal)
            return report with { Refusal = refusal, Quarantine = refusal == DocumentRefusals.Malware };
        using var deadline = new CancellationTokenSource(limits.MaxTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            return Deep(report, content, both.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return report with { Refusal = DocumentRefusals.TooSlow };
        }
    }

    private Refusal? Shallow(ReadOnlyMemory<byte> content, string? fileName, string? mediaType, DocumentKind kind)
    {
        var bytes = content.Span;
        if (bytes.IsEmpty)
            return DocumentRefusals.Empty;
        if (bytes.Length > limits.MaxBytes)
            return DocumentRefusals.TooLarge(limits.MaxBytes);
        if (HoldsMalware(bytes))
            return DocumentRefusals.Malware;
        if (Polyglots.IsPolyglot(bytes, kind))
            return DocumentRefusals.Polyglot;
        // Both claims count: a reader that trusts the name meets other bytes than one that trusts the type.
        foreach (var claim in new[] { DocumentKinds.FromMediaType(mediaType), DocumentKinds.FromFileName(fileName) })
        {
            if (claim is { } claimed && claimed != kind)
                return DocumentRefusals.TypeMismatch(DocumentKinds.Describe(claimed), DocumentKinds.Describe(kind));
        }

        return null;
    }

    private DocumentInspection Deep(DocumentInspection report, ReadOnlyMemory<byte> content, CancellationToken cancellation) => report.Kind switch
    {
        DocumentKind.Pdf => InspectPdf(report, content, cancellation),
        DocumentKind.Xml => report with { Refusal = XmlInvoiceReader.Check(content, cancellation) },
        DocumentKind.Png or DocumentKind.Jpeg => InspectImage(report, content.Span),
        // A ZIP is not taken as a document; what is wrong with it is said first, because the sender will repack it.
        DocumentKind.Zip or DocumentKind.OfficeFile => report with { Refusal = ZipInspector.Inspect(content.Span) ?? DocumentRefusals.UnsupportedType(DocumentKinds.Describe(report.Kind)) },
        _ => report with { Refusal = DocumentRefusals.UnsupportedType(DocumentKinds.Describe(report.Kind)) },
    };

    private DocumentInspection InspectPdf(DocumentInspection report, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        var (pages, findings, refusal) = PdfInvoiceReader.Inspect(content, limits, cancellation);
        return report with { Pages = pages, Findings = findings, Refusal = refusal, Quarantine = refusal == DocumentRefusals.Malware };
    }

    private static DocumentInspection InspectImage(DocumentInspection report, ReadOnlySpan<byte> content)
    {
        var (refusal, finding) = ImageInspector.Inspect(content, report.Kind);
        return report with { Pages = 1, Refusal = refusal, Findings = finding is null ? [] : [finding] };
    }

    /// <summary>Whether the bytes hold a known malware pattern. A stand-in for a scanner: it knows the test pattern only.</summary>
    internal static bool HoldsMalware(ReadOnlySpan<byte> bytes) => bytes.IndexOf(Eicar) >= 0;

    private static string SafeName(string? fileName, DocumentKind kind)
    {
        var name = TextFolding.Clean((fileName ?? "").Replace('\\', '/').Split('/')[^1]);
        name = string.Concat(name.Where(c => !char.IsControl(c) && c is not ('"' or '<' or '>' or ':' or '|' or '?' or '*' or ';') && !char.IsSurrogate(c))).Trim(' ', '.');
        if (name.Length > MaxFileName)
        {
            var dot = name.LastIndexOf('.');
            var extension = dot > 0 && name.Length - dot <= 10 ? name[dot..] : "";
            name = name[..(MaxFileName - extension.Length)] + extension;
        }

        return name.Length == 0 ? "document" + Extension(kind) : name;
    }

    private static string Extension(DocumentKind kind) => kind switch
    {
        DocumentKind.Pdf => ".pdf",
        DocumentKind.Xml => ".xml",
        DocumentKind.Png => ".png",
        DocumentKind.Jpeg => ".jpg",
        _ => "",
    };
}
