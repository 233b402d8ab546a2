using System.Collections.Immutable;
using Countersign.Domain;
using Countersign.Domain.Documents;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Exceptions;

namespace Countersign.Workers.Documents;

/// <summary>Reads a PDF: the e-invoice attached to it where there is one, and its pages.</summary>
internal static class PdfInvoiceReader
{
    // Parsers of foreign files recurse; a thread of its own keeps their depth away from the caller's stack.
    private const int StackBytes = 16 * 1024 * 1024;

    /// <summary>Reads attachments and pages, or the pages alone.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static InvoiceReadingResult Read(ReadOnlyMemory<byte> content, InvoiceReaderLimits limits, bool pagesOnly, Calibration calibration, CancellationToken cancellation)
    {
        var (result, refusal) = OnOwnThread(content, limits, document => Read(document, limits, pagesOnly, calibration, cancellation), cancellation);
        return result ?? InvoiceReadingResult.Refused(refusal!);
    }

    /// <summary>Looks at a PDF without reading fields: number of pages, what a person should know, or why it is refused.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static (int Pages, ImmutableArray<InvoiceCheck> Findings, Refusal? Refusal) Inspect(ReadOnlyMemory<byte> content, InvoiceReaderLimits limits, CancellationToken cancellation)
    {
        var (result, refusal) = OnOwnThread(content, limits, document => Look(document, limits, cancellation), cancellation);
        return result is null ? (0, [], refusal) : (result.Pages, result.Findings, result.Refusal);
    }

    private sealed record Sight(int Pages, ImmutableArray<InvoiceCheck> Findings, Refusal? Refusal);

    private static Sight Look(PdfDocument document, InvoiceReaderLimits limits, CancellationToken cancellation)
    {
        if (document.NumberOfPages > limits.MaxPages)
            return new Sight(document.NumberOfPages, [], DocumentRefusals.TooManyPages(document.NumberOfPages, limits.MaxPages));
        if (document.Advanced.TryGetEmbeddedFiles(out var files) && files.Any(file => DocumentInspector.HoldsMalware(file.Memory.Span)))
            return new Sight(document.NumberOfPages, [], DocumentRefusals.Malware);
        for (var number = 1; number <= document.NumberOfPages; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var image in document.GetPage(number).GetImages())
            {
                if ((long)image.WidthInSamples * image.HeightInSamples > ImageInspector.MaxPixels)
                    return new Sight(document.NumberOfPages, [], DocumentRefusals.TooManyPixels(image.WidthInSamples, image.HeightInSamples));
            }
        }

