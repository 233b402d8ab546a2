using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Fonts.Standard14Fonts;
using UglyToad.PdfPig.Writer;

namespace Countersign.Samples.Generator;

/// <summary>Draws an invoice on an A4 page with the fonts every PDF reader brings.</summary>
internal static partial class InvoicePage
{
    private const double Left = 56;
    private const double Right = 539;

    public static byte[] Draw(SampleInvoice i)
    {
        var builder = new PdfDocumentBuilder();
        var page = builder.AddPage(PageSize.A4);
        var pen = new Pen(page, builder.AddStandard14Font(Standard14Font.Helvetica), builder.AddStandard14Font(Standard14Font.HelveticaBold));
        Head(pen, i);
        var y = Lines(pen, i, 560);
        Totals(pen, i, y - 12);
        pen.Text($"Please pay to IBAN {Spaced(i.Iban)} by {Date(i.Due)}, stating {i.Number}.", Left, 120, 9);
        pen.Text($"{i.Vendor.Name} - {i.Vendor.Street} - {i.Vendor.City} - VAT ID {i.Vendor.Vat}", Left, 60, 7.5);
        return WithStableId(builder.Build());
    }

    // The builder gives every file a random id (ISO 32000-1, 14.4). Ours is made of the content, so that the same invoice is the same file.
    private static byte[] WithStableId(byte[] file)
    {
        var text = Encoding.Latin1.GetString(file);
        var id = IdPattern().Match(text);
        var rest = text.Remove(id.Index, id.Length);
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.Latin1.GetBytes(rest)))[..32];
        return Encoding.Latin1.GetBytes(text.Remove(id.Index, id.Length).Insert(id.Index, $"/ID [ <{hash}><{hash}>]"));
    }

    [GeneratedRegex(@"/ID \[ <[0-9A-F]{32}><[0-9A-F]{32}>\]", RegexOptions.NonBacktracking)]
    private static partial Regex IdPattern();

    private static void Head(Pen pen, SampleInvoice i)
    {
        pen.Text(i.Vendor.Name, Left, 780, 15, bold: true);
        pen.Text($"{i.Vendor.Street}, {i.Vendor.City}, {i.Vendor.Country}", Left, 764, 8.5);
        pen.Text($"VAT ID: {i.Vendor.Vat}", Left, 752, 8.5);
        pen.Text("Bill to", Left, 710, 8.5);
        pen.Text(i.Buyer, Left, 697, 10, bold: true);
        pen.Text("Finanzplatz 1, 60311 Frankfurt am Main", Left, 684, 9);
        pen.Text("Invoice", Left, 640, 20, bold: true);
        var facts = new List<(string, string)> { ("Invoice number", i.Number), ("Invoice date", Date(i.Issued)), ("Due date", Date(i.Due)) };
        if (i.Order is { } order)
            facts.Add(("Order number", order));
        for (var n = 0; n < facts.Count; n++)
        {
            pen.Text(facts[n].Item1, 350, 710 - (n * 15), 9);
            pen.TextRight(facts[n].Item2, Right, 710 - (n * 15), 9, bold: n == 0);
        }
    }

    private static double Lines(Pen pen, SampleInvoice i, double y)
    {
        pen.Text("Description", Left, y + 22, 8.5, bold: true);
        pen.TextRight("Quantity", 340, y + 22, 8.5, bold: true);
        pen.TextRight("Unit price", 440, y + 22, 8.5, bold: true);
        pen.TextRight($"Amount {i.Currency}", Right, y + 22, 8.5, bold: true);
        pen.Rule(y + 15);
        foreach (var line in i.Lines)
        {
            pen.Text(line.Name, Left, y, 9.5);
            pen.TextRight(line.Quantity.ToString("0.##", CultureInfo.InvariantCulture), 340, y, 9.5);
            pen.TextRight(Amount(line.Price), 440, y, 9.5);
            pen.TextRight(Amount(line.Net), Right, y, 9.5);
            y -= 18;
        }

        pen.Rule(y + 10);
        return y;
    }

    private static void Totals(Pen pen, SampleInvoice i, double y)
    {
        Total("Net total", i.Net, y, bold: false);
        Total($"VAT {i.TaxRate.ToString("0.##", CultureInfo.InvariantCulture)} %", i.Tax, y - 16, bold: false);
        Total($"Total {i.Currency}", i.Gross, y - 36, bold: true);

        void Total(string label, decimal amount, double at, bool bold)
        {
            pen.Text(label, 350, at, bold ? 11 : 9.5, bold);
            pen.TextRight(Amount(amount), Right, at, bold ? 11 : 9.5, bold);
        }
    }

    private static string Amount(decimal value) => value.ToString("#,##0.00", CultureInfo.InvariantCulture);

    private static string Date(DateOnly day) => day.ToString("dd.MM.yyyy", CultureInfo.InvariantCulture);

    private static string Spaced(string iban) => string.Join(' ', iban.Chunk(4).Select(c => new string(c)));

    private sealed class Pen(PdfPageBuilder page, PdfDocumentBuilder.AddedFont regular, PdfDocumentBuilder.AddedFont strong)
    {
        public void Text(string text, double x, double y, double size, bool bold = false) => page.AddText(text, size, new PdfPoint(x, y), bold ? strong : regular);

        public void TextRight(string text, double right, double y, double size, bool bold = false)
        {
            var letters = page.MeasureText(text, size, new PdfPoint(0, 0), bold ? strong : regular);
            var width = letters.Count == 0 ? 0 : letters[^1].EndBaseLine.X;
            Text(text, right - width, y, size, bold);
        }

        public void Rule(double y) => page.DrawLine(new PdfPoint(Left, y), new PdfPoint(Right, y), 0.6);
    }
}
