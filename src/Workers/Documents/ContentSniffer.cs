using System.Text;

namespace Countersign.Workers.Documents;

/// <summary>Tells what a file is by its first bytes. Names and media types are claims; the bytes are what a parser will meet.</summary>
internal static class ContentSniffer
{
    private static readonly (byte[] Magic, int At, DocumentKind Kind)[] Signatures =
    [
        ("%PDF-"u8.ToArray(), 0, DocumentKind.Pdf),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], 0, DocumentKind.Png),
        ([0xFF, 0xD8, 0xFF], 0, DocumentKind.Jpeg),
        ("GIF8"u8.ToArray(), 0, DocumentKind.Gif),
        ("WEBP"u8.ToArray(), 8, DocumentKind.WebP),
        ([0x49, 0x49, 0x2A, 0x00], 0, DocumentKind.Tiff),
        ([0x4D, 0x4D, 0x00, 0x2A], 0, DocumentKind.Tiff),
        ([0x50, 0x4B, 0x03, 0x04], 0, DocumentKind.Zip),
        ([0x50, 0x4B, 0x05, 0x06], 0, DocumentKind.Zip),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], 0, DocumentKind.CompoundFile),
        ("MZ"u8.ToArray(), 0, DocumentKind.Program),
        ([0x7F, 0x45, 0x4C, 0x46], 0, DocumentKind.Program),
        ([0xCF, 0xFA, 0xED, 0xFE], 0, DocumentKind.Program),
        ([0xCA, 0xFE, 0xBA, 0xBE], 0, DocumentKind.Program),
        ("#!"u8.ToArray(), 0, DocumentKind.Script),
        ([0x1F, 0x8B], 0, DocumentKind.Archive),
        ("Rar!"u8.ToArray(), 0, DocumentKind.Archive),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, DocumentKind.Archive),
        ("BZh"u8.ToArray(), 0, DocumentKind.Archive),
    ];

    private static readonly string[] HeifBrands = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif"];

    /// <summary>Length of the window in which readers tolerate junk before a PDF header (ISO 32000-1, annex H.3.4.1).</summary>
    public const int PdfHeaderWindow = 1024;

    public static DocumentKind Sniff(ReadOnlySpan<byte> content)
    {
        foreach (var (magic, at, kind) in Signatures)
        {
            if (content.Length >= at + magic.Length && content.Slice(at, magic.Length).SequenceEqual(magic))
                return kind == DocumentKind.Zip && IsOffice(content) ? DocumentKind.OfficeFile : kind;
        }

        if (content.Length >= 12 && content[4..8].SequenceEqual("ftyp"u8) && Array.IndexOf(HeifBrands, Encoding.ASCII.GetString(content[8..12])) >= 0)
            return DocumentKind.Heif;
        return SniffText(content);
    }

    private static DocumentKind SniffText(ReadOnlySpan<byte> content)
    {
        var start = Decode(content[..Math.Min(content.Length, 4096)]);
        if (start is null)
            return DocumentKind.Unknown;
        var text = start.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (text.StartsWith("<?php", StringComparison.OrdinalIgnoreCase))
            return DocumentKind.Script;
        if (text.StartsWith('<'))
            return SniffMarkup(text);
        return DocumentKind.Text;
    }

    private static DocumentKind SniffMarkup(string text)
    {
        if (text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || FirstElement(text).Equals("html", StringComparison.OrdinalIgnoreCase) || FirstElement(text).Equals("script", StringComparison.OrdinalIgnoreCase))
            return DocumentKind.Html;
        return FirstElement(text).Equals("svg", StringComparison.OrdinalIgnoreCase) ? DocumentKind.Svg : DocumentKind.Xml;
    }

    // Local name of the first element after declarations and comments.
    private static string FirstElement(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            at = text.IndexOf('<', at);
            if (at < 0 || at + 1 >= text.Length)
                return "";
            if (text[at + 1] is '?' or '!')
            {
                var close = text.AsSpan(at).StartsWith("<!--", StringComparison.Ordinal) ? text.IndexOf("-->", at, StringComparison.Ordinal) : text.IndexOf('>', at);
                if (close < 0)
                    return "";
                at = close + 1;
                continue;
            }

            var end = at + 1;
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('>' or '/'))
                end++;
            var name = text[(at + 1)..end];
            return name[(name.IndexOf(':') + 1)..];
        }

        return "";
    }

    private static string? Decode(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith([(byte)0xFF, (byte)0xFE]) || (start.Length > 1 && start[0] == '<' && start[1] == 0))
            return Encoding.Unicode.GetString(start);
        if (start.StartsWith([(byte)0xFE, (byte)0xFF]) || (start.Length > 1 && start[0] == 0 && start[1] == '<'))
            return Encoding.BigEndianUnicode.GetString(start);
        return start.IndexOf((byte)0) >= 0 ? null : Encoding.Latin1.GetString(start.StartsWith([(byte)0xEF, (byte)0xBB, (byte)0xBF]) ? start[3..] : start);
    }

    // An office file lists its content types or names its media type, at the front or in the table of contents at the end.
    private static bool IsOffice(ReadOnlySpan<byte> content)
    {
        var head = content[..Math.Min(content.Length, 4096)];
        var tail = content[Math.Max(0, content.Length - 65_536)..];
        return head.IndexOf("[Content_Types].xml"u8) >= 0 || tail.IndexOf("[Content_Types].xml"u8) >= 0 || head.IndexOf("mimetypeapplication/vnd.oasis"u8) >= 0;
    }
}
