using System.Globalization;

namespace Countersign.Workers.Tests.Documents.Printed;

/// <summary>Draws an invoice in one of three layouts; each vendor keeps to its own.</summary>
internal static class InvoicePage
{
    private const double Left = 57;
    private const double Right = 538;

    public static byte[] Draw(PrintedInvoice invoice, string buyer, int layout)
    {
        var words = InvoiceWords.Of(invoice.Vendor.Country);
        var sheet = new PdfSheet();
        var y = layout switch
        {
            0 => Window(sheet, invoice, words, buyer),
            1 => Letterhead(sheet, invoice, words, buyer),
            _ => Cards(sheet, invoice, words, buyer),
        };
        y = Table(sheet, invoice, words, y + 24);
        y = Totals(sheet, invoice, words, y + 12);
        Payment(sheet, invoice, words, y + 26);
        Foot(sheet, invoice, words);
        return sheet.Save($"{words.Title} {invoice.Number}", invoice.IssueDate);
    }

    // Sender's line over the address window, data at the right.
    private static double Window(PdfSheet sheet, PrintedInvoice invoice, InvoiceWords words, string buyer)
    {
        var vendor = invoice.Vendor;
        sheet.Text(Left, 70, 18, vendor.Name, bold: true, gray: 0.15);
        sheet.Line(Left, Right, 84, 1.2, 0.3);
        sheet.Text(Left, 128, 7, $"{vendor.Name} • {vendor.Street} • {vendor.PostCode} {vendor.City}", gray: 0.4);
        Address(sheet, Left, 146, buyer);
        Data(sheet, invoice, words, 350, 146, Right);
        sheet.Text(Left, 262, 15, $"{words.Title} {invoice.Number}", bold: true);
        return 272;
    }

    // Everything about the seller at the top, buyer under a heading.
    private static double Letterhead(PdfSheet sheet, PrintedInvoice invoice, InvoiceWords words, string buyer)
    {
        var vendor = invoice.Vendor;
        sheet.Box(0, 0, PdfSheet.Width, 12, 0.13, 0.33, 0.55);
        sheet.Text(Left, 58, 14, vendor.Name, bold: true);
        sheet.Text(Left, 73, 9, vendor.Street, gray: 0.2);
        sheet.Text(Left, 85, 9, $"{vendor.PostCode} {vendor.City}", gray: 0.2);
        sheet.Text(Left, 97, 9, vendor.Mail, gray: 0.2);
        sheet.TextRight(Right, 62, 24, words.Title, bold: true, gray: 0.25);
        sheet.Text(Left, 142, 9, words.Buyer, bold: true, gray: 0.4);
        Address(sheet, Left, 158, buyer);
        Data(sheet, invoice, words, 330, 142, Right);
        return 240;
    }

    // Labels over their values, side by side.
    private static double Cards(PdfSheet sheet, PrintedInvoice invoice, InvoiceWords words, string buyer)
    {
        var vendor = invoice.Vendor;
        sheet.Text(Left, 64, 22, words.Title, bold: true);
        sheet.Text(Left, 104, 8, words.Seller, gray: 0.45);
        sheet.Text(Left, 118, 11, vendor.Name, bold: true);
        sheet.Text(Left, 132, 9, vendor.Street);
        sheet.Text(Left, 144, 9, $"{vendor.PostCode} {vendor.City}");
        sheet.Text(320, 104, 8, words.Buyer, gray: 0.45);
        Address(sheet, 320, 118, buyer);
        sheet.Box(Left - 8, 186, Right - Left + 16, 40, 0.94, 0.95, 0.97);
        var x = Left;
        foreach (var (label, value) in Entries(invoice, words))
        {
            sheet.Text(x, 201, 7.5, label, gray: 0.4);
            sheet.Text(x, 217, 10, value, bold: true);
            x += 122;
        }

        return 240;
    }

    private static void Address(PdfSheet sheet, double x, double y, string buyer)
    {
        sheet.Text(x, y, 10.5, buyer, bold: true);
        sheet.Text(x, y + 14, 10, "Speicherstraße 12");
        sheet.Text(x, y + 28, 10, "60327 Frankfurt am Main");
    }

