namespace Countersign.Workers.Documents;

/// <summary>What a file is by its bytes.</summary>
public enum DocumentKind
{
    /// <summary>None of the others.</summary>
    Unknown,

    /// <summary>Portable Document Format.</summary>
    Pdf,

    /// <summary>XML in any Unicode encoding.</summary>
    Xml,

    /// <summary>PNG image.</summary>
    Png,

    /// <summary>JPEG image.</summary>
    Jpeg,

    /// <summary>GIF image.</summary>
    Gif,

    /// <summary>WebP image.</summary>
    WebP,

    /// <summary>HEIF or HEIC image.</summary>
    Heif,

    /// <summary>TIFF image.</summary>
    Tiff,

    /// <summary>SVG image: XML that can carry scripts.</summary>
    Svg,

    /// <summary>HTML page.</summary>
    Html,

    /// <summary>ZIP archive that is not an office file.</summary>
    Zip,

    /// <summary>Office Open XML or OpenDocument file (a ZIP inside).</summary>
    OfficeFile,

    /// <summary>Compound file: older office files and Outlook messages.</summary>
    CompoundFile,

    /// <summary>Executable program of Windows, Linux or macOS.</summary>
    Program,

    /// <summary>Script with an interpreter line or a script tag of its language.</summary>
    Script,

    /// <summary>Compressed archive other than ZIP.</summary>
    Archive,

    /// <summary>Plain text.</summary>
    Text,
}