        var text = PageTextExtractor.Extract(document, cancellation);
        return new Sight(document.NumberOfPages, [.. PdfFindings.Checks(document, text).Where(check => check.Result == CheckResult.Failed)], null);
    }

    private static (T? Result, Refusal? Refusal) OnOwnThread<T>(ReadOnlyMemory<byte> content, InvoiceReaderLimits limits, Func<PdfDocument, T> work, CancellationToken cancellation)
        where T : class
    {
        (T? Result, Refusal? Refusal) answer = default;
        var cancelled = false;
        // Not disposed: when the deadline passes inside the library, the thread is left to end at its next filter or page and still sets it.
        var done = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            try
            {
                answer = Open(content, limits, work, cancellation);
            }
            catch (OperationCanceledException)
            {
                cancelled = true;
            }

            done.Set();
        }, StackBytes)
        {
            IsBackground = true,
            Name = "pdf-reader",
        };
        thread.Start();
        done.Wait(cancellation);
        return cancelled ? throw new OperationCanceledException(cancellation) : answer;
    }

    private static (T? Result, Refusal? Refusal) Open<T>(ReadOnlyMemory<byte> content, InvoiceReaderLimits limits, Func<PdfDocument, T> work, CancellationToken cancellation)
        where T : class
    {
        var filters = new BoundedFilterProvider(limits.MaxStreamBytes, limits.MaxUnpackedBytes, cancellation);
        try
        {
            using var document = PdfDocument.Open(content, new ParsingOptions { UseLenientParsing = true, SkipMissingFonts = true, FilterProvider = filters, MaxStackDepth = 256 });
            var result = work(document);
            return filters.Exceeded ? (null, DocumentRefusals.Bomb) : (result, null);
        }
        catch (PdfDocumentEncryptedException)
        {
            return (null, DocumentRefusals.Encrypted);
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch (Exception) when (!cancellation.IsCancellationRequested)
        {
            // The library names no family of exceptions for broken files; whatever it throws on foreign bytes means the same to the reader.
            return (null, filters.Exceeded ? DocumentRefusals.Bomb : DocumentRefusals.Damaged("PDF"));
        }
        catch (Exception)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    private static InvoiceReadingResult Read(PdfDocument document, InvoiceReaderLimits limits, bool pagesOnly, Calibration calibration, CancellationToken cancellation)
    {
        if (document.NumberOfPages > limits.MaxPages)
            return InvoiceReadingResult.Refused(DocumentRefusals.TooManyPages(document.NumberOfPages, limits.MaxPages));
        var (attached, unread) = pagesOnly ? default : ReadAttachment(document, cancellation);
        if (attached?.Refusal is not null)
            return attached;
        var text = PageTextExtractor.Extract(document, cancellation);
        var page = text.Pages.Exists(p => p.Rows.Count > 0) ? PageInvoiceReader.Read(text, calibration) : null;
        if (attached?.Reading is { } xml)
            return InvoiceReadingResult.Of(Joined(xml, page, text, document));
        if (page is not null)
            return InvoiceReadingResult.Of(page with { Checks = [.. InvoiceChecks.Run(page), .. unread is null ? [] : new[] { unread }, .. PdfFindings.Checks(document, text)] });
        if (PdfFindings.IsXfa(document))
            return InvoiceReadingResult.Refused(DocumentRefusals.XfaForm);
        return InvoiceReadingResult.Refused(text.Pages.Exists(p => p.Rows.Count > 0) ? DocumentRefusals.NoFields : DocumentRefusals.NoText);
    }

    // The structured data counts; the page lends the places, and every contradiction becomes a failed check.
    private static InvoiceReading Joined(InvoiceReading xml, InvoiceReading? page, DocumentText text, PdfDocument document)
    {
        var agreement = page is null
            ? new InvoiceCheck("page_and_xml", CheckResult.NotApplicable, "No field could be read on the page, so page and XML were not compared.")
            : InvoiceChecks.PageAgainstXml(xml, page);
        return PagePlaces.Lend(xml, page, text) with { Pages = document.NumberOfPages, Checks = [.. xml.Checks, agreement, .. PdfFindings.Checks(document, text)] };
    }

    private static (InvoiceReadingResult? Result, InvoiceCheck? Unread) ReadAttachment(PdfDocument document, CancellationToken cancellation)
    {
        InvoiceReadingResult? refused = null;
        InvoiceCheck? unread = null;
        foreach (var (named, bytes) in PdfAttachments.CandidatesOf(document))
        {
            var result = XmlInvoiceReader.Read(bytes, ReaderIdentities.Xml, cancellation);
            if (result.Reading is not null)
                return (result, null);
            // An attachment under one of the standard names says "this is the invoice": if it cannot be read, that must be said.
            if (!named)
                continue;
            if (result.Refusal!.Code is "document.not_an_invoice")
                unread ??= new InvoiceCheck("attachment_read", CheckResult.Failed, "The PDF carries an e-invoice in a form that is not read, perhaps of an early draft, so the page was read in its place. Ask the seller for Factur-X or XRechnung.");
            else
                refused ??= result.Refusal.Code is "document.malformed_xml" ? InvoiceReadingResult.Refused(DocumentRefusals.BadAttachment) : result;
        }

        return (refused, unread);
    }
}
