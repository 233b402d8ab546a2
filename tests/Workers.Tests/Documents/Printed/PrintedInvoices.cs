using System.Collections.Immutable;
using System.Globalization;

namespace Countersign.Workers.Tests.Documents.Printed;

internal sealed record PrintedVendor(int Index, string Name, string Street, string PostCode, string City, string Country, string Vat, string Mail);

internal sealed record PrintedLine(string Name, decimal Quantity, string Unit, decimal Price, decimal Rate)
{
    public decimal Net => Math.Round(Quantity * Price, 2, MidpointRounding.AwayFromZero);
}

internal sealed record PrintedInvoice(string Number, DateOnly IssueDate, DateOnly DueDate, PrintedVendor Vendor, string Buyer, string? OrderReference, string Iban, ImmutableArray<PrintedLine> Lines)
{
    public decimal Net => Lines.Sum(line => line.Net);

    public decimal Tax => Math.Round(Net * Lines[0].Rate / 100m, 2, MidpointRounding.AwayFromZero);

    public decimal Gross => Net + Tax;

    public byte[] Draw() => InvoicePage.Draw(this, Buyer, Vendor.Index % 3);
}

/// <summary>Invoices in six languages and three layouts, from a seed: pages whose truth is known and that no reader was fitted on.</summary>
internal static class PrintedInvoices
{
    public static IEnumerable<PrintedInvoice> Make(int seed, int count)
    {
        var choice = new SeededChoice(seed);
        for (var i = 0; i < count; i++)
        {
            var place = choice.Of(Catalogue.Places);
            var vendor = MakeVendor(place, choice, i);
            var issued = new DateOnly(2026, 1, 1).AddDays(choice.Between(0, 300));
            var number = (i % 3) switch
            {
                0 => string.Create(CultureInfo.InvariantCulture, $"RE-{issued.Year}-{30_000 + i}"),
                1 => string.Create(CultureInfo.InvariantCulture, $"{issued.Year}/{4_000 + i}"),
                _ => choice.Digits(8),
            };
            var order = choice.Share() < 0.85 ? $"PO-{choice.Digits(6)}" : null;
            yield return new PrintedInvoice(number, issued, issued.AddDays(choice.Of([14, 21, 30])), vendor, "Acme Finance GmbH", order, AccountNumbers.Iban(place.Country, choice), MakeLines(choice, place.Country == "DE" ? Catalogue.DomesticRate : 0m));
        }
    }

    private static PrintedVendor MakeVendor((string Country, string[] Names, string[] Forms, (string PostCode, string City)[] Towns, string[] Streets) place, SeededChoice choice, int index)
    {
        var name = $"{choice.Of(place.Names)} {choice.Of(place.Forms)}";
        var (postCode, city) = choice.Of(place.Towns);
        var domain = string.Concat(name.Split(' ')[..2].SelectMany(word => word.ToLowerInvariant()).Where(char.IsAsciiLetterOrDigit));
        return new PrintedVendor(index, name, $"{choice.Of(place.Streets)} {choice.Between(1, 120)}", postCode, city, place.Country, AccountNumbers.Vat(place.Country, choice), $"billing@{domain}.example");
    }

    private static ImmutableArray<PrintedLine> MakeLines(SeededChoice choice, decimal rate)
    {
        var lines = ImmutableArray.CreateBuilder<PrintedLine>();
        var first = choice.Between(0, Catalogue.Goods.Length - 1);
        for (var i = choice.Between(1, 6); i > 0; i--)
        {
            var (name, unit, low, high) = Catalogue.Goods[(first + (i * 7)) % Catalogue.Goods.Length];
            lines.Add(new PrintedLine(name, choice.Between(1, 40), unit, Math.Round(low + ((high - low) * (decimal)choice.Share()), 2), rate));
        }

        return lines.ToImmutable();
    }
}
