using System.Globalization;
using System.Text.RegularExpressions;
using Countersign.Domain.Documents;
using Countersign.Workers.Documents;

namespace Countersign.Conformance;

/// <summary>Reads the pages of invoices whose truth is the seller's own XML, with the attachments out of reach, and scores every field the
/// truth says is literally visible. A value for a field that the truth does not have counts as wrong.</summary>
internal static partial class InvoicePagesSuite
{
    private static readonly string[] Fields =
        ["number", "issue_date", "due_date", "seller", "seller_vat", "buyer", "order_ref", "currency", "total_net", "total_tax", "total_gross", "payable", "iban"];

    private enum Outcome
    {
        Right,
        Wrong,
        Missed,
        Invented,
        Unseen,
        RightlyEmpty,
    }

    private sealed record Row(string File, string Family, string Field, Outcome Outcome, decimal Confidence, string? Given, string? Truth);

    public static int Run(string folder, TextWriter output)
    {
        var rows = Read(folder, output);
        if (rows.Count == 0)
        {
            output.WriteLine("invoice-pages: 0/0");
            return 1;
        }

        foreach (var row in rows.Where(row => row.Outcome is Outcome.Wrong or Outcome.Missed or Outcome.Invented))
            output.WriteLine($"{row.Outcome,-8} {row.Field,-12} {row.File}: '{row.Given}' for '{row.Truth}' at {row.Confidence.ToString(CultureInfo.InvariantCulture)}");
        return Report(rows, output);
    }

    /// <summary>Raw scores with their outcome. Left out: values where the truth tells of something else than the page shows, and values whose field
    /// is empty in the seller's XML while its notes or terms say in words what the page says.</summary>
    public static List<(string File, string Family, string Group, double Score, bool Right)> ReadForCalibration(string folder)
    {
        var reader = new InvoiceReader();
        var values = new List<(string, string, string, double, bool)>();
        foreach (var truth in Documents(folder))
        {
            var reading = reader.ReadPagesUncalibrated(File.ReadAllBytes(truth.File), CancellationToken.None).Reading;
            var xml = File.Exists(truth.File + ".embedded.xml") ? File.ReadAllText(truth.File + ".embedded.xml") : "";
            foreach (var row in Fields.Select(field => Score(truth, field, reading)))
            {
                if (row.Given is not null && (row.Outcome is Outcome.Right or Outcome.Wrong or Outcome.Unseen || (row.Outcome == Outcome.Invented && row.Truth is null && !xml.Contains(Printed(reading, row.Field), StringComparison.Ordinal))))
                    values.Add((row.File, row.Family, GroupOf(row.Field), (double)row.Confidence, row.Outcome is Outcome.Right or Outcome.Unseen));
            }

            values.AddRange(Lines(truth, reading).Select(line => (Path.GetFileName(truth.File), truth.Family, "line", line.Score, line.Right)));
        }

        return values;
    }

    private static string Printed(InvoiceReading? reading, string field) => field switch
    {
        "issue_date" => reading?.IssueDate?.Raw,
        "due_date" => reading?.DueDate?.Raw.TrimEnd('.', ','),
        "order_ref" => reading?.OrderReference?.Raw,
        "iban" => reading?.Iban?.Raw,
        _ => null,
    } ?? "\0";

    // A line is right when quantity, price and net amount are those of a line of the truth.
    private static IEnumerable<(double Score, bool Right)> Lines(DocumentTruth truth, InvoiceReading? reading)
    {
        var expected = truth.Lines.Select(line => (Number(line, "qty"), Number(line, "price"), Number(line, "net"))).ToList();
        return reading is null || expected.Count == 0
            ? []
            : reading.Lines.Select(line => ((double)line.Net!.Confidence, expected.Exists(e => e.Item3 == line.Net.Value && (line.Quantity is null || e.Item1 == line.Quantity.Value))));

        static decimal? Number(System.Text.Json.JsonElement line, string name) =>
            line.TryGetProperty(name, out var value) && value.GetString() is { } text ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : null;
    }

    private static string GroupOf(string field) => field switch
    {
        "number" or "order_ref" or "issue_date" or "due_date" or "iban" => field,
        "seller" or "buyer" => "party",
        "currency" or "seller_vat" => "code",
        _ => "amount",
    };

    private static IEnumerable<DocumentTruth> Documents(string folder) =>
        DocumentTruth.For(folder).Where(t => t.File.EndsWith(".pdf", StringComparison.Ordinal)).OrderBy(t => t.File, StringComparer.Ordinal);

    private static List<Row> Read(string folder, TextWriter output)
    {
        var reader = new InvoiceReader();
        var rows = new List<Row>();
        foreach (var truth in Documents(folder))
        {
            var result = reader.ReadPages(File.ReadAllBytes(truth.File), CancellationToken.None);
            if (result.Reading is null)
                output.WriteLine($"refused {Path.GetFileName(truth.File)}: {result.Refusal!.Code}");
            rows.AddRange(Fields.Select(field => Score(truth, field, result.Reading)));
        }

        return rows;
    }

    private static Row Score(DocumentTruth truth, string field, InvoiceReading? reading)
    {
        var (given, confidence) = Given(reading, field);
        var expected = truth.Text(field);
        var same = given is not null && expected is not null && Same(field, given, expected);
        var visible = truth.Visible.TryGetValue(field, out var seen) && seen;
        var outcome = (visible, given) switch
        {
            (true, null) => Outcome.Missed,
            (true, _) => same ? Outcome.Right : Outcome.Wrong,
            (false, null) => Outcome.RightlyEmpty,
            // The truth holds the value, but not as literal text ("€" for EUR): right is right, yet it is not counted.
            (false, _) => same ? Outcome.Unseen : Outcome.Invented,
        };
        return new Row(Path.GetFileName(truth.File), truth.Family, field, outcome, confidence, given, expected);
    }

