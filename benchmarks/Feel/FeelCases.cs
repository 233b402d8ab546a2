using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Countersign.Benchmarks.Feel;

/// <summary>What both engines are asked: the same texts and the same variables.</summary>
internal static class FeelCases
{
    public const string Expression = "amount > 1000 and country in [\"DE\",\"FR\"]";

    public static readonly string[] Inputs = ["amount", "country", "age", "kind"];

    /// <summary>About 4 KB of an invoice's variables, with the two that the expression needs in their midst.</summary>
    public static string Variables()
    {
        var lines = Enumerable.Range(1, 29).Select(i => new
        {
            position = i,
            article = $"A-{1000 + i}",
            text = $"Filter cartridge number {i}, spare part",
            quantity = i * 2.5m,
            price = 19.9m + i,
            tax = 19,
        });
        return JsonSerializer.Serialize(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["invoice"] = new { number = "2026-004711", issueDate = "2026-11-22", currency = "EUR", seller = "Nordwind GmbH", iban = "DE02120300000000202051", corrected = false },
            ["lines"] = lines,
            ["amount"] = 1234.56m,
            ["country"] = "FR",
            ["checks"] = Enumerable.Range(1, 6).Select(i => new { id = $"check_{i}", result = "passed", detail = "Nothing was found." }),
            ["initiator"] = "ana",
        });
    }

    public const string TableVariables = """{"amount": 4200.5, "country": "SE", "age": 34, "kind": "service"}""";

    /// <summary>Twenty rules over four inputs; the last but one is the first that holds, so nearly all are looked at.</summary>
    public static (string[] Tests, string Result)[] Rules()
    {
        string[] countries = ["\"DE\"", "\"FR\", \"BE\"", "\"AT\"", "not(\"SE\", \"NO\")", "\"IT\", \"ES\", \"PT\""];
        var rules = new List<(string[], string)>();
        for (var i = 0; i < 18; i++)
        {
            var low = (i * 500).ToString(CultureInfo.InvariantCulture);
            var high = ((i * 500) + 5000).ToString(CultureInfo.InvariantCulture);
            rules.Add(([$"[{low}..{high})", countries[i % countries.Length], i % 2 == 0 ? "-" : ">= 18", i % 3 == 0 ? "\"goods\"" : "-"], $"\"rule {i + 1}\""));
        }
        rules.Add(([">= 1000", "\"SE\", \"NO\"", "[18..67]", "\"service\""], "\"north\""));
        rules.Add((["-", "-", "-", "-"], "\"otherwise\""));
        return [.. rules];
    }

    public const string TableExpected = "north";

    /// <summary>The same table as a model.</summary>
    public static byte[] Model()
    {
        var text = new StringBuilder("<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' id='m' name='M' namespace='urn:m'>");
        foreach (var input in Inputs)
            text.Append(CultureInfo.InvariantCulture, $"<inputData id='{input}' name='{input}'/>");
        text.Append("<decision id='d' name='D'>");
        foreach (var input in Inputs)
            text.Append(CultureInfo.InvariantCulture, $"<informationRequirement><requiredInput href='#{input}'/></informationRequirement>");
        text.Append("<decisionTable hitPolicy='FIRST'>");
        foreach (var input in Inputs)
            text.Append(CultureInfo.InvariantCulture, $"<input><inputExpression><text>{input}</text></inputExpression></input>");
        text.Append("<output/>");
        foreach (var (tests, result) in Rules())
        {
            text.Append("<rule>");
            foreach (var test in tests)
                text.Append("<inputEntry><text>").Append(System.Security.SecurityElement.Escape(test)).Append("</text></inputEntry>");
            text.Append("<outputEntry><text>").Append(result).Append("</text></outputEntry></rule>");
        }
        return Encoding.UTF8.GetBytes(text.Append("</decisionTable></decision></definitions>").ToString());
    }
}
