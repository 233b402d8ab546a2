using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Countersign.Samples.Generator;

/// <summary>A vendor as the buyer's books know it.</summary>
public sealed record BookVendor(string Id, string Name, string Street, string City, string Country, string Vat, string Iban);

/// <summary>An ordered line.</summary>
public sealed record BookLine(string Name, decimal Quantity, decimal Price)
{
    /// <summary>Net amount of the line.</summary>
    public decimal Net => decimal.Round(Quantity * Price, 2, MidpointRounding.AwayFromZero);
}

/// <summary>A purchase order.</summary>
public sealed record BookOrder(string Number, BookVendor Vendor, string Currency, ImmutableArray<BookLine> Lines)
{
    /// <summary>Ordered net total.</summary>
    public decimal Net => Lines.Sum(l => l.Net);
}

/// <summary>The buyer's own data, invented: vendors and orders. The same seed makes the same books.</summary>
public sealed class Books
{
    // Letters of the standard PDF fonts only.
    private static readonly (string Name, string City)[] Firms =
    [
        ("Nordlicht Papier GmbH", "24103 Kiel"), ("Rheinland Druck GmbH", "50667 Bonn"), ("Hafen Logistik AG", "20457 Hamburg"), ("Bianchi Catering GmbH", "80331 Erding"),
        ("Van Dijk Office KG", "47533 Kleve"), ("Alpen IT Service GmbH", "87509 Immenstadt"), ("Kowalski Druck GmbH", "15230 Frankfurt (Oder)"), ("Talwerk Metallbau GmbH", "70173 Stuttgart"),
        ("Fjord Energie AG", "18055 Rostock"), ("Lumen Lichttechnik GmbH", "79098 Freiburg"), ("Gruenwald Reinigung KG", "82031 Gruenwald"), ("Lindqvist Moebel GmbH", "24937 Flensburg"),
        ("Rossi Feinkost GmbH", "60311 Frankfurt"), ("Brabant Print GmbH", "52062 Aachen"), ("Sonnenhof Gartenbau GmbH", "79098 Freiburg"), ("Atelier Blau GmbH", "66111 Trier"),
        ("Schmidt und Partner Beratung", "10117 Berlin"), ("Ozean Consulting GmbH", "27568 Bremerhaven"), ("Delta Werkzeuge GmbH", "44135 Dortmund"), ("Morava Software GmbH", "01067 Dresden"),
    ];

    private static readonly (string Name, decimal From, decimal To)[] Goods =
    [
        ("Copy paper A4, 80 g, box", 18m, 32m), ("Toner cartridge black", 45m, 120m), ("Office chair", 140m, 480m), ("Notebook stand", 25m, 70m), ("Cleaning, monthly", 180m, 650m),
        ("Consulting day", 780m, 1450m), ("Software licence, one year", 90m, 900m), ("Catering, per person", 9m, 28m), ("Pallet transport", 60m, 240m), ("Envelopes C5, 500 pieces", 12m, 30m),
        ("LED desk lamp", 22m, 85m), ("Whiteboard 120 x 90", 48m, 160m), ("USB-C docking station", 95m, 260m), ("Printing, brochure", 0.4m, 3.5m), ("Maintenance visit", 110m, 390m),
    ];

    private Books(ImmutableArray<BookVendor> vendors, ImmutableArray<BookOrder> orders) => (Vendors, Orders) = (vendors, orders);

    /// <summary>Vendors, with the accounts the buyer pays to.</summary>
    public ImmutableArray<BookVendor> Vendors { get; }

    /// <summary>Orders by number.</summary>
    public ImmutableArray<BookOrder> Orders { get; }

