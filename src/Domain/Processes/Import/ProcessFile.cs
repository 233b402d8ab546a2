using System.Xml.Linq;

namespace Countersign.Domain.Processes.Import;

/// <summary>
/// A BPMN file opened for small changes. Writing keeps everything that was not changed: diagram, foreign extensions, comments, order and white space. Only the way of writing the same
/// (quotes, line ends, the encoding, which becomes UTF-8) may differ.
/// </summary>
public sealed class ProcessFile
{
    private readonly BpmnDocument _document;

    private ProcessFile(BpmnDocument document) => _document = document;

    /// <summary>Opens a file; null when it is not XML within the limits of files that are published.</summary>
    /// <param name="content">The bytes.</param>
    public static ProcessFile? Open(ReadOnlyMemory<byte> content) => BpmnDocument.Open(content, new FindingList()) is { } document ? new ProcessFile(document) : null;

    /// <summary>Ids of all flow nodes, in the order of the file.</summary>
    public IEnumerable<string> Elements() => Nodes().Select(e => e.Id()!);

    /// <summary>Names a flow node.</summary>
    /// <param name="elementId">Its id; nothing happens when the file has no such flow node.</param>
    /// <param name="name">The new name.</param>
    public void Rename(string elementId, string name) => Nodes().FirstOrDefault(e => e.Id() == elementId)?.SetAttributeValue("name", name);

    /// <summary>The file in UTF-8.</summary>
    public ReadOnlyMemory<byte> Write() => _document.Write();

    private IEnumerable<XElement> Nodes() => _document.Xml.Descendants().Where(e => e.Name.Namespace == Dialect.Bpmn && Lint.BpmnScan.FlowNodes.Contains(e.Name.LocalName) && e.Id() is not null);
}
