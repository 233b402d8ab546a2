using System.Xml;
using System.Xml.Linq;

namespace Countersign.Feel.Dmn;

/// <summary>Reads DMN documents of all versions alike: by local names within the document's own DMN namespace.</summary>
internal static class DmnXml
{
    private static readonly string[] Namespaces =
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    ];

    /// <summary>The root element; else why there is none.</summary>
    public static (XElement? Root, string Problem, int Line) Read(ReadOnlyMemory<byte> xml, DmnLoadOptions options)
    {
        var (document, problem, line) = ReadDocument(xml, options, forWriting: false);
        return (document?.Root, problem, line);
    }

    /// <summary>The whole document; else why there is none.</summary>
    /// <param name="forWriting">Keeps what only matters for writing it again.</param>
    public static (XDocument? Document, string Problem, int Line) ReadDocument(ReadOnlyMemory<byte> xml, DmnLoadOptions options, bool forWriting)
    {
        if (xml.Length > options.MaxBytes)
            return (null, $"The document is larger than {options.MaxBytes} bytes.", 0);
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = options.MaxBytes,
            IgnoreProcessingInstructions = !forWriting,
            IgnoreComments = !forWriting,
        };
        try
        {
            // The depth is looked at first: building the tree of a deep document costs memory.
            using (var probe = XmlReader.Create(Stream(xml), settings))
            {
                while (probe.Read())
                {
                    if (probe.Depth > options.MaxDepth)
                        return (null, $"The document is nested deeper than {options.MaxDepth} elements.", ((IXmlLineInfo)probe).LineNumber);
                }
            }
            using var reader = XmlReader.Create(Stream(xml), settings);
            var document = XDocument.Load(reader, LoadOptions.PreserveWhitespace | LoadOptions.SetLineInfo);
            var root = document.Root!;
            if (root.Name.LocalName != "definitions" || !Namespaces.Contains(root.Name.NamespaceName, StringComparer.Ordinal))
                return (null, $"The document is no DMN model of the versions 1.1 to 1.5: its root is '{root.Name.LocalName}' in '{root.Name.NamespaceName}'.", Line(root));
            return (document, "", 0);
        }
        catch (XmlException problem)
        {
            return (null, $"The document is no well-formed XML: {problem.Message}", problem.LineNumber);
        }
    }

    public static int Line(XObject at) => ((IXmlLineInfo)at).HasLineInfo() ? ((IXmlLineInfo)at).LineNumber : 0;

    public static IEnumerable<XElement> Children(this XElement element, string name) => element.Elements(element.Name.Namespace + name);

    public static XElement? Child(this XElement element, string name) => element.Element(element.Name.Namespace + name);

    public static string? Attr(this XElement element, string name) => ((string?)element.Attribute(XName.Get(name)))?.Trim();

    /// <summary>The id of the element or the nearest one around it.</summary>
    public static string NearestId(this XElement element)
        => element.AncestorsAndSelf().Select(e => e.Attr("id")).FirstOrDefault(id => !string.IsNullOrEmpty(id)) ?? "";

    public static string GivenName(this XElement element) => Parsing.FeelNames.Normalize(element.Attr("name") ?? "");

    /// <summary>The text of a <c>text</c> child.</summary>
    public static string Text(this XElement? element) => element?.Child("text")?.Value ?? "";

    private static MemoryStream Stream(ReadOnlyMemory<byte> xml)
        => System.Runtime.InteropServices.MemoryMarshal.TryGetArray(xml, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(xml.ToArray(), writable: false);
}
