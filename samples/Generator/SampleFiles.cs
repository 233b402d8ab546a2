namespace Countersign.Samples.Generator;

/// <summary>Writes an invoice as the file its format asks for.</summary>
public static class SampleFiles
{
    /// <summary>Writes one invoice; the same invoice gives a file that says the same.</summary>
    public static SampleFile Write(SampleInvoice invoice)
    {
        ArgumentNullException.ThrowIfNull(invoice);
        return invoice.Format switch
        {
            SampleFormat.Ubl => File(invoice, "xml", "application/xml", InvoiceXml.UblInvoice(invoice)),
            SampleFormat.Cii => File(invoice, "xml", "application/xml", InvoiceXml.Cii(invoice)),
            SampleFormat.Plain => File(invoice, "pdf", "application/pdf", InvoicePage.Draw(invoice)),
            _ => File(invoice, "pdf", "application/pdf", HybridPdf.Attach(InvoicePage.Draw(Shown(invoice)), InvoiceXml.Cii(invoice))),
        };
    }

    // What the page shows where it disagrees with the attached data: the amount a careless payer would take.
    private static SampleInvoice Shown(SampleInvoice invoice) =>
        invoice.Flaw == Flaw.PageDisagrees ? invoice with { Net = invoice.Net + 100m, Gross = invoice.Gross + 100m } : invoice;

    // One that comes a second time bears the number of the first: it must not take its place in a folder.
    private static SampleFile File(SampleInvoice invoice, string ending, string mediaType, byte[] content) =>
        new($"{invoice.Number}{(invoice.Flaw == Flaw.Duplicate ? "_again" : "")}.{ending}", mediaType, content, invoice);
}
