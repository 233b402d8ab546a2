using System.Text;
using System.Xml;
using System.Xml.Linq;
using Countersign.Domain.Processes.Bpmn;

namespace Countersign.Domain.Processes.Import;

/// <summary>A BPMN file that can be changed in places and written again: diagram, foreign extensions, comments, white space and order stay as they are.</summary>
internal sealed class BpmnDocument
{
    private BpmnDocument(XDocument xml) => Xml = xml;

    /// <summary>The file's content.</summary>
    public XDocument Xml { get; }

    /// <summary>Opens a file under the limits of every file; null with one finding when it cannot be read.</summary>
    public static BpmnDocument? Open(ReadOnlyMemory<byte> content, FindingList findings) =>
        XmlTreeReader.Read(content, findings) is null ? null : Load(content);

    /// <summary>Opens a file that the limited reader has read already.</summary>
    public static BpmnDocument Load(ReadOnlyMemory<byte> content)
    {
        using var reader = XmlTreeReader.Open(content, everything: true);
        return new BpmnDocument(XDocument.Load(reader, LoadOptions.PreserveWhitespace | LoadOptions.SetLineInfo));
    }

    /// <summary>The same content as the compiler reads it.</summary>
    public XmlTree Tree() => Tree(Xml.Root!);

    /// <summary>The file, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Write()
    {
        using var bytes = new MemoryStream();
        if (Xml.Declaration is { } declaration)
            declaration.Encoding = "UTF-8";
        // Entitize: a line break inside of an attribute would come back as a space.
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineHandling = NewLineHandling.Entitize, OmitXmlDeclaration = Xml.Declaration is null };
        using (var writer = XmlWriter.Create(bytes, settings))
            Xml.Save(writer);
        return bytes.ToArray();
    }

    private static XmlTree Tree(XElement element)
    {
        var tree = new XmlTree(element.Name.LocalName, element.Name.NamespaceName, ((IXmlLineInfo)element).LineNumber);
        var attributes = element.Attributes().Where(a => !a.IsNamespaceDeclaration).ToDictionary(a => (a.Name.NamespaceName, a.Name.LocalName), a => a.Value);
        if (attributes.Count > 0)
            tree.Take(attributes);
        foreach (var node in element.Nodes())
        {
            if (node is XElement child)
                tree.Children.Add(Tree(child));
            else if (node is XText text)
                tree.Add(text.Value);
        }

        return tree;
    }
}
