using System.Collections.Immutable;
using System.Globalization;

namespace Countersign.Domain.Documents;

/// <summary>The checks every reading gets. Pure: same reading, same answers, in a fixed order. A rounding difference of 0.01 for each
/// addend is allowed (at most 0.05): EN 16931 rounds per row and in the sum.</summary>
public static class InvoiceChecks
{
    /// <summary>Runs all checks that need the reading alone.</summary>
    public static ImmutableArray<InvoiceCheck> Run(InvoiceReading reading) =>
    [
        RequiredFields(reading),
        LineArithmetic(reading),
        LineTotal(reading),
        NetTotal(reading),
        TaxBreakdown(reading),
        TaxTotal(reading),
        GrossTotal(reading),
        PayableTotal(reading),
        Dates(reading),
        Currency(reading),
        Vat(reading),
        Account(reading),
    ];

    /// <summary>Compares what the structured data says with what the page shows. Only fields that the page reader found are compared.</summary>
    /// <param name="xml">Reading of the structured data.</param>
    /// <param name="page">Reading of the page of the same document.</param>
    public static InvoiceCheck PageAgainstXml(InvoiceReading xml, InvoiceReading page)
    {
        const string Id = "page_and_xml";
        var compared = 0;
        var differences = new List<string>();
        Compare("number", xml.Number, page.Number, (a, b) => Squeeze(a) == Squeeze(b));
        Compare("issue date", xml.IssueDate, page.IssueDate, (a, b) => a == b);
        Compare("due date", xml.DueDate, page.DueDate, (a, b) => a == b);
        Compare("seller's VAT number", xml.SellerVat, page.SellerVat, (a, b) => a == b);
        Compare("currency", xml.Currency, page.Currency, (a, b) => a == b);
        Compare("net total", xml.Net, page.Net, (a, b) => a == b);
        Compare("tax total", xml.Tax, page.Tax, (a, b) => a == b);
        Compare("total with tax", xml.Gross, page.Gross, (a, b) => a == b);
        Compare("amount due", xml.Payable, page.Payable, (a, b) => a == b);
        Compare("account", xml.Iban, page.Iban, (a, b) => a == b);
        if (differences.Count > 0)
            return new InvoiceCheck(Id, CheckResult.Failed, $"The page and the attached XML disagree: {string.Join("; ", differences)}. Compare both and correct the fields before signing.");
        return compared == 0
            ? new InvoiceCheck(Id, CheckResult.NotApplicable, "No field could be read on the page, so page and XML were not compared.")
            : new InvoiceCheck(Id, CheckResult.Passed, Invariant($"The page and the attached XML agree in the {compared} fields found on both."));

        void Compare<T>(string name, ReadField<T>? a, ReadField<T>? b, Func<T, T, bool> same)
        {
            // A weak guess of the page reader must not accuse the seller; what it is at least half sure of does.
            if (a is null || b is null || b.Confidence < 0.5m)
                return;
            compared++;
            if (!same(a.Value, b.Value))
                differences.Add($"{name} is {Shown(a)} in the XML and {Shown(b)} on the page");
        }
    }

    private static InvoiceCheck RequiredFields(InvoiceReading reading)
    {
        var missing = new List<string>();
        if (reading.Number is null)
            missing.Add("number");
        if (reading.IssueDate is null)
            missing.Add("issue date");
        if (reading.Seller is null)
            missing.Add("seller");
        if (reading.Buyer is null)
            missing.Add("buyer");
        if (reading.Currency is null)
            missing.Add("currency");
        if (reading.Gross is null && reading.Payable is null)
            missing.Add("total");
        return missing.Count == 0
            ? new InvoiceCheck("required_fields", CheckResult.Passed, "Number, date, seller, buyer, currency and total are all there.")
            : new InvoiceCheck("required_fields", CheckResult.Failed, $"Not found: {string.Join(", ", missing)}. Fill in what the document shows, or ask the seller for a corrected invoice.");
    }

