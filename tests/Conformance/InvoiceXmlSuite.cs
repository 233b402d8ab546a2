using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Documents;
using Countersign.Workers.Documents;

namespace Countersign.Conformance;

/// <summary>Reads every e-invoice that has a truth and compares every field exactly: texts as texts, numbers as numbers, dates as dates.</summary>
internal static class InvoiceXmlSuite
{
    public static int Run(string folder, TextWriter output)
    {
        var reader = new InvoiceReader();
        int passed = 0, total = 0, localTaxNumbers = 0;
        foreach (var truth in DocumentTruth.For(folder).OrderBy(t => t.File, StringComparer.Ordinal))
        {
            total++;
            var result = reader.Read(File.ReadAllBytes(truth.File), "application/xml", CancellationToken.None);
            if (result.Reading is not { } reading)
            {
                output.WriteLine($"{Path.GetFileName(truth.File)}: refused, {result.Refusal!.Code}");
                continue;
            }

            var differences = Compare(truth, reading, ref localTaxNumbers).ToList();
            if (differences.Count == 0)
                passed++;
            foreach (var difference in differences)
                output.WriteLine($"{Path.GetFileName(truth.File)}: {difference}");
        }

        output.WriteLine($"seller_vat: in {localTaxNumbers} files the truth holds the seller's local tax number (BT-32), which stands first there; compared with that field");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"invoice-xml: {passed}/{total}"));
        return passed == total && total > 0 ? 0 : 1;
    }

    private static List<string> Compare(DocumentTruth truth, InvoiceReading reading, ref int localTaxNumbers)
    {
        var differences = new List<string>();
        Text("number", truth.Text("number"), reading.Number?.Raw);
        Text("type_code", truth.Text("type_code"), reading.TypeCode?.Raw);
        Text("issue_date", truth.Text("issue_date"), Date(reading.IssueDate));
        Text("due_date", truth.Text("due_date"), Date(reading.DueDate));
        Text("seller", truth.Text("seller"), reading.Seller?.Raw);
        Text("buyer", truth.Text("buyer"), reading.Buyer?.Raw);
        Text("order_ref", truth.Text("order_ref"), reading.OrderReference?.Raw);
        Text("currency", truth.Text("currency"), reading.Currency?.Raw);
        Text("iban", truth.Text("iban"), reading.Iban?.Raw);
        var vat = truth.Text("seller_vat");
        if (vat is not null && vat != reading.SellerVat?.Raw && vat == reading.SellerTaxNumber?.Raw)
            localTaxNumbers++;
        else
            Text("seller_vat", vat, reading.SellerVat?.Raw);
        Number("line_total", truth.Number("line_total"), reading.LineTotal?.Value);
        Number("total_net", truth.Number("total_net"), reading.Net?.Value);
        Number("total_tax", truth.Number("total_tax"), reading.Tax?.Value);
        Number("total_gross", truth.Number("total_gross"), reading.Gross?.Value);
        Number("prepaid", truth.Number("prepaid"), reading.Prepaid?.Value);
        Number("payable", truth.Number("payable"), reading.Payable?.Value);
        CompareLines();
        return differences;

        void CompareLines()
        {
            var lines = truth.Lines.ToList();
            Number("lines", lines.Count, reading.Lines.Length);
            for (var i = 0; i < Math.Min(lines.Count, reading.Lines.Length); i++)
            {
                var (expected, actual) = (lines[i], reading.Lines[i]);
                Text($"line {i + 1} name", Member(expected, "name"), actual.Name?.Raw);
                Text($"line {i + 1} unit", Member(expected, "unit"), actual.Unit?.Raw);
                Number($"line {i + 1} qty", Amount(expected, "qty"), actual.Quantity?.Value);
                Number($"line {i + 1} price", Amount(expected, "price"), actual.Price?.Value);
                Number($"line {i + 1} net", Amount(expected, "net"), actual.Net?.Value);
            }
        }

        void Text(string field, string? expected, string? actual)
        {
            if (expected != actual)
                differences.Add($"{field} is '{actual}', truth '{expected}'");
        }

        void Number(string field, decimal? expected, decimal? actual)
        {
            if (expected != actual)
                differences.Add($"{field} is {actual?.ToString(CultureInfo.InvariantCulture) ?? "nothing"}, truth {expected?.ToString(CultureInfo.InvariantCulture) ?? "nothing"}");
        }
    }

    private static string? Date(ReadField<DateOnly>? field) => field?.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string? Member(JsonElement line, string name) => line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static decimal? Amount(JsonElement line, string name) => Member(line, name) is { } text ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : null;
}
