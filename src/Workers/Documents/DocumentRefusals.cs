using Countersign.Domain;

namespace Countersign.Workers.Documents;

/// <summary>Every refusal of the upload check and the readers, with its sentence. The codes are public: <c>urn:countersign:problem:document.*</c>.</summary>
public static class DocumentRefusals
{
    /// <summary>0 bytes.</summary>
    public static Refusal Empty { get; } = Invalid("document.empty", "The file is empty. Upload it again; if it is empty on your side too, ask the sender for it.");

    /// <summary>More bytes than the limit.</summary>
    public static Refusal TooLarge(int limit) =>
        new(RefusalKind.Limit, "document.too_large", $"The file is larger than {limit / 1_000_000} MB. Upload a smaller file, for instance scanned at 300 dpi, or split it.");

    /// <summary>The bytes are none of the accepted types.</summary>
    public static Refusal UnsupportedType(string seen) =>
        Invalid("document.unsupported_type", $"The content is {seen}, which is not accepted here. Upload a PDF, an XML e-invoice, a PNG or a JPEG.");

    /// <summary>File name or media type say one thing, the bytes another.</summary>
    public static Refusal TypeMismatch(string claimed, string seen) =>
        Invalid("document.type_mismatch", $"The file says it is {claimed}, but its content is {seen}. Upload the original file under its right name.");

    /// <summary>Bytes before the PDF header, or another file type hidden in front.</summary>
    public static Refusal Polyglot { get; } =
        Invalid("document.polyglot", "The file starts with foreign data before the document itself and can be read as two types at once. Save the document anew and upload that file.");

    /// <summary>The EICAR test pattern: stands for anything a virus scanner finds.</summary>
    public static Refusal Malware { get; } =
        Invalid("document.malware", "The file holds a known malware pattern and was quarantined. Do not open it; tell the sender and your administrator.");

    /// <summary>Needs a password.</summary>
    public static Refusal Encrypted { get; } =
        Invalid("document.encrypted", "The PDF is protected by a password and cannot be read. Ask the sender for a copy without a password, or save one and upload it.");

    /// <summary>Cannot be parsed.</summary>
    public static Refusal Damaged(string type) =>
        Invalid("document.damaged", $"The {type} file is damaged and cannot be read. Upload it again, or ask the sender for a new copy.");

    /// <summary>More pages than the limit.</summary>
    public static Refusal TooManyPages(int pages, int limit) =>
        new(RefusalKind.Invalid, "document.too_many_pages", $"The PDF has {pages} pages; at most {limit} are read. Upload the pages of the invoice alone.");

    /// <summary>More pixels than the limit.</summary>
    public static Refusal TooManyPixels(long width, long height) =>
        new(RefusalKind.Limit, "document.too_many_pixels", $"The image has {width} x {height} pixels; at most 40 million are accepted. Scan it at 300 dpi.");

    /// <summary>An animated image.</summary>
    public static Refusal Animated { get; } =
        Invalid("document.animated_image", "The image is animated. Upload a still image, one file for each page.");

    /// <summary>A DTD in XML.</summary>
    public static Refusal DtdNotAllowed { get; } =
        Invalid("document.dtd_not_allowed", "The XML has a DOCTYPE, which is not allowed. Ask the sender for the e-invoice without a DTD.");

    /// <summary>XML that is not well formed, in a wrong encoding, or beyond the limits of depth and size.</summary>
    public static Refusal MalformedXml { get; } =
        Invalid("document.malformed_xml", "The XML is not well formed, not in the encoding it names, or nested too deeply. Ask the sender for a new copy of the e-invoice.");

    /// <summary>A DTD or malformed XML inside a PDF.</summary>
    public static Refusal BadAttachment { get; } =
        Invalid("document.bad_attachment", "The XML attached to the PDF cannot be read. Ask the sender for a corrected e-invoice, or read the page by hand.");

    /// <summary>XML, but no invoice.</summary>
    public static Refusal NotAnInvoice(string root) =>
        Invalid("document.not_an_invoice", $"The XML is not an invoice of EN 16931; its root element is '{root}'. Upload a UBL or CII invoice, or a PDF.");

    /// <summary>A business document of another kind.</summary>
    public static Refusal OtherDocument(string kind) =>
        Invalid("document.other_document", $"This is {kind}, not an invoice. Start the process that handles it, or upload the invoice.");

    /// <summary>An e-invoice format that is not read.</summary>
    public static Refusal UnsupportedFormat(string format) =>
        Invalid("document.unsupported_format", $"The e-invoice is in the format {format}, which is not read yet. Ask the seller for UBL, CII or Factur-X, or enter the fields by hand.");

    /// <summary>No text on any page.</summary>
    public static Refusal NoText { get; } =
        Invalid("document.no_text", "The pages hold an image without text, so no field could be read. Enter the fields by hand from the image, or ask the seller for an e-invoice.");

    /// <summary>An image: nothing is read from it.</summary>
    public static Refusal ImageNotRead { get; } =
        Invalid("document.image_not_read", "The document is an image and no text recognition is installed. Enter the fields by hand from the image, or ask the seller for an e-invoice.");

    /// <summary>Text, but nothing that looks like an invoice.</summary>
    public static Refusal NoFields { get; } =
        Invalid("document.no_fields", "No invoice number, date or total was found on the pages. Check that this is an invoice; if it is, enter the fields by hand.");

    /// <summary>Reading took too long.</summary>
    public static Refusal TooSlow { get; } =
        new(RefusalKind.Limit, "document.too_slow", "Reading the document took longer than allowed, so it was stopped. Ask the sender for a simpler file, or enter the fields by hand.");

    /// <summary>An XFA form.</summary>
    public static Refusal XfaForm { get; } =
        Invalid("document.xfa_form", "The PDF is a dynamic XFA form without readable pages. Print it to a new PDF and upload that.");

    /// <summary>Unpacking would give too much.</summary>
    public static Refusal Bomb { get; } =
        Invalid("document.unpacks_too_large", "The file unpacks to far more data than a document needs, so it was not opened. Ask the sender for the documents themselves.");

    /// <summary>A ZIP with unsafe or ambiguous entries.</summary>
    public static Refusal UnsafeArchive(string reason) =>
        Invalid("document.unsafe_archive", $"The ZIP archive was not opened: {reason}. Upload the documents one by one.");

    private static Refusal Invalid(string code, string detail) => new(RefusalKind.Invalid, code, detail);
}