    private static InvoiceCheck LineArithmetic(InvoiceReading reading)
    {
        const string Id = "line_arithmetic";
        var compared = 0;
        var wrong = new List<string>();
        for (var i = 0; i < reading.Lines.Length; i++)
        {
            var line = reading.Lines[i];
            if (line is not { Quantity: { } quantity, Price: { } price, Net: { } net } || line.PriceBase == 0)
                continue;
            compared++;
            if (!TryProduct(quantity.Value, price.Value / line.PriceBase, out var product) || Math.Abs(product + line.Adjustment - net.Value) > 0.02m)
                wrong.Add(Invariant($"line {i + 1}: {quantity.Value} x {price.Value} is not {net.Value}"));
        }

        return Summary(Id, compared, wrong, Invariant($"Quantity times price gives the net amount in all {compared} lines."), "No line has quantity, price and net amount.");
    }

    private static InvoiceCheck LineTotal(InvoiceReading reading)
    {
        var stated = reading.LineTotal ?? (reading.Allowances is null && reading.Charges is null ? reading.Net : null);
        if (stated is null || reading.Lines.IsEmpty || reading.Lines.Any(line => line.Net is null))
            return new InvoiceCheck("line_total", CheckResult.NotApplicable, "There are no lines with net amounts, or no total to compare them with.");
        var sum = reading.Lines.Sum(line => line.Net!.Value);
        return Equal("line_total", "The lines' net amounts", sum, "the stated line total", stated.Value, reading.Lines.Length);
    }

    private static InvoiceCheck NetTotal(InvoiceReading reading)
    {
        if (reading.LineTotal is null || reading.Net is null)
            return new InvoiceCheck("net_total", CheckResult.NotApplicable, "Line total or net total is not stated.");
        var expected = reading.LineTotal.Value - (reading.Allowances?.Value ?? 0) + (reading.Charges?.Value ?? 0);
        return Equal("net_total", "Line total less allowances plus charges", expected, "the stated net total", reading.Net.Value, 1);
    }

    private static InvoiceCheck TaxBreakdown(InvoiceReading reading)
    {
        var compared = 0;
        var wrong = new List<string>();
        foreach (var tax in reading.Taxes)
        {
            if (tax is not { Rate: { } rate, Basis: { } basis })
                continue;
            compared++;
            if (!TryProduct(basis, rate / 100m, out var expected) || Math.Abs(expected - tax.Amount) > 0.05m)
                wrong.Add(Invariant($"{rate:0.##} % of {basis} is not {tax.Amount}"));
        }

        return Summary("tax_breakdown", compared, wrong, "Every row of the tax breakdown is rate times basis.", "There is no tax breakdown with rate and basis.");
    }

    private static InvoiceCheck TaxTotal(InvoiceReading reading)
    {
        if (reading.Tax is null || reading.Taxes.IsEmpty)
            return new InvoiceCheck("tax_total", CheckResult.NotApplicable, "Tax total or tax breakdown is not stated.");
        return Equal("tax_total", "The rows of the tax breakdown", reading.Taxes.Sum(tax => tax.Amount), "the stated tax total", reading.Tax.Value, reading.Taxes.Length);
    }

    private static InvoiceCheck GrossTotal(InvoiceReading reading)
    {
        if (reading.Net is null || reading.Gross is null || (reading.Tax is null && reading.Net.Value != reading.Gross.Value))
            return new InvoiceCheck("gross_total", CheckResult.NotApplicable, "Net, tax or total with tax is not stated.");
        return Equal("gross_total", "Net plus tax", reading.Net.Value + (reading.Tax?.Value ?? 0), "the stated total with tax", reading.Gross.Value, 1);
    }

    private static InvoiceCheck PayableTotal(InvoiceReading reading)
    {
        if (reading.Gross is null || reading.Payable is null)
            return new InvoiceCheck("payable_total", CheckResult.NotApplicable, "Total with tax or amount due is not stated.");
        var expected = reading.Gross.Value - (reading.Prepaid?.Value ?? 0) + (reading.Rounding?.Value ?? 0);
        return Equal("payable_total", "Total with tax less what is already paid", expected, "the stated amount due", reading.Payable.Value, 1);
    }

