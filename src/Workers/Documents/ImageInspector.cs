using System.Buffers.Binary;
using System.Globalization;
using Countersign.Domain;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Reads the frame of PNG and JPEG files, never their pixels: size, animation, metadata, whether they are whole.</summary>
internal static class ImageInspector
{
    /// <summary>Most pixels that are accepted: an A3 page at 500 dpi.</summary>
    public const long MaxPixels = 40_000_000;

    public static (Refusal? Refusal, InvoiceCheck? Finding) Inspect(ReadOnlySpan<byte> content, DocumentKind kind) =>
        kind == DocumentKind.Png ? InspectPng(content) : InspectJpeg(content);

    private static (Refusal?, InvoiceCheck?) InspectPng(ReadOnlySpan<byte> content)
    {
        var damaged = DocumentRefusals.Damaged("PNG");
        var at = 8;
        bool pixels = false, metadata = false, first = true;
        while (at + 12 <= content.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(content[at..]);
            var type = content.Slice(at + 4, 4);
            if (length > int.MaxValue || at + 12 + (long)length > content.Length || first != type.SequenceEqual("IHDR"u8))
                return (damaged, null);
            if (first && (length < 13 || Check(content[(at + 8)..]) is not null))
                return (length < 13 ? damaged : Check(content[(at + 8)..]), null);
            first = false;
            if (type.SequenceEqual("acTL"u8))
                return (DocumentRefusals.Animated, null);
            pixels |= type.SequenceEqual("IDAT"u8);
            metadata |= type.SequenceEqual("tEXt"u8) || type.SequenceEqual("zTXt"u8) || type.SequenceEqual("iTXt"u8) || type.SequenceEqual("eXIf"u8);
            at += 12 + (int)length;
            if (type.SequenceEqual("IEND"u8))
                return (pixels ? null : damaged, metadata ? Metadata() : null);
        }

        return (damaged, null);

        static Refusal? Check(ReadOnlySpan<byte> header)
        {
            long width = BinaryPrimitives.ReadUInt32BigEndian(header), height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
            return width == 0 || height == 0 ? DocumentRefusals.Damaged("PNG") : width * height > MaxPixels ? DocumentRefusals.TooManyPixels(width, height) : null;
        }
    }

    private static (Refusal?, InvoiceCheck?) InspectJpeg(ReadOnlySpan<byte> content)
    {
        var damaged = DocumentRefusals.Damaged("JPEG");
        var at = 2;
        bool framed = false, metadata = false;
        while (at + 4 <= content.Length)
        {
            if (content[at] != 0xFF)
                return (damaged, null);
            var marker = content[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(content[(at + 2)..]);
            if (length < 2 || at + 2 + length > content.Length)
                return (damaged, null);
            // Frames carry the size: SOF0 to SOF15 without the tables that share the range.
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                if (length < 8)
                    return (damaged, null);
                long height = BinaryPrimitives.ReadUInt16BigEndian(content[(at + 5)..]), width = BinaryPrimitives.ReadUInt16BigEndian(content[(at + 7)..]);
                if (width * height > MaxPixels)
                    return (DocumentRefusals.TooManyPixels(width, height), null);
                framed = width > 0 && height > 0;
            }

            metadata |= marker is 0xE1 or 0xED or 0xFE;
            at += 2 + length;
            // Picture data follows the scan header; the file is whole when it ends with the end marker.
            if (marker == 0xDA)
                return (framed && content[at..].LastIndexOf([(byte)0xFF, (byte)0xD9]) >= 0 ? null : damaged, metadata ? Metadata() : null);
        }

        return (damaged, null);
    }

    private static InvoiceCheck Metadata() =>
        new("image_metadata", CheckResult.Failed, string.Create(CultureInfo.InvariantCulture, $"The image carries metadata, which may name a place, a device or a person. It is not used; remove it before passing the image on."));
}
