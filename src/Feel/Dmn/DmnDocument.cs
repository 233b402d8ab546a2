using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Countersign.Feel.Dmn;

/// <summary>
/// A DMN document for changing its texts and writing it again. Whatever the document has is kept: its version and prefixes, diagrams, extensions, comments,
/// processing instructions, CDATA and blanks. A document that was not changed is written byte for byte. Not thread-safe.
/// </summary>
public sealed class DmnDocument
{
    private readonly ReadOnlyMemory<byte> _original;
    private readonly XDocument _document;
    private bool _isChanged;

    private DmnDocument(ReadOnlyMemory<byte> original, XDocument document)
    {
        _original = original;
        _document = document;
    }

    /// <summary>Reads a document, with the limits of <see cref="DmnModel.Load"/>; a diagnostic when it is none.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> xml, [NotNullWhen(true)] out DmnDocument? document, [NotNullWhen(false)] out DmnDiagnostic? problem, DmnLoadOptions? options = null)
    {
        var (read, sentence, line) = DmnXml.ReadDocument(xml, options ?? DmnLoadOptions.Default, forWriting: true);
        document = read is null ? null : new DmnDocument(xml, read);
        problem = read is null ? new DmnDiagnostic(DmnSeverity.Error, "", line, sentence) : null;
        return document is not null;
    }

    /// <summary>The FEEL text of an expression, a table's cell or a list of allowed values, by its id; null when there is no such text.</summary>
    public string? TextOf(string id) => Text(id)?.Value;

    /// <summary>Replaces the FEEL text of an expression, cell or list of allowed values; false when there is no such element or it has no text.</summary>
    /// <param name="id">The element's id.</param>
    /// <param name="text">The new text; characters that XML cannot hold are refused with false.</param>
    public bool SetText(string id, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Text(id) is not { } element || !IsXml(text))
            return false;
        if (string.Equals(element.Value, text, StringComparison.Ordinal))
            return true;
        // A text that was written as CDATA stays so.
        if (element.Nodes().Any(n => n is XCData) && !text.Contains("]]>", StringComparison.Ordinal))
            element.ReplaceNodes(new XCData(text));
        else
            element.ReplaceNodes(new XText(text));
        _isChanged = true;
        return true;
    }

    /// <summary>The document as bytes: the very ones it was read from when nothing was changed, else UTF-8.</summary>
    public byte[] Write()
    {
        if (!_isChanged)
            return _original.ToArray();
        var settings = new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: _original.Span.StartsWith(Encoding.UTF8.Preamble)),
            OmitXmlDeclaration = _document.Declaration is null,
            NewLineHandling = NewLineHandling.Entitize,
        };
        using var bytes = new MemoryStream(_original.Length);
        using (var writer = XmlWriter.Create(bytes, settings))
            _document.Save(writer);
        return bytes.ToArray();
    }

    /// <summary>Loads the document as it is now.</summary>
    public DmnLoadResult Load(DmnLoadOptions? options = null) => DmnModel.Load(Write(), options);

    private XElement? Text(string id)
        => _document.Root!.Descendants().FirstOrDefault(e => string.Equals(e.Attr("id"), id, StringComparison.Ordinal))?.Child("text");

    private static bool IsXml(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (!XmlConvert.IsXmlChar(text[i]))
                return false;
        }
        return true;
    }
}
