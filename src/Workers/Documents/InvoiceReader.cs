using Countersign.Domain;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Limits of one reading.</summary>
public sealed record InvoiceReaderLimits
{
    /// <summary>Largest file in bytes; default 25 MB.</summary>
    public int MaxBytes { get; init; } = 25_000_000;

    /// <summary>Most pages that are read; default 200. A document with more is refused, not cut.</summary>
    public int MaxPages { get; init; } = 200;

    /// <summary>Longest time for one document, measured from the call; default 15 s. After it the answer is <c>document.too_slow</c>.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Most bytes that one stream of a PDF may unpack to; default 64 MB.</summary>
    public long MaxStreamBytes { get; init; } = 64_000_000;

    /// <summary>Most bytes that all streams of a PDF together may unpack to; default 256 MB.</summary>
    public long MaxUnpackedBytes { get; init; } = 256_000_000;
}

/// <summary>Reads an invoice from a file: structured data where there is any, the text of the pages otherwise, and both compared where
/// there are both. Same bytes, same answer; safe for all threads; answers a refusal on bad input and throws only when the caller cancels.</summary>
public sealed class InvoiceReader(InvoiceReaderLimits limits, TimeProvider time)
{
    /// <summary>A reader with the default limits.</summary>
    public InvoiceReader()
        : this(new InvoiceReaderLimits(), TimeProvider.System)
    {
    }

    /// <summary>Reads one document.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <param name="mediaType">The media type that the sender claims; a hint that must not contradict the bytes. Empty means unknown.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled; nothing else is thrown.</exception>
    public InvoiceReadingResult Read(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellation) =>
        Bounded(token => Dispatch(content, mediaType, pagesOnly: false, token), cancellation);

    /// <summary>Reads the pages of a PDF alone, as if nothing were attached to it.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled; nothing else is thrown.</exception>
    public InvoiceReadingResult ReadPages(ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        Bounded(token => Dispatch(content, "application/pdf", pagesOnly: true, token), cancellation);

    /// <summary>As <see cref="ReadPages"/>, with the reader's raw scores in place of probabilities: what a calibration is fitted on.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <param name="cancellation">Cancels the reading.</param>
    /// <exception cref="OperationCanceledException">The caller cancelled; nothing else is thrown.</exception>
    public InvoiceReadingResult ReadPagesUncalibrated(ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        Bounded(token => PdfInvoiceReader.Read(content, limits, pagesOnly: true, Calibration.Raw, token), cancellation);

    private InvoiceReadingResult Bounded(Func<CancellationToken, InvoiceReadingResult> read, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(limits.MaxTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            return read(both.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return InvoiceReadingResult.Refused(DocumentRefusals.TooSlow);
        }
    }

    private InvoiceReadingResult Dispatch(ReadOnlyMemory<byte> content, string mediaType, bool pagesOnly, CancellationToken cancellation)
    {
        if (Precheck(content, mediaType, out var kind) is { } refusal)
            return InvoiceReadingResult.Refused(refusal);
        return kind switch
        {
            DocumentKind.Xml => XmlInvoiceReader.Read(content, ReaderIdentities.Xml, cancellation),
            DocumentKind.Pdf => PdfInvoiceReader.Read(content, limits, pagesOnly, Calibration.Shipped, cancellation),
            DocumentKind.Png or DocumentKind.Jpeg => InvoiceReadingResult.Refused(DocumentRefusals.ImageNotRead),
            _ => InvoiceReadingResult.Refused(DocumentRefusals.UnsupportedType(DocumentKinds.Describe(kind))),
        };
    }

    private Refusal? Precheck(ReadOnlyMemory<byte> content, string mediaType, out DocumentKind kind)
    {
        kind = DocumentKind.Unknown;
        if (content.IsEmpty)
            return DocumentRefusals.Empty;
        if (content.Length > limits.MaxBytes)
            return DocumentRefusals.TooLarge(limits.MaxBytes);
        kind = ContentSniffer.Sniff(content.Span);
        return DocumentKinds.FromMediaType(mediaType) is { } claimed && claimed != kind
            ? DocumentRefusals.TypeMismatch(DocumentKinds.Describe(claimed), DocumentKinds.Describe(kind))
            : null;
    }
}
