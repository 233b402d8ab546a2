using System.Text;
using System.Xml;
using System.Xml.Linq;
using Countersign.Feel.Dmn;
using Countersign.Feel.Values;
using Shouldly;
using Xunit;

namespace Countersign.Feel.Tests;

/// <summary>Documents are written again without loss.</summary>
public sealed class DmnDocumentTests
{
    private const string Rich = "<?xml version=\"1.0\" encoding=\"utf-8\"?><?pi before?><!-- first --><d:definitions xmlns:d=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" xmlns:x=\"urn:x\" id=\"m\" name=\"M\" namespace=\"urn:m\" x:color=\"re&#10;d\">\n"
        + "  <d:extensionElements><x:note>kept <![CDATA[<as> it is]]></x:note></d:extensionElements>\r\n  <!-- inside -->\n  <d:decision id=\"d\" name=\"D\"><d:literalExpression id=\"e\"><d:text><![CDATA[1 < 2]]></d:text></d:literalExpression></d:decision>\n"
        + "  <d:decision id=\"f\" name=\"F\"><d:literalExpression id=\"g\"><d:text>1 &lt; 2</d:text></d:literalExpression></d:decision><?pi after?>\n</d:definitions>\n";

    [Fact]
    public void A_changed_text_changes_nothing_else()
    {
        var document = Read(Encoding.UTF8.GetBytes(Rich));
        document.TextOf("e").ShouldBe("1 < 2");
        document.SetText("e", "3 < 2").ShouldBeTrue();
        document.SetText("g", "\"a & b\"").ShouldBeTrue();
        var written = Encoding.UTF8.GetString(document.Write());
        XNode.DeepEquals(Parse(written), Parse(Rich.Replace("<![CDATA[1 < 2]]>", "<![CDATA[3 < 2]]>", StringComparison.Ordinal).Replace(">1 &lt; 2<", ">\"a &amp; b\"<", StringComparison.Ordinal))).ShouldBeTrue(written);
        written.ShouldContain("<![CDATA[3 < 2]]>");
        document.Load().Model!.Evaluate("D", FeelScope.Empty, FeelOptions.Default).Value.ShouldBe(FeelValue.False);
        document.Load().Model!.Evaluate("F", FeelScope.Empty, FeelOptions.Default).Value.ShouldBe(FeelValue.From("a & b"));
    }

    [Fact]
    public void What_is_not_there_or_cannot_be_written_is_refused()
    {
        var document = Read(Encoding.UTF8.GetBytes(Rich));
        document.SetText("nowhere", "1").ShouldBeFalse();
        document.SetText("d", "1").ShouldBeFalse();
        document.SetText("e", "\"\u0001\"").ShouldBeFalse();
        document.SetText("e", "\"\ud800\"").ShouldBeFalse();
        document.SetText("e", "\"\ud83d\ude00 ]]>\"").ShouldBeTrue();
        document.Load().Model!.Evaluate("D", FeelScope.Empty, FeelOptions.Default).Value.ShouldBe(FeelValue.From("\ud83d\ude00 ]]>"));
        DmnDocument.TryRead(Encoding.UTF8.GetBytes("<html/>"), out _, out var problem).ShouldBeFalse();
        problem!.Message.ShouldContain("no DMN model");
    }

    [Fact]
    public void All_models_of_the_compatibility_kit_are_written_without_loss()
    {
        var models = Checkout.Kit();
        Assert.SkipWhen(models.Count == 0, "The DMN compatibility kit is not beside the repository (../shared/data/processes/dmn-tck).");
        foreach (var path in models)
        {
            var bytes = File.ReadAllBytes(path);
            var document = Read(bytes);
            document.Write().ShouldBe(bytes, path);
            // Changed and changed back it is written by the serializer: other bytes perhaps, the same document certainly.
            if (Parse(bytes).Descendants().FirstOrDefault(e => e.Attribute("id") is not null && e.Element(e.Name.Namespace + "text") is not null) is not { } element)
                continue;
            var id = element.Attribute("id")!.Value;
            var text = document.TextOf(id)!;
            document.SetText(id, text + " ").ShouldBeTrue(path);
            document.SetText(id, text).ShouldBeTrue(path);
            XNode.DeepEquals(Parse(document.Write()), Parse(bytes)).ShouldBeTrue(path);
        }
    }

    private static DmnDocument Read(byte[] xml)
    {
        DmnDocument.TryRead(xml, out var document, out var problem).ShouldBeTrue(problem?.Message);
        return document!;
    }

    private static XDocument Parse(string xml) => Parse(Encoding.UTF8.GetBytes(xml));

    private static XDocument Parse(byte[] xml)
    {
        using var reader = XmlReader.Create(new MemoryStream(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        var document = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
        // The declaration tells how the bytes were written, which is not part of the document.
        document.Declaration = null;
        return document;
    }
}
