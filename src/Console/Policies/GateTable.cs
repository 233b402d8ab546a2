using System.Xml;
using System.Xml.Linq;

namespace Countersign.Console.Policies;

/// <summary>A DMN decision table as rows and columns for reading.</summary>
internal sealed record GateTable(string HitPolicy, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<GateRule> Rules)
{
    private const int LongestDocument = 1024 * 1024;

    /// <summary>Reads the first decision table; null when there is none or the XML cannot be read.</summary>
    public static GateTable? Of(string dmn)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(dmn), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = LongestDocument });
            var table = XDocument.Load(reader).Descendants().FirstOrDefault(e => e.Name.LocalName == "decisionTable");
            if (table is null)
                return null;
            return new GateTable(table.Attribute("hitPolicy")?.Value ?? "UNIQUE",
                [.. Children(table, "input").Select(i => i.Attribute("label")?.Value ?? Text(Children(i, "inputExpression").FirstOrDefault()))],
                [.. Children(table, "output").Select(o => o.Attribute("label")?.Value ?? o.Attribute("name")?.Value ?? "")],
                [.. Children(table, "rule").Select(r => new GateRule(r.Attribute("id")?.Value ?? "", [.. Children(r, "inputEntry").Select(Text)], [.. Children(r, "outputEntry").Select(Text)]))]);
        }
        catch (XmlException)
        {
            // The source is shown instead of the table.
            return null;
        }
    }

    private static IEnumerable<XElement> Children(XElement parent, string name) => parent.Elements().Where(e => e.Name.LocalName == name);

    private static string Text(XElement? e) => e?.Elements().FirstOrDefault(t => t.Name.LocalName == "text")?.Value.Trim() ?? "";
}

internal sealed record GateRule(string Id, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs);