    private static void Data(PdfSheet sheet, PrintedInvoice invoice, InvoiceWords words, double x, double y, double right)
    {
        foreach (var (label, value) in Entries(invoice, words))
        {
            sheet.Text(x, y, 9.5, label, gray: 0.3);
            sheet.TextRight(right, y, 9.5, value);
            y += 15;
        }
    }

    private static IEnumerable<(string Label, string Value)> Entries(PrintedInvoice invoice, InvoiceWords words)
    {
        yield return (words.Number, invoice.Number);
        yield return (words.Date, words.Write(invoice.IssueDate));
        yield return (words.Due, words.Write(invoice.DueDate));
        if (invoice.OrderReference is not null)
            yield return (words.Order, invoice.OrderReference);
    }

    private static double Table(PdfSheet sheet, PrintedInvoice invoice, InvoiceWords words, double y)
    {
        sheet.Text(Left, y, 9, words.Name, bold: true);
        sheet.TextRight(330, y, 9, words.Quantity, bold: true);
        sheet.Text(340, y, 9, words.Unit, bold: true);
        sheet.TextRight(452, y, 9, words.Price, bold: true);
        sheet.TextRight(Right, y, 9, words.Amount, bold: true);
        sheet.Line(Left, Right, y + 5, 0.8, 0.3);
        y += 20;
        foreach (var line in invoice.Lines)
        {
            sheet.Text(Left, y, 9.5, line.Name);
            sheet.TextRight(330, y, 9.5, words.WriteQuantity(line.Quantity));
            sheet.Text(340, y, 9.5, UnitWord(line.Unit));
            sheet.TextRight(452, y, 9.5, words.Write(line.Price));
            sheet.TextRight(Right, y, 9.5, words.Write(line.Net));
            sheet.Line(Left, Right, y + 6, 0.3, 0.85);
            y += 18;
        }

        return y;
    }

    private static string UnitWord(string code) => code switch
    {
        "HUR" => "h",
        "XPK" => "pack",
        "MTR" => "m",
        "KGM" => "kg",
        "MON" => "month",
        _ => "pc",
    };

    private static double Totals(PdfSheet sheet, PrintedInvoice invoice, InvoiceWords words, double y)
    {
        var rate = invoice.Lines[0].Rate;
        Row(words.Net, invoice.Net, false);
        Row(rate == 0 ? words.Tax : string.Create(CultureInfo.InvariantCulture, $"{words.Tax} {rate:0.##} %"), invoice.Tax, false);
        sheet.Line(340, Right, y - 10, 0.8, 0.3);
        y += 4;
        Row(words.Gross, invoice.Gross, true);
        return y;

        void Row(string label, decimal amount, bool bold)
        {
            sheet.Text(340, y, bold ? 11 : 9.5, label, bold);
            sheet.TextRight(Right, y, bold ? 11 : 9.5, $"{words.Write(amount)} EUR", bold);
            y += 16;
        }
    }

    private static void Payment(PdfSheet sheet, PrintedInvoice invoice, InvoiceWords words, double y)
    {
        if (invoice.Lines[0].Rate == 0)
        {
            sheet.Text(Left, y, 9, words.ReverseCharge, gray: 0.2);
            y += 14;
        }

        sheet.Text(Left, y, 9, words.Payment, gray: 0.2);
        sheet.Text(Left, y + 14, 9.5, $"IBAN: {Groups(invoice.Iban)}");
    }

    private static void Foot(PdfSheet sheet, PrintedInvoice invoice, InvoiceWords words)
    {
        var vendor = invoice.Vendor;
        sheet.Line(Left, Right, 790, 0.5, 0.7);
        sheet.Text(Left, 802, 7.5, $"{vendor.Name} – {vendor.Street} – {vendor.PostCode} {vendor.City}", gray: 0.35);
        sheet.Text(Left, 812, 7.5, $"{words.VatId}: {vendor.Vat} – {vendor.Mail}", gray: 0.35);
        sheet.TextRight(Right, 812, 7.5, "1 / 1", gray: 0.35);
    }

    private static string Groups(string iban) => string.Join(' ', iban.Chunk(4).Select(part => new string(part)));
}
