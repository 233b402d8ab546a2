using System.Globalization;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Finds where the values of structured data stand on the page, so that a reviewer sees each field at its place.</summary>
internal static class PagePlaces
{
    /// <summary>The same reading with boxes where the value is printed: where the page reader found it, else where its text stands first.</summary>
    public static InvoiceReading Lend(InvoiceReading xml, InvoiceReading? page, DocumentText text)
    {
        var finder = new Finder(text);
        return xml with
        {
            Number = Place(xml.Number, page?.Number, finder.Text),
            IssueDate = Place(xml.IssueDate, page?.IssueDate, finder.Date),
            DueDate = Place(xml.DueDate, page?.DueDate, finder.Date),
            Seller = Place(xml.Seller, page?.Seller, finder.Text),
            SellerVat = Place(xml.SellerVat, page?.SellerVat, finder.Text),
            SellerTaxNumber = Place(xml.SellerTaxNumber, null, finder.Text),
            Buyer = Place(xml.Buyer, page?.Buyer, finder.Text),
            OrderReference = Place(xml.OrderReference, page?.OrderReference, finder.Text),
            Currency = Place(xml.Currency, page?.Currency, finder.Text),
            LineTotal = Place(xml.LineTotal, page?.LineTotal, finder.Amount),
            Net = Place(xml.Net, page?.Net, finder.Amount),
            Tax = Place(xml.Tax, page?.Tax, finder.Amount),
            Gross = Place(xml.Gross, page?.Gross, finder.Amount),
            Prepaid = Place(xml.Prepaid, page?.Prepaid, finder.Amount),
            Payable = Place(xml.Payable, page?.Payable, finder.Amount),
            Iban = Place(xml.Iban, page?.Iban, finder.Text),
            Lines = [.. xml.Lines.Select(line => line with { Name = Place(line.Name, null, finder.Text), Net = Place(line.Net, null, finder.Amount) })],
        };
    }

    private static ReadField<T>? Place<T>(ReadField<T>? field, ReadField<T>? onPage, Func<T, PageBox?> find)
    {
        if (field is null)
            return null;
        var box = onPage is not null && EqualityComparer<T>.Default.Equals(onPage.Value, field.Value) ? onPage.Box : find(field.Value);
        return box is null ? field : field with { Box = box };
    }

    private sealed class Finder(DocumentText text)
    {
        private readonly List<PageRun> runs = [.. text.Pages.SelectMany(page => page.Runs)];
        private List<PageValue<PageAmount>>? amounts;
        private List<PageValue<DateOnly>>? dates;

        public PageBox? Amount(decimal value) => Box((amounts ??= PageValues.Amounts(runs)).Find(amount => amount.Value.Decimals == 2 && amount.Value.Value == value));

        public PageBox? Date(DateOnly value) => Box((dates ??= PageValues.Dates(runs)).Find(date => date.Value == value));

        public PageBox? Text(string value)
        {
            var wanted = Squeeze(value);
            if (wanted.Length < 2)
                return null;
            foreach (var run in runs)
            {
                for (var first = 0; first < run.Words.Count; first++)
                {
                    var joined = "";
                    for (var last = first; last < run.Words.Count && joined.Length < wanted.Length; last++)
                    {
                        joined += Squeeze(run.Words[last].Text);
                        if (joined == wanted)
                            return BoxOf(run, run.Words.Skip(first).Take(last - first + 1).Select(word => word.Area).Aggregate((a, b) => a.Union(b)));
                    }
                }
            }

            return null;
        }

        private PageBox? Box<T>(PageValue<T>? value) => value is null ? null : BoxOf(value.Run, value.Area);

        private PageBox BoxOf(PageRun run, Area area) => text.Pages[run.Page - 1].Box(area);

        private static string Squeeze(string value) => string.Concat(value.Where(char.IsLetterOrDigit)).ToUpper(CultureInfo.InvariantCulture);
    }
}
