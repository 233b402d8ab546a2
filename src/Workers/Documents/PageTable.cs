using System.Collections.Immutable;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Rebuilds invoice lines from a table: the head row names the columns, every amount in the column of net amounts is a line.</summary>
internal static class PageTable
{
    private const int MaxLines = 1_000;

    private static readonly Dictionary<Column, string[]> Heads = new()
    {
        [Column.Name] = ["beschreibung", "bezeichnung", "artikelbeschreibung", "produkt", "artikel", "product", "description", "designation", "item", "libelle", "descrizione", "descripcion", "omschrijving", "beskrivelse", "title", "service"],
        [Column.Quantity] = ["menge", "anzahl", "qty", "quantity", "quantite", "qte", "quantita", "cantidad", "aantal", "antall", "antal", "ilosc", "hours", "stunden"],
        [Column.Unit] = ["einheit", "unit", "unite", "um", "unidad", "eenheid", "enhet"],
        [Column.Price] = ["preis", "einzelpreis", "nettopreis", "stuckpreis", "vk", "price", "rate", "prix", "pu", "prezzo", "precio", "prijs", "pris", "unitaire"],
        [Column.Net] = ["betrag", "nettobetrag", "gesamtbetrag", "gesamt", "gesamtpreis", "zeilenbetrag", "summe", "amount", "total", "montant", "importo", "importe", "bedrag", "belop", "positionsbetrag"],
    };

    private enum Column
    {
        Other,
        Name,
        Quantity,
        Unit,
        Price,
        Net,
    }

    private sealed record Head(Column Column, Area Area);

    public static ImmutableArray<InvoiceLine> Read(PageContext context, IReadOnlyList<PageValue<PageAmount>> amounts, Calibration calibration)
    {
        var lines = new List<InvoiceLine>();
        foreach (var page in context.Text.Pages)
        {
            var heads = FindHeads(page);
            if (heads.Count == 0)
                continue;
            var top = heads.Max(head => head.Area.Bottom);
            var bottom = context.Labels.Where(label => label.Run.Page == page.Number && label.Area.Top > top && EndsTable(label) && HasAmountBeside(label, amounts)).Select(label => label.Area.Top - 1).DefaultIfEmpty(double.MaxValue).Min();
            lines.AddRange(ReadRows(context, page, heads, top, bottom, amounts, calibration));
            if (lines.Count >= MaxLines)
                break;
        }

        return [.. lines.Take(MaxLines)];
    }

    private static bool EndsTable(PageLabel label) => label.Hint is Hint.Net or Hint.Gross or Hint.LineTotal or Hint.Payable or Hint.Tax && label.First == 0 && label.Strength > 0.65;

    private static bool HasAmountBeside(PageLabel label, IReadOnlyList<PageValue<PageAmount>> amounts) =>
        amounts.Any(amount => amount.Run.Page == label.Run.Page && amount.Value.Decimals == 2 && !amount.Value.Percent && amount.Area.RowOverlap(label.Area) > 0.5 && amount.Area.Left > label.Area.Right - 1);

    // The row with the most column heads, and the words stacked closely above and below it.
    private static List<Head> FindHeads(PageText page)
    {
        List<Head> best = [];
        foreach (var row in page.Rows)
        {
            if (row.Sum(run => run.Words.Count(word => ColumnOf(word.Text) != Column.Other)) < 2)
                continue;
            var middle = row[0].Area.MiddleY;
            var near = page.Runs.Where(run => Math.Abs(run.Area.MiddleY - middle) < 1.8 * row[0].Size && !run.Text.Any(char.IsDigit)).ToList();
            var heads = near.SelectMany(run => run.Words).Select(word => new Head(ColumnOf(word.Text), word.Area)).Where(head => head.Column != Column.Other).ToList();
            var kinds = heads.Select(head => head.Column).Distinct().Count();
            if (kinds >= 3 && heads.Exists(head => head.Column == Column.Net) && kinds > best.Select(head => head.Column).Distinct().Count())
                best = Merge(heads);
        }

        return best;
    }

    // One area a column; of several that could hold the net amount the rightmost does.
    private static List<Head> Merge(List<Head> heads)
    {
        var net = heads.Where(head => head.Column == Column.Net).MaxBy(head => head.Area.Right)!;
        return [.. heads.Where(head => head.Column != Column.Net).GroupBy(head => head.Column).Select(group => group.OrderBy(head => head.Area.Left).First()), net];
    }

    private static Column ColumnOf(string word)
    {
        var normalized = PageLabels.Normalize(word);
        foreach (var part in normalized.Split(' '))
        {
            foreach (var (column, names) in Heads)
            {
                if (names.Contains(part, StringComparer.Ordinal))
                    return column;
            }
        }

        return Column.Other;
    }