    /// <summary>Makes the books.</summary>
    /// <param name="random">Source of all chance; the vendors do not depend on it.</param>
    /// <param name="orders">How many orders.</param>
    /// <param name="series">Distinguishes the order numbers of different books, 1 to 8 letters or digits.</param>
    public static Books Make(Random random, int orders, string series)
    {
        var vendors = Firms.Select((f, i) => new BookVendor(Id("V", i + 1, 4), f.Name, $"{Street(i)} {1 + ((i * 7) % 90)}", f.City, "DE",
            VatOf(81_190_798 + (i * 123_457)), IbanOf(3_700_000_000 + (i * 7_919_113)))).ToImmutableArray();
        var list = Enumerable.Range(1, orders).Select(n => Order(random, vendors[random.Next(vendors.Length)], $"PO-{series}-{n.ToString("D5", CultureInfo.InvariantCulture)}"));
        return new Books(vendors, [.. list]);
    }

    /// <summary>The reference tables as CSV by table name: <c>vendors</c>, <c>purchase-orders</c>, <c>purchase-order-lines</c>.</summary>
    public ImmutableDictionary<string, string> Tables() => ImmutableDictionary.CreateRange(StringComparer.Ordinal, new KeyValuePair<string, string>[]
    {
        new("vendors", Csv("id,name,vat,iban", Vendors.Select(v => new[] { v.Id, v.Name, v.Vat, v.Iban }))),
        new("purchase-orders", Csv("number,vendor,currency,net", Orders.Select(o => new[] { o.Number, o.Vendor.Id, o.Currency, Number(o.Net) }))),
        new("purchase-order-lines", Csv("id,order,line,name,quantity,price",
            Orders.SelectMany(o => o.Lines.Select((l, i) => new[] { $"{o.Number}-{i + 1}", o.Number, Number(i + 1), l.Name, Number(l.Quantity), Number(l.Price) })))),
    });

    /// <summary>An IBAN with a right check number (ISO 13616). All invented vendors keep their accounts at one bank.</summary>
    /// <param name="account">Account number, at most 10 digits.</param>
    public static string IbanOf(long account)
    {
        var bban = "37040044" + account.ToString("D10", CultureInfo.InvariantCulture);
        // DE00 behind the account, letters as numbers: D=13, E=14.
        var check = 98 - (int)(BigInteger.Parse(bban + "131400", CultureInfo.InvariantCulture) % 97);
        return $"DE{check.ToString("D2", CultureInfo.InvariantCulture)}{bban}";
    }

    private static BookOrder Order(Random random, BookVendor vendor, string number)
    {
        var lines = Enumerable.Range(0, random.Next(1, 5)).Select(_ => Goods[random.Next(Goods.Length)]).DistinctBy(g => g.Name)
            .Select(g => new BookLine(g.Name, random.Next(1, 8), decimal.Round(g.From + ((g.To - g.From) * (decimal)random.NextDouble()), 2)));
        return new BookOrder(number, vendor, "EUR", [.. lines]);
    }

    // German VAT numbers end in a check digit (ISO 7064, MOD 11,10).
    private static string VatOf(int number)
    {
        var digits = number.ToString("D8", CultureInfo.InvariantCulture);
        var product = 10;
        foreach (var digit in digits)
        {
            var sum = (digit - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }

        var check = 11 - product;
        return $"DE{digits}{(check == 10 ? 0 : check).ToString(CultureInfo.InvariantCulture)}";
    }

    private static string Street(int i) => new[] { "Hauptstrasse", "Lindenallee", "Hafenweg", "Schulstrasse", "Am Markt", "Bergallee" }[i % 6];

    private static string Id(string prefix, int number, int digits) => prefix + number.ToString($"D{digits}", CultureInfo.InvariantCulture);

    private static string Number(decimal value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Csv(string header, IEnumerable<string[]> rows)
    {
        var text = new StringBuilder(header).Append('\n');
        foreach (var row in rows)
            text.AppendJoin(',', row.Select(c => c.AsSpan().IndexOfAny(",\"\n") >= 0 ? $"\"{c.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : c)).Append('\n');
        return text.ToString();
    }
}
