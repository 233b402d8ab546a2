using System.Buffers.Binary;

namespace Countersign.Workers.Documents;

/// <summary>Notices files that are two types at once: junk before a PDF header, an archive behind an image, a script inside.</summary>
internal static class Polyglots
{
    private const int EndRecordLength = 22;

    public static bool IsPolyglot(ReadOnlySpan<byte> content, DocumentKind kind)
    {
        var head = content[..Math.Min(content.Length, ContentSniffer.PdfHeaderWindow)];
        if (kind != DocumentKind.Pdf && head.IndexOf("%PDF-"u8) >= 0)
            return true;
        if (kind is not (DocumentKind.Pdf or DocumentKind.Png or DocumentKind.Jpeg))
            return false;
        if (EndsAsArchive(content))
            return true;
        // Scripts that run when a server is misled hide in comments and metadata; a PDF may quote them in its text, so only its head counts.
        var searched = kind == DocumentKind.Pdf ? head : content;
        return searched.IndexOf("<?php"u8) >= 0 || searched.IndexOf("<script"u8) >= 0;
    }

    // An end record whose comment reaches exactly to the end of the file makes the file a ZIP, whatever it starts with.
    private static bool EndsAsArchive(ReadOnlySpan<byte> content)
    {
        var from = Math.Max(0, content.Length - EndRecordLength - ushort.MaxValue);
        var tail = content[from..];
        for (var at = tail.LastIndexOf("PK\u0005\u0006"u8); at >= 0; at = tail[..at].LastIndexOf("PK\u0005\u0006"u8))
        {
            if (at + EndRecordLength <= tail.Length && BinaryPrimitives.ReadUInt16LittleEndian(tail[(at + 20)..]) == tail.Length - at - EndRecordLength)
                return true;
        }

        return false;
    }
}