    private static int Report(List<Row> rows, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{"field",-12} {"right",6} {"wrong",6} {"missed",7} {"invented",9} {"recall",8} {"precision",10}");
        foreach (var field in Fields)
        {
            var own = rows.Where(row => row.Field == field).ToList();
            output.WriteLine($"{field,-12} {Count(own, Outcome.Right),6} {Count(own, Outcome.Wrong),6} {Count(own, Outcome.Missed),7} {Count(own, Outcome.Invented),9} {Percent(Accuracy(own)),8} {Percent(Precision(own)),10}");
        }

        // A cell is a field that some document of the family shows; a value that the truth does not have stands in it as a wrong one.
        var cells = rows.Where(Counted).GroupBy(row => (row.Family, row.Field)).Where(cell => cell.Any(row => row.Outcome != Outcome.Invented)).Select(Share).ToList();
        var strict = rows.Where(Counted).GroupBy(row => (row.Family, row.Field)).Select(Share).ToList();
        var macro = cells.Average(cell => cell.Share);
        var families = rows.Where(Counted).GroupBy(row => row.Family, StringComparer.Ordinal).Select(family => (Name: family.Key, Share: (double)Count(family, Outcome.Right) / family.Count())).OrderBy(family => family.Share).ToList();
        output.WriteLine();
        foreach (var (name, share) in families)
            output.WriteLine($"{name,-44} {Percent(share),8}");
        output.WriteLine();
        var unseen = Count(rows, Outcome.Unseen);
        output.WriteLine($"right, but not literally on the page (not counted): {unseen}");
        output.WriteLine($"macro-average over families and visible fields: {Percent(macro)}");
        output.WriteLine($"the same, and fields that no document of a family shows count 0 where a value was given: {Percent(strict.Average(cell => cell.Share))}");
        var bars = new[] { "number", "issue_date", "total_gross" }.Select(field => (field, share: cells.Where(cell => cell.Field == field).Average(cell => cell.Share))).ToList();
        foreach (var (field, share) in bars)
            output.WriteLine($"macro-average of {field}: {Percent(share)} ({Percent(strict.Where(cell => cell.Field == field).Average(cell => cell.Share))} the stricter way)");
        output.WriteLine($"precision of given values: {Percent(Precision(rows))}");
        var right = Count(rows, Outcome.Right);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"invoice-pages: {right}/{rows.Count(Counted)}"));
        return macro >= 0.8 && bars.TrueForAll(bar => bar.share >= 0.9) ? 0 : 1;
    }

    private static (string Field, double Share) Share(IGrouping<(string Family, string Field), Row> cell) => (cell.Key.Field, (double)Count(cell, Outcome.Right) / cell.Count());

    private static bool Counted(Row row) => row.Outcome is Outcome.Right or Outcome.Wrong or Outcome.Missed or Outcome.Invented;

    private static int Count(IEnumerable<Row> rows, Outcome outcome) => rows.Count(row => row.Outcome == outcome);

    private static double Accuracy(List<Row> rows) => (double)Count(rows, Outcome.Right) / Math.Max(1, Count(rows, Outcome.Right) + Count(rows, Outcome.Wrong) + Count(rows, Outcome.Missed));

    private static double Precision(List<Row> rows) => (double)Count(rows, Outcome.Right) / Math.Max(1, Count(rows, Outcome.Right) + Count(rows, Outcome.Wrong) + Count(rows, Outcome.Invented));

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static (string? Value, decimal Confidence) Given(InvoiceReading? reading, string field) => reading is null ? (null, 0) : field switch
    {
        "number" => Text(reading.Number),
        "issue_date" => Date(reading.IssueDate),
        "due_date" => Date(reading.DueDate),
        "seller" => Text(reading.Seller),
        "seller_vat" => Text(reading.SellerVat),
        "buyer" => Text(reading.Buyer),
        "order_ref" => Text(reading.OrderReference),
        "currency" => Text(reading.Currency),
        "total_net" => Amount(reading.Net),
        "total_tax" => Amount(reading.Tax),
        "total_gross" => Amount(reading.Gross),
        "payable" => Amount(reading.Payable),
        "iban" => Text(reading.Iban),
        _ => (null, 0),
    };

    private static (string?, decimal) Text(ReadField<string>? field) => (field?.Value, field?.Confidence ?? 0);

    private static (string?, decimal) Date(ReadField<DateOnly>? field) => (field?.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), field?.Confidence ?? 0);

    private static (string?, decimal) Amount(ReadField<decimal>? field) => (field?.Value.ToString(CultureInfo.InvariantCulture), field?.Confidence ?? 0);

    private static bool Same(string field, string given, string expected) => field switch
    {
        "total_net" or "total_tax" or "total_gross" or "payable" => decimal.Parse(given, CultureInfo.InvariantCulture) == decimal.Parse(expected, NumberStyles.Float, CultureInfo.InvariantCulture),
        // The page prints "Moulin SARL", the seller's XML says "Moulin": the same name with and without its legal form.
        "seller" or "buyer" => Squeeze(LegalForm().Replace(given, "")).Equals(Squeeze(LegalForm().Replace(expected, "")), StringComparison.OrdinalIgnoreCase),
        "iban" or "seller_vat" => Iban.Normalize(given) == Iban.Normalize(expected),
        _ => string.Equals(Squeeze(given), Squeeze(expected), StringComparison.OrdinalIgnoreCase),
    };

    [GeneratedRegex(@" (GmbH|SARL|SAS|SA|Ltd\.?|AG|BV|Srl|SpA)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex LegalForm();

    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
