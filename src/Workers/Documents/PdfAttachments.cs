using UglyToad.PdfPig;

namespace Countersign.Workers.Documents;

/// <summary>Finds e-invoices among the files embedded in a PDF.</summary>
internal static class PdfAttachments
{
    // Names prescribed by ZUGFeRD 1.0 and 2.x, Factur-X 1.0, XRechnung and Order-X (an order, to be refused as one); compared without case because writers vary it.
    private static readonly string[] StandardNames = ["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml"];

    /// <summary>Attached XML files, those under a standard name first; at most 20.</summary>
    public static IEnumerable<(bool Named, ReadOnlyMemory<byte> Bytes)> CandidatesOf(PdfDocument document)
    {
        if (!document.Advanced.TryGetEmbeddedFiles(out var files))
            return [];
        return files
            .Select(file => (Named: IsStandard(file.Name) || IsStandard(file.FileSpecification), File: file))
            .Where(entry => entry.Named || entry.File.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) || ContentSniffer.Sniff(entry.File.Memory.Span) == DocumentKind.Xml)
            .OrderByDescending(entry => entry.Named)
            .Take(20)
            .Select(entry => (entry.Named, (ReadOnlyMemory<byte>)entry.File.Memory));
    }

    private static bool IsStandard(string? name)
    {
        var file = (name ?? "").Trim().Split('/', '\\')[^1];
        return StandardNames.Contains(file, StringComparer.OrdinalIgnoreCase);
    }
}
