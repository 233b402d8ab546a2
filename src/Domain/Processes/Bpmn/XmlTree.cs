using System.Text;
using System.Xml;
using Countersign.Domain.Processes.Lint;

namespace Countersign.Domain.Processes.Bpmn;

/// <summary>An XML element, read only.</summary>
internal sealed class XmlTree(string name, string ns, int line)
{
    private static readonly Dictionary<(string Ns, string Name), string> NoAttributes = [];

    private Dictionary<(string Ns, string Name), string> _attributes = NoAttributes;
    private string _text = "";

    /// <summary>Local name.</summary>
    public string Name { get; } = name;

    public string Ns { get; } = ns;

    public int Line { get; } = line;

    public List<XmlTree> Children { get; } = [];

    public IReadOnlyDictionary<(string Ns, string Name), string> Attributes => _attributes;

    /// <summary>Text directly inside, without white space at its ends.</summary>
    public string Text => _text.Trim();

    public bool IsBpmn(string name) => Name == name && Ns == BpmnNames.Model;

    /// <summary>An attribute without a namespace; null when absent or blank.</summary>
    public string? this[string name] => _attributes.TryGetValue(("", name), out var value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    public XmlTree? Child(string name) => Children.Find(c => c.IsBpmn(name));

    public IEnumerable<XmlTree> All(string name) => Children.Where(c => c.IsBpmn(name));

    internal void Add(string text) => _text = _text.Length == 0 ? text : _text + text;

    internal void Take(Dictionary<(string Ns, string Name), string> attributes) => _attributes = attributes;
}

/// <summary>Reads XML that nobody vouches for: no DTD, nothing fetched, and limits on everything.</summary>
internal static class XmlTreeReader
{
    private const int MaximumBytes = 5 * 1024 * 1024;
    private const int MaximumDepth = 256;
    private const int MaximumElements = 200_000;
    private const int MaximumAttributes = 1_000_000;

    /// <summary>Reads a document; null with one finding when it cannot be read.</summary>
    public static XmlTree? Read(ReadOnlyMemory<byte> content, FindingList findings)
    {
        if (content.Length > MaximumBytes)
            return Refuse(findings, "xml.too-large", $"The file has {content.Length} bytes; {MaximumBytes} are allowed.", "Split it, or take large embedded content out.");
        if (IsSixteenBit(content.Span))
            return Refuse(findings, "xml.encoding", "The file is not in UTF-8.", "Save it in UTF-8.");
        try
        {
            using var reader = Open(content, everything: false);
            return Read(reader, findings);
        }
        catch (XmlException error) when (error.InnerException is ArgumentException or NotSupportedException)
        {
            return Refuse(findings, "xml.encoding", "The file's encoding is unknown or not the one it declares.", "Save it in UTF-8.");
        }
        catch (XmlException error)
        {
            var dtd = error.Message.Contains("DTD", StringComparison.Ordinal);
            return Refuse(findings, dtd ? "xml.dtd" : "xml.invalid",
                dtd ? "The file has a document type definition (DTD), which is not allowed." : FormattableString.Invariant($"The file is not well-formed XML at line {error.LineNumber}, column {error.LinePosition}."),
                dtd ? "Remove the DOCTYPE." : "Export it again from the modeler.", error.LineNumber);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException or DecoderFallbackException)
        {
            return Refuse(findings, "xml.encoding", "The file's encoding is unknown or not the one it declares.", "Save it in UTF-8.");
        }
    }

    /// <summary>A reader under these limits.</summary>
    /// <param name="everything">Whether comments and processing instructions are wanted too.</param>
    public static XmlReader Open(ReadOnlyMemory<byte> content, bool everything)
    {
        var bytes = new MemoryStream(content.ToArray(), writable: false);
        return IsWindows1252(content.Span)
            ? XmlReader.Create(new StreamReader(bytes, CodePagesEncodingProvider.Instance.GetEncoding(1252)!, detectEncodingFromByteOrderMarks: false), Settings(everything))
            : XmlReader.Create(bytes, Settings(everything));
    }

    private static XmlReaderSettings Settings(bool everything) => new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaximumBytes,
        // Character references count too, and a file in which every umlaut is one is not an attack.
        MaxCharactersFromEntities = MaximumBytes,
        IgnoreComments = !everything,
        IgnoreProcessingInstructions = !everything,
        CloseInput = true,
    };

    private static XmlTree? Read(XmlReader reader, FindingList findings)
    {
        var path = new Stack<XmlTree>();
        XmlTree? root = null;
        int elements = 0, attributes = 0;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    attributes += reader.AttributeCount;
                    if (reader.Depth > MaximumDepth)
                        return Refuse(findings, "xml.too-deep", $"The file is nested deeper than {MaximumDepth} levels.", "Simplify it.", Line(reader));
                    if (++elements > MaximumElements || attributes > MaximumAttributes)
                        return Refuse(findings, "xml.too-many", $"The file has more than {MaximumElements} elements or {MaximumAttributes} attributes.", "Split it into several processes.", Line(reader));
                    var element = Element(reader);
                    if (path.TryPeek(out var parent))
                        parent.Children.Add(element);
                    root ??= element;
                    if (!reader.IsEmptyElement)
                        path.Push(element);
                    break;
                case XmlNodeType.EndElement:
                    path.Pop();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA:
                    path.Peek().Add(reader.Value);
                    break;
            }
        }

        return root;
    }

    private static XmlTree Element(XmlReader reader)
    {
        // IsEmptyElement must be asked for before the attributes are visited; MoveToElement brings it back.
        var element = new XmlTree(reader.LocalName, reader.NamespaceURI, Line(reader));
        if (!reader.HasAttributes)
            return element;
        var attributes = new Dictionary<(string Ns, string Name), string>(reader.AttributeCount);
        while (reader.MoveToNextAttribute())
        {
            if (reader.Prefix != "xmlns" && reader.Name != "xmlns")
                attributes[(reader.NamespaceURI, reader.LocalName)] = Value(element.Ns, reader);
        }

        reader.MoveToElement();
        element.Take(attributes);
        return element;
    }

    /// <summary>The schema lets true and false be written as 1 and 0.</summary>
    private static string Value(string ns, XmlReader reader) => ns == BpmnNames.Model && reader.NamespaceURI.Length == 0 && BpmnStructure.Booleans.Contains(reader.LocalName)
        ? reader.Value.Trim() switch { "1" => "true", "0" => "false", var text => text }
        : reader.Value;

    private static int Line(XmlReader reader) => reader is IXmlLineInfo info && info.HasLineInfo() ? info.LineNumber : 0;

    /// <summary>The one encoding beside UTF-8 and Latin-1 that modelers on Windows still write, and that the XML reader does not know by itself.</summary>
    private static bool IsWindows1252(ReadOnlySpan<byte> content)
    {
        const int LongestDeclaration = 200;
        var start = Encoding.Latin1.GetString(content[..Math.Min(content.Length, LongestDeclaration)]);
        var end = start.IndexOf("?>", StringComparison.Ordinal);
        return end > 0 && start[..end].Contains("windows-1252", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsSixteenBit(ReadOnlySpan<byte> content) => content.Length >= 2 && (content[0], content[1]) is (0xFE, 0xFF) or (0xFF, 0xFE) or (0, (byte)'<') or ((byte)'<', 0);

    private static XmlTree? Refuse(FindingList findings, string rule, string sentence, string remedy, int? line = null)
    {
        findings.Error(rule, null, sentence, remedy, line);
        return null;
    }
}