    private static IEnumerable<InvoiceLine> ReadRows(PageContext context, PageText page, List<Head> heads, double top, double bottom, IReadOnlyList<PageValue<PageAmount>> amounts, Calibration calibration)
    {
        var inside = amounts.Where(amount => amount.Run.Page == page.Number && amount.Area.Top > top && amount.Area.Bottom < bottom && !amount.Value.Percent).ToList();
        var net = heads.Find(head => head.Column == Column.Net)!;
        var anchors = inside.Where(amount => amount.Value.Decimals == 2 && Nearest(heads, amount.Area) == net).OrderBy(amount => amount.Area.Top).ToList();
        var above = top;
        foreach (var anchor in anchors)
        {
            var band = (From: Math.Max(above, anchor.Area.Top - 16), To: anchor.Area.Bottom + 4);
            var line = ReadLine(context, page, heads, anchor, inside.Where(amount => InBand(amount.Area, band)).ToList(), band, calibration);
            if (line is not null)
                yield return line;
            above = anchor.Area.Bottom;
        }
    }

    private static InvoiceLine? ReadLine(PageContext context, PageText page, List<Head> heads, PageValue<PageAmount> anchor, List<PageValue<PageAmount>> inside, (double From, double To) band, Calibration calibration)
    {
        var quantity = In(Column.Quantity);
        var price = In(Column.Price);
        var runs = page.Runs.Where(run => InBand(run.Area, band)).ToList();
        var name = runs.Where(run => run.Text.Any(char.IsLetter) && Belongs(run, Column.Name)).OrderBy(run => run.Area.Top).FirstOrDefault();
        if (name is null && quantity is null && price is null)
            return null;
        var fits = quantity is not null && price is not null && Math.Abs((quantity.Value.Value * price.Value.Value) - anchor.Value.Value) <= 0.01m;
        var score = fits ? 0.95 : quantity is not null && price is not null ? 0.55 : 0.4;
        var unit = UnitOf(runs, quantity, heads);
        return new InvoiceLine(
            name is null ? null : Read(name.Text, name.Text, name.Area, "line_name"),
            quantity is null ? null : Read(quantity.Value.Value, quantity.Raw, quantity.Area, "line_quantity"),
            unit is null ? null : Read(unit.Text, unit.Text, unit.Area, "line_unit"),
            price is null ? null : Read(price.Value.Value, price.Raw, price.Area, "line_price"),
            Read(anchor.Value.Value, anchor.Raw, anchor.Area, "line_net"));

        PageValue<PageAmount>? In(Column column) =>
            heads.Find(head => head.Column == column) is { } head
                ? inside.Where(amount => !ReferenceEquals(amount, anchor) && Nearest(heads, amount.Area) == head).OrderBy(amount => Math.Abs(amount.Area.MiddleY - anchor.Area.MiddleY)).FirstOrDefault()
                : null;

        bool Belongs(PageRun run, Column column) => heads.Find(head => head.Column == column) is { } head && Math.Abs(run.Area.Left - head.Area.Left) < Math.Max(40, run.Area.Width) && Nearest(heads, run.Area with { Right = Math.Min(run.Area.Right, run.Area.Left + 60) }) == head;

        ReadField<T> Read<T>(T value, string raw, Area area, string field) => new(value, raw, calibration.Confidence(field, score), ReadSource.Page, context.PageOf(anchor.Run).Box(area));
    }

    // The word behind the quantity, or what stands in the column of units.
    private static PageWord? UnitOf(List<PageRun> runs, PageValue<PageAmount>? quantity, List<Head> heads)
    {
        if (quantity is not null && quantity.First + 1 < quantity.Run.Words.Count && quantity.Run.Words[quantity.First + 1].Text is var next && next.Any(char.IsLetter) && next.Length <= 12)
            return quantity.Run.Words[quantity.First + 1];
        var head = heads.Find(h => h.Column == Column.Unit);
        return head is null ? null : runs.SelectMany(run => run.Words).FirstOrDefault(word => word.Text.Length <= 12 && word.Text.Any(char.IsLetter) && Math.Abs(word.Area.Left - head.Area.Left) < 12);
    }

    private static bool InBand(Area area, (double From, double To) band) => area.MiddleY > band.From && area.MiddleY < band.To;

    // Numbers keep to the right edge of their head or to its middle, words to the left edge.
    private static Head? Nearest(List<Head> heads, Area area) =>
        heads.MinBy(head => Math.Min(Math.Abs(head.Area.Right - area.Right), Math.Min(Math.Abs(head.Area.MiddleX - area.MiddleX), Math.Abs(head.Area.Left - area.Left))));
}