    private static InvoiceCheck Dates(InvoiceReading reading)
    {
        if (reading.IssueDate is null)
            return new InvoiceCheck("dates", CheckResult.NotApplicable, "There is no issue date.");
        var issued = reading.IssueDate.Value;
        if (issued.Year is < 1990 or > 2100)
            return new InvoiceCheck("dates", CheckResult.Failed, $"The issue date {Shown(reading.IssueDate)} cannot be right. Read it again on the document.");
        if (reading.DueDate is { } due && due.Value < issued)
            return new InvoiceCheck("dates", CheckResult.Failed, $"Payment is due on {Shown(due)}, before the issue date {Shown(reading.IssueDate)}. Ask the seller which date is right.");
        return new InvoiceCheck("dates", CheckResult.Passed, reading.DueDate is null ? "The issue date is plausible; no due date is stated." : "The due date is not before the issue date.");
    }

    private static InvoiceCheck Currency(InvoiceReading reading) => reading.Currency switch
    {
        null => new InvoiceCheck("currency", CheckResult.NotApplicable, "No currency is stated."),
        { } field when CurrencyCode.IsKnown(field.Value) => new InvoiceCheck("currency", CheckResult.Passed, $"{field.Value} is a currency of ISO 4217."),
        { } field => new InvoiceCheck("currency", CheckResult.Failed, $"'{field.Value}' is not a currency code of ISO 4217. Choose the currency the document means."),
    };

    private static InvoiceCheck Vat(InvoiceReading reading)
    {
        if (reading.SellerVat is not { } vat)
            return new InvoiceCheck("vat_number", CheckResult.NotApplicable, "No VAT number of the seller is stated.");
        if (!VatNumber.KnowsCountryOf(vat.Value))
            return new InvoiceCheck("vat_number", CheckResult.NotApplicable, $"The form of VAT numbers like '{vat.Value}' is not known, so it was not checked.");
        return VatNumber.HasForm(vat.Value)
            ? new InvoiceCheck("vat_number", CheckResult.Passed, $"{vat.Value} has the form of its country.")
            : new InvoiceCheck("vat_number", CheckResult.Failed, $"'{vat.Value}' does not have the form of a VAT number of {vat.Value[..2]}. Compare it with the vendor's master data.");
    }

    private static InvoiceCheck Account(InvoiceReading reading) => reading.Iban switch
    {
        null => new InvoiceCheck("iban", CheckResult.NotApplicable, "No account is stated."),
        { } iban when Iban.IsValid(iban.Value) => new InvoiceCheck("iban", CheckResult.Passed, "The check digits of the IBAN are right."),
        { } iban => new InvoiceCheck("iban", CheckResult.Failed, $"'{iban.Value}' is not a valid IBAN (country, length or check digits). Pay only to the account in the vendor's master data."),
    };

    private static InvoiceCheck Equal(string id, string leftName, decimal left, string rightName, decimal right, int addends)
    {
        var tolerance = Math.Min(0.05m, 0.01m * Math.Max(1, addends));
        return Math.Abs(left - right) <= tolerance
            ? new InvoiceCheck(id, CheckResult.Passed, Invariant($"{leftName} ({left}) equal {rightName}."))
            : new InvoiceCheck(id, CheckResult.Failed, Invariant($"{leftName} come to {left}, {rightName} is {right}. Ask the seller which is right before signing."));
    }

    private static InvoiceCheck Summary(string id, int compared, List<string> wrong, string passed, string notApplicable)
    {
        if (compared == 0)
            return new InvoiceCheck(id, CheckResult.NotApplicable, notApplicable);
        if (wrong.Count == 0)
            return new InvoiceCheck(id, CheckResult.Passed, passed);
        var more = wrong.Count > 3 ? Invariant($" and {wrong.Count - 3} more") : "";
        return new InvoiceCheck(id, CheckResult.Failed, $"Does not compute: {string.Join("; ", wrong.Take(3))}{more}. Ask the seller which is right before signing.");
    }

    // Foreign amounts can have 28 digits: a product that does not fit a decimal is a mismatch, not a crash.
    private static bool TryProduct(decimal left, decimal right, out decimal product)
    {
        try
        {
            product = Math.Round(left * right, 2, MidpointRounding.AwayFromZero);
            return true;
        }
        catch (OverflowException)
        {
            product = 0;
            return false;
        }
    }

    private static string Shown<T>(ReadField<T> field) =>
        field.Value is DateOnly date ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : Invariant($"{field.Value}");

    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
