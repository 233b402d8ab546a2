using System.Xml;
using System.Xml.Linq;

namespace Countersign.Workers.Documents;

/// <summary>The one way foreign XML is read: no DTD, no resolver, bounded characters, depth, nodes and time.</summary>
public static class HouseXml
{
    /// <summary>Deepest element nesting that is accepted.</summary>
    public const int MaxDepth = 256;

    /// <summary>Most characters that are accepted in one document.</summary>
    public const long MaxCharacters = 30_000_000;

    /// <summary>Most nodes (elements, texts, comments and attributes) that are accepted in one document.</summary>
    public const int MaxNodes = 2_000_000;

    /// <summary>Settings that prohibit DTDs, resolve nothing and bound the size. Depth and time are bounded by <see cref="OpenReader"/>.</summary>
    public static XmlReaderSettings MakeSettings() => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxCharacters,
        MaxCharactersFromEntities = 1024,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CheckCharacters = true,
        CloseInput = true,
        Async = false,
    };

    /// <summary>Most bytes of one start tag. The framework reads all attributes of an element before it returns, in time that grows faster
    /// than their number, so neither the node count nor the token could stop it.</summary>
    public const int MaxTagBytes = 64 * 1024;

    /// <summary>A reader over foreign bytes that stops at the limits above or when the token is cancelled.</summary>
    /// <exception cref="XmlException">Here or while reading: the text is not XML or a limit is exceeded.</exception>
    /// <exception cref="OperationCanceledException">While reading: the token was cancelled.</exception>
    public static XmlReader OpenReader(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        if (HasHugeTag(content.Span))
            throw new XmlException("A tag is longer than allowed.");
        return new BoundedXmlReader(XmlReader.Create(new ReadOnlyMemoryStream(content), MakeSettings()), MaxDepth, MaxNodes, cancellation);
    }

    /// <summary>The whole document as a tree.</summary>
    /// <exception cref="XmlException">The text is not XML or a limit is exceeded.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static XElement LoadTree(ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        using var reader = OpenReader(content, cancellation);
        // LoadOptions.None drops insignificant white space only; text inside values stays as written.
        return XDocument.Load(reader, LoadOptions.None).Root ?? throw new XmlException("The document has no root element.");
    }

    // Works on bytes of any Unicode encoding: the zero bytes of UTF-16 and UTF-32 fall between the signs looked for.
    private static bool HasHugeTag(ReadOnlySpan<byte> content)
    {
        var at = 0;
        while (true)
        {
            var open = content[at..].IndexOf((byte)'<');
            if (open < 0)
                return false;
            at += open + 1;
            var end = at;
            while (end < content.Length && content[end] == 0)
                end++;
            // Declarations, comments and character data may be long; what they hold is not parsed as attributes.
            if (end < content.Length && content[end] is (byte)'!' or (byte)'?' or (byte)'/')
                continue;
            if (TagLength(content[at..]) > MaxTagBytes)
                return true;
        }
    }

    private static int TagLength(ReadOnlySpan<byte> tag)
    {
        byte quote = 0;
        for (var i = 0; i < tag.Length && i <= MaxTagBytes; i++)
        {
            var c = tag[i];
            if (quote != 0)
                quote = c == quote ? (byte)0 : quote;
            else if (c is (byte)'"' or (byte)'\'')
                quote = c;
            else if (c == (byte)'>')
                return i;
        }

        return tag.Length > MaxTagBytes ? MaxTagBytes + 1 : tag.Length;
    }
}
