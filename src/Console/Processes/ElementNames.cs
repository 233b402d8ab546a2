using System.Xml;

namespace Countersign.Console.Processes;

/// <summary>Names of a diagram's elements by id, read from BPMN XML without ever loading anything from outside it.</summary>
internal static class ElementNames
{
    private const int LongestDocument = 5 * 1024 * 1024;

    public static Dictionary<string, string> Of(string bpmn)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var reader = XmlReader.Create(new StringReader(bpmn), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = LongestDocument });
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element && reader.GetAttribute("id") is { } id && reader.GetAttribute("name") is { Length: > 0 } name && !IsFlow(reader.LocalName))
                    names[id] = name;
            }
        }
        catch (XmlException)
        {
            // A diagram that cannot be read leaves ids in the place of names.
            return names;
        }

        return names;
    }

    private static bool IsFlow(string local) => local is "sequenceFlow" or "messageFlow" or "process" or "collaboration" or "definitions" or "dataClass";
}
