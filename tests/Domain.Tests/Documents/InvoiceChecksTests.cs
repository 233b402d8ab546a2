using System.Collections.Immutable;
using Countersign.Domain.Documents;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Documents;

public sealed class InvoiceChecksTests
{
    [Fact]
    public void A_sound_invoice_fails_no_check() =>
        InvoiceChecks.Run(Sound()).Where(check => check.Result != CheckResult.Passed).ShouldBeEmpty();

    [Fact]
    public void The_order_and_the_ids_of_the_checks_are_fixed() =>
        InvoiceChecks.Run(Sound()).Select(check => check.Id).ShouldBe(
            ["required_fields", "line_arithmetic", "line_total", "net_total", "tax_breakdown", "tax_total", "gross_total", "payable_total", "dates", "currency", "vat_number", "iban"]);

    public static TheoryData<string, Func<InvoiceReading, InvoiceReading>> Faults => new()
    {
        { "required_fields", r => r with { Number = null } },
        { "line_arithmetic", r => r with { Lines = [Line(2, 50, 101)], LineTotal = Amount(101) } },
        { "line_arithmetic", r => r with { Lines = [Line(999_999_999_999_999, 999_999_999_999_999, 100)] } },
        { "line_total", r => r with { Lines = [Line(1, 50, 50)] } },
        { "net_total", r => r with { Allowances = Amount(10) } },
        { "tax_breakdown", r => r with { Taxes = [new InvoiceTax("S", 19, 100, 20)] } },
        { "tax_total", r => r with { Tax = Amount(18) } },
        { "gross_total", r => r with { Gross = Amount(120) } },
        { "payable_total", r => r with { Payable = Amount(118) } },
        { "dates", r => r with { DueDate = Day(2026, 1, 1) } },
        { "dates", r => r with { IssueDate = Day(1026, 1, 1) } },
        { "currency", r => r with { Currency = Text("EURO") } },
        { "vat_number", r => r with { SellerVat = Text("DE12345678") } },
        { "iban", r => r with { Iban = Text("DE89370400440532013001") } },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Each_fault_fails_its_own_check(string id, Func<InvoiceReading, InvoiceReading> spoil)
    {
        var check = InvoiceChecks.Run(spoil(Sound())).Single(c => c.Id == id);
        check.Result.ShouldBe(CheckResult.Failed);
        check.Detail.ShouldEndWith(".");
    }

    [Fact]
    public void What_is_not_stated_is_not_applicable_rather_than_passed()
    {
        var empty = new InvoiceReading { Format = "page", Reader = new ReaderIdentity("r", "1", "0") };
        InvoiceChecks.Run(empty).Where(c => c.Id != "required_fields").ShouldAllBe(c => c.Result == CheckResult.NotApplicable);
    }

    [Fact]
    public void A_page_that_contradicts_its_xml_fails_and_names_both_values()
    {
        var page = Sound() with { Gross = new ReadField<decimal>(911, "911,00", 0.9m, ReadSource.Page, null) };
        var check = InvoiceChecks.PageAgainstXml(Sound(), page);
        check.Result.ShouldBe(CheckResult.Failed);
        check.Detail.ShouldContain("119");
        check.Detail.ShouldContain("911");
    }

    [Fact]
    public void A_weak_guess_of_the_page_reader_accuses_nobody()
    {
        var page = Sound() with { Gross = new ReadField<decimal>(911, "911,00", 0.3m, ReadSource.Page, null) };
        InvoiceChecks.PageAgainstXml(Sound(), page).Result.ShouldBe(CheckResult.Passed);
    }

    [Fact]
    public void The_json_form_is_stable_and_comes_back()
    {
        var reading = Sound() with { Number = new ReadField<string>("R 1", "R 1", 0.75m, ReadSource.Page, new PageBox(1, 10.5, 20, 30, 8, 595, 842)), Lines = [], Taxes = [], Checks = [new InvoiceCheck("a_check", CheckResult.NotApplicable, "Says so.")] };
        var json = InvoiceJson.ToElement(reading);
        json.GetProperty("number").GetRawText().ShouldBe(
            """{"value":"R 1","raw":"R 1","confidence":0.75,"source":"page","box":{"page":1,"x":10.5,"y":20,"width":30,"height":8,"pageWidth":595,"pageHeight":842}}""");
        json.GetProperty("issueDate").GetProperty("value").GetString().ShouldBe("2026-03-01");
        json.GetProperty("gross").GetProperty("value").GetDecimal().ShouldBe(119m);
        json.GetProperty("prepaid").ValueKind.ShouldBe(System.Text.Json.JsonValueKind.Null);
        json.GetProperty("checks")[0].GetRawText().ShouldBe("""{"id":"a_check","result":"not_applicable","detail":"Says so."}""");
        json.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["format", "pages", "number", "typeCode", "issueDate", "dueDate", "seller", "sellerVat", "sellerTaxNumber", "buyer", "orderReference", "currency", "lineTotal", "allowances", "charges",
                "net", "tax", "gross", "prepaid", "rounding", "payable", "iban", "taxes", "lines", "checks", "reader"]);
        InvoiceJson.ToText(InvoiceJson.FromElement(json)!).ShouldBe(InvoiceJson.ToText(reading));
    }

    private static InvoiceReading Sound() => new()
    {
        Format = "cii",
        Reader = new ReaderIdentity("r", "1", "0"),
        Number = Text("R1"),
        IssueDate = Day(2026, 3, 1),
        DueDate = Day(2026, 3, 31),
        Seller = Text("Seller"),
        SellerVat = Text("DE123456789"),
        Buyer = Text("Buyer"),
        Currency = Text("EUR"),
        LineTotal = Amount(100),
        Net = Amount(100),
        Tax = Amount(19),
        Gross = Amount(119),
        Payable = Amount(119),
        Iban = Text("DE89370400440532013000"),
        Taxes = [new InvoiceTax("S", 19, 100, 19)],
        Lines = [Line(2, 50, 100)],
    };

    private static InvoiceLine Line(decimal quantity, decimal price, decimal net) => new(Text("Thing"), Amount(quantity), Text("C62"), Amount(price), Amount(net));

    private static ReadField<decimal> Amount(decimal value) => new(value, value.ToString(System.Globalization.CultureInfo.InvariantCulture), 1, ReadSource.Xml, null);

    private static ReadField<string> Text(string value) => new(value, value, 1, ReadSource.Xml, null);

    private static ReadField<DateOnly> Day(int year, int month, int day) => new(new DateOnly(year, month, day), "", 1, ReadSource.Xml, null);
}
