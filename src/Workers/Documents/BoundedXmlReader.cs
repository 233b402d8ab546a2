using System.Globalization;
using System.Xml;

namespace Countersign.Workers.Documents;

/// <summary>Wraps a reader and stops at a depth, a number of nodes, or a cancelled token. The framework's own reader takes any depth, and a
/// tree built from 200,000 nested elements overflows the stack of whoever walks it.</summary>
internal sealed class BoundedXmlReader(XmlReader inner, int maxDepth, int maxNodes, CancellationToken cancellation) : XmlReader
{
    private int nodes;

    public override int AttributeCount => inner.AttributeCount;

    public override string BaseURI => inner.BaseURI;

    public override int Depth => inner.Depth;

    public override bool EOF => inner.EOF;

    public override bool IsEmptyElement => inner.IsEmptyElement;

    public override string LocalName => inner.LocalName;

    public override string NamespaceURI => inner.NamespaceURI;

    public override XmlNameTable NameTable => inner.NameTable;

    public override XmlNodeType NodeType => inner.NodeType;

    public override string Prefix => inner.Prefix;

    public override ReadState ReadState => inner.ReadState;

    public override string Value => inner.Value;

    public override bool Read()
    {
        if (!inner.Read())
            return false;
        if (inner.NodeType == XmlNodeType.Element)
            nodes += inner.AttributeCount;
        if (++nodes > maxNodes)
            throw new XmlException(string.Create(CultureInfo.InvariantCulture, $"The document has more than {maxNodes} nodes."));
        if (inner.Depth > maxDepth)
            throw new XmlException(string.Create(CultureInfo.InvariantCulture, $"Elements are nested deeper than {maxDepth} levels."));
        if ((nodes & 0xFF) == 0)
            cancellation.ThrowIfCancellationRequested();
        return true;
    }

    public override string GetAttribute(int i) => inner.GetAttribute(i);

    public override string? GetAttribute(string name) => inner.GetAttribute(name);

    public override string? GetAttribute(string name, string? namespaceURI) => inner.GetAttribute(name, namespaceURI);

    public override string? LookupNamespace(string prefix) => inner.LookupNamespace(prefix);

    public override bool MoveToAttribute(string name) => inner.MoveToAttribute(name);

    public override bool MoveToAttribute(string name, string? ns) => inner.MoveToAttribute(name, ns);

    public override bool MoveToElement() => inner.MoveToElement();

    public override bool MoveToFirstAttribute() => inner.MoveToFirstAttribute();

    public override bool MoveToNextAttribute() => inner.MoveToNextAttribute();

    public override bool ReadAttributeValue() => inner.ReadAttributeValue();

    public override void ResolveEntity() => inner.ResolveEntity();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
