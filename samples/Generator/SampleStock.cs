using System.Collections.Immutable;
using System.Globalization;

namespace Countersign.Samples.Generator;

/// <summary>A day's post: books and invoices that fit them, with the flaws that offices know. The same seed makes the same bytes.</summary>
public sealed class SampleStock
{
    private const string Buyer = "Acme Finance GmbH";
    private static readonly DateOnly Day = new(2026, 3, 2);

    // One invoice in four is out of order, in the shares below (per thousand).
    /// <summary>Seed of the documents that lie in the invoice pack: among twelve are ones the policy lets pass, one above the limit of one signature, one whose page and data disagree,
    /// one that is dearer than ordered, one without its order and one that comes twice.</summary>
    public const int PackSeed = 2014;

    private static readonly (Flaw Flaw, int Share)[] Flaws =
        [(Flaw.UnknownOrder, 50), (Flaw.Dearer, 60), (Flaw.WrongTotal, 30), (Flaw.OtherAccount, 25), (Flaw.Duplicate, 30), (Flaw.PageDisagrees, 30)];

    private static readonly (SampleFormat Format, int Share)[] Formats = [(SampleFormat.Hybrid, 500), (SampleFormat.Plain, 250), (SampleFormat.Ubl, 125), (SampleFormat.Cii, 125)];

    private SampleStock(Books books, ImmutableArray<SampleInvoice> invoices) => (Books, Invoices) = (books, invoices);

    /// <summary>The buyer's own data.</summary>
    public Books Books { get; }

    /// <summary>The invoices, in the order they arrive.</summary>
    public ImmutableArray<SampleInvoice> Invoices { get; }

    /// <summary>Makes a stock.</summary>
    /// <param name="seed">Seed of all chance.</param>
    /// <param name="count">How many invoices.</param>
    public static SampleStock Make(int seed, int count)
    {
        // Repeatable on purpose; nothing secret hangs on it.
#pragma warning disable CA5394
        var random = new Random(seed);
#pragma warning restore CA5394
        var series = ((uint)seed % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
        var books = Books.Make(random, count, series);
        var invoices = ImmutableArray.CreateBuilder<SampleInvoice>(count);
        for (var i = 0; i < count; i++)
            invoices.Add(Invoice(random, books.Orders[i], $"{series}-{i + 1}", invoices));
        return new SampleStock(books, invoices.ToImmutable());
    }

    /// <summary>The invoices as files; made one after the other, none kept.</summary>
    public IEnumerable<SampleFile> Files() => Invoices.Select(SampleFiles.Write);

    private static SampleInvoice Invoice(Random random, BookOrder order, string number, IReadOnlyList<SampleInvoice> earlier)
    {
        var format = Pick(random, Formats, SampleFormat.Hybrid);
        var flaw = Pick(random, Flaws, Flaw.None);
        if (flaw == Flaw.PageDisagrees)
            format = SampleFormat.Hybrid;
        var lines = flaw == Flaw.Dearer ? order.Lines.SetItem(0, order.Lines[0] with { Price = decimal.Round(order.Lines[0].Price * 1.15m, 2) }) : order.Lines;
        var net = lines.Sum(l => l.Net);
        const decimal Rate = 19m;
        var tax = decimal.Round(net * Rate / 100, 2, MidpointRounding.AwayFromZero);
        var gross = net + tax + (flaw == Flaw.WrongTotal ? 10m : 0m);
        var issued = Day.AddDays(-random.Next(0, 20));
        var repeated = flaw == Flaw.Duplicate ? earlier.LastOrDefault(e => e.Vendor.Id == order.Vendor.Id) : null;
        if (flaw == Flaw.Duplicate && repeated is null)
            flaw = Flaw.None;
        return new SampleInvoice(repeated?.Number ?? $"R{number}", issued, issued.AddDays(30), order.Vendor, Buyer, flaw == Flaw.UnknownOrder ? $"PO-{number}-X" : order.Number, order.Currency,
            lines, Rate, net, tax, gross, flaw == Flaw.OtherAccount ? Books.IbanOf(9_000_000_001) : order.Vendor.Iban, flaw, format);
    }

    private static T Pick<T>(Random random, (T Value, int Share)[] shares, T otherwise)
    {
        var roll = random.Next(1000);
        foreach (var (value, share) in shares)
        {
            if (roll < share)
                return value;
            roll -= share;
        }

        return otherwise;
    }
}
