using System.Globalization;
using System.Text.Json;

namespace Countersign.Workers.Trail.Exports;

/// <summary>Decisions and reviews as rows of a table for spreadsheets (RFC 4180). A cell that a spreadsheet would take for a formula is written as text.</summary>
internal static class DecisionTable
{
    public static string Header => Line("epoch", "leaf", "time", "stream", "event", "decision", "element", "policy", "policy version", "policy hash", "model", "model version",
        "verdict", "confidence", "impact", "rules", "failed checks", "sampled", "fallback", "by", "outcome", "reason code", "reason");

    public static string Row(int epoch, long leaf, StoredEvent stored)
    {
        using var document = JsonDocument.Parse(stored.Data);
        var data = document.RootElement;
        var (decision, review) = (data.Of("decision"), data.Of("review"));
        return Line(
            epoch.ToString(CultureInfo.InvariantCulture), leaf.ToString(CultureInfo.InvariantCulture), stored.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            stored.Stream, stored.Type, Either(decision.Text("decisionId"), data.Text("decisionId")), decision.Text("elementId"),
            decision.Of("policy").Text("key"), decision.Of("policy").Text("version"), decision.Of("policy").Text("hash"),
            decision.Of("model").Text("name"), decision.Of("model").Text("version"),
            Either(decision.Text("verdict"), review.Text("verdict")), decision.Text("confidence"), decision.Text("impact"),
            string.Join(' ', decision.Items("matchedRules").Select(r => r.Plain())),
            string.Join(' ', decision.Items("checks").Where(c => c.Text("result") == "failed").Select(c => c.Text("id"))),
            decision.Text("sampled"), decision.Text("fallback"), review.Text("by"), review.Text("outcome"), review.Text("reasonCode"), review.Text("reason"));
    }

    internal static string Cell(string text)
    {
        // A leading quote mark keeps =, +, -, @ and the like from being run; numbers that are negative stay numbers.
        if (text.Length > 0 && "=+-@\t\r\n|%\uFF1D\uFF0B\uFF0D\uFF20".Contains(text[0], StringComparison.Ordinal)
            && !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Either(string first, string second) => first.Length > 0 ? first : second;

    private static string Line(params IEnumerable<string> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";
}
