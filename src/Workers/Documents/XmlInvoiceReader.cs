using System.Xml;
using System.Xml.Linq;
using Countersign.Domain;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Reads an e-invoice from its bytes: chooses the syntax by the root element and refuses what is no invoice.</summary>
internal static class XmlInvoiceReader
{
    // Relatives that people upload by mistake, by local name of the root.
    private static readonly Dictionary<string, string> OtherDocuments = new(StringComparer.Ordinal)
    {
        ["Order"] = "a purchase order",
        ["OrderResponse"] = "an order response",
        ["OrderResponseSimple"] = "an order response",
        ["OrderChange"] = "an order change",
        ["OrderCancellation"] = "an order cancellation",
        ["DespatchAdvice"] = "a despatch advice",
        ["ReceiptAdvice"] = "a receipt advice",
        ["PurchaseReceipt"] = "a purchase receipt",
        ["Quotation"] = "a quotation",
        ["RequestForQuotation"] = "a request for quotation",
        ["Reminder"] = "a payment reminder",
        ["Statement"] = "a statement of account",
        ["Catalogue"] = "a catalogue",
        ["ApplicationResponse"] = "an application response",
        ["SCRDMCCBDACIOMessageStructure"] = "an order (Order-X)",
    };

    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static InvoiceReadingResult Read(ReadOnlyMemory<byte> content, ReaderIdentity reader, CancellationToken cancellation) =>
        Load(content, cancellation, out var root) is { } refusal ? InvoiceReadingResult.Refused(refusal) : Read(root!, reader);

    /// <summary>Whether the bytes are XML that may be read at all: a refusal, or null.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Refusal? Check(ReadOnlyMemory<byte> content, CancellationToken cancellation) => Load(content, cancellation, out _);

    private static Refusal? Load(ReadOnlyMemory<byte> content, CancellationToken cancellation, out XElement? root)
    {
        root = null;
        try
        {
            root = HouseXml.LoadTree(content, cancellation);
            return null;
        }
        catch (XmlException refused) when (SaysDtd(refused))
        {
            return DocumentRefusals.DtdNotAllowed;
        }
        catch (XmlException)
        {
            return DocumentRefusals.MalformedXml;
        }
        catch (Exception broken) when (broken is System.Text.DecoderFallbackException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            // Encodings that do not exist or do not fit surface as these, not as XmlException.
            return DocumentRefusals.MalformedXml;
        }
    }

    private static InvoiceReadingResult Read(XElement root, ReaderIdentity reader)
    {
        if (UblInvoiceReader.CanRead(root))
            return InvoiceReadingResult.Of(UblInvoiceReader.Read(root, reader));
        if (CiiInvoiceReader.CanRead(root))
            return InvoiceReadingResult.Of(CiiInvoiceReader.Read(root, reader));
        var name = root.Name.LocalName;
        if (OtherDocuments.TryGetValue(name, out var kind))
            return InvoiceReadingResult.Refused(DocumentRefusals.OtherDocument(kind));
        if (name == "FatturaElettronica")
            return InvoiceReadingResult.Refused(DocumentRefusals.UnsupportedFormat("FatturaPA"));
        return InvoiceReadingResult.Refused(DocumentRefusals.NotAnInvoice(name.Length <= 60 ? name : name[..60] + "..."));
    }

    // The framework has no other sign for a prohibited DTD than its message, which is not localised here (satellites are not shipped).
    private static bool SaysDtd(XmlException refused) => refused.Message.Contains("DTD", StringComparison.Ordinal);
}
