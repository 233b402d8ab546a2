namespace Countersign.Workers.Documents;

/// <summary>Words and claims about kinds of files.</summary>
internal static class DocumentKinds
{
    private static readonly Dictionary<string, DocumentKind> MediaTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["application/pdf"] = DocumentKind.Pdf,
        ["application/xml"] = DocumentKind.Xml,
        ["text/xml"] = DocumentKind.Xml,
        ["image/png"] = DocumentKind.Png,
        ["image/jpeg"] = DocumentKind.Jpeg,
        ["image/gif"] = DocumentKind.Gif,
        ["image/webp"] = DocumentKind.WebP,
        ["image/heic"] = DocumentKind.Heif,
        ["image/heif"] = DocumentKind.Heif,
        ["image/tiff"] = DocumentKind.Tiff,
        ["image/svg+xml"] = DocumentKind.Svg,
        ["text/html"] = DocumentKind.Html,
        ["application/zip"] = DocumentKind.Zip,
        ["text/plain"] = DocumentKind.Text,
        ["text/csv"] = DocumentKind.Text,
        ["application/msword"] = DocumentKind.CompoundFile,
        ["application/vnd.ms-excel"] = DocumentKind.CompoundFile,
        ["application/vnd.ms-outlook"] = DocumentKind.CompoundFile,
        ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"] = DocumentKind.OfficeFile,
        ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] = DocumentKind.OfficeFile,
        ["application/vnd.openxmlformats-officedocument.presentationml.presentation"] = DocumentKind.OfficeFile,
    };

    private static readonly Dictionary<string, DocumentKind> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        [".pdf"] = DocumentKind.Pdf,
        [".xml"] = DocumentKind.Xml,
        [".png"] = DocumentKind.Png,
        [".jpg"] = DocumentKind.Jpeg,
        [".jpeg"] = DocumentKind.Jpeg,
        [".gif"] = DocumentKind.Gif,
        [".webp"] = DocumentKind.WebP,
        [".heic"] = DocumentKind.Heif,
        [".tif"] = DocumentKind.Tiff,
        [".tiff"] = DocumentKind.Tiff,
        [".svg"] = DocumentKind.Svg,
        [".htm"] = DocumentKind.Html,
        [".html"] = DocumentKind.Html,
        [".zip"] = DocumentKind.Zip,
        [".docx"] = DocumentKind.OfficeFile,
        [".xlsx"] = DocumentKind.OfficeFile,
        [".pptx"] = DocumentKind.OfficeFile,
        [".docm"] = DocumentKind.OfficeFile,
        [".xlsm"] = DocumentKind.OfficeFile,
        [".doc"] = DocumentKind.CompoundFile,
        [".xls"] = DocumentKind.CompoundFile,
        [".msg"] = DocumentKind.CompoundFile,
        [".exe"] = DocumentKind.Program,
        [".txt"] = DocumentKind.Text,
        [".csv"] = DocumentKind.Text,
    };

    /// <summary>The kind a media type claims; null when it claims nothing (empty, octet-stream, unknown).</summary>
    public static DocumentKind? FromMediaType(string? mediaType)
    {
        var bare = (mediaType ?? "").Split(';')[0].Trim();
        return MediaTypes.TryGetValue(bare, out var kind) ? kind : null;
    }

    /// <summary>The kind a file name claims by its extension; null when it claims nothing.</summary>
    public static DocumentKind? FromFileName(string? fileName)
    {
        var name = fileName ?? "";
        var dot = name.LastIndexOf('.');
        return dot >= 0 && Extensions.TryGetValue(name[dot..].TrimEnd(), out var kind) ? kind : null;
    }

    /// <summary>The media type under which such content is stored and served.</summary>
    public static string MediaTypeOf(DocumentKind kind) => kind switch
    {
        DocumentKind.Pdf => "application/pdf",
        DocumentKind.Xml => "application/xml",
        DocumentKind.Png => "image/png",
        DocumentKind.Jpeg => "image/jpeg",
        DocumentKind.Zip => "application/zip",
        _ => "application/octet-stream",
    };

    /// <summary>The kind in words, to stand after "the content is".</summary>
    public static string Describe(DocumentKind kind) => kind switch
    {
        DocumentKind.Pdf => "a PDF",
        DocumentKind.Xml => "XML",
        DocumentKind.Png => "a PNG image",
        DocumentKind.Jpeg => "a JPEG image",
        DocumentKind.Gif => "a GIF image",
        DocumentKind.WebP => "a WebP image",
        DocumentKind.Heif => "a HEIC image",
        DocumentKind.Tiff => "a TIFF image",
        DocumentKind.Svg => "an SVG drawing",
        DocumentKind.Html => "an HTML page",
        DocumentKind.Zip => "a ZIP archive",
        DocumentKind.OfficeFile => "an office file",
        DocumentKind.CompoundFile => "an older office file or mail",
        DocumentKind.Program => "a program",
        DocumentKind.Script => "a script",
        DocumentKind.Archive => "a compressed archive",
        DocumentKind.Text => "plain text",
        _ => "of no known type",
    };
}
