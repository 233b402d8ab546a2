using System.Diagnostics;
using System.Text;
using Countersign.Domain.Documents;
using Countersign.Workers.Documents;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Workers.Tests.Documents;

public sealed class XmlReadingTests
{
    private const string Ubl = """
        <?xml version="1.0" encoding="UTF-8"?>
        <Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" xmlns:evil="urn:evil">
          <evil:ID>WRONG</evil:ID><cbc:ID> R-1 </cbc:ID><cbc:IssueDate>2026-03-01</cbc:IssueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
          <cac:AccountingSupplierParty><cac:Party>
            <cac:PartyTaxScheme><cbc:CompanyID>12/345</cbc:CompanyID><cac:TaxScheme><cbc:ID>FC</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
            <cac:PartyTaxScheme><cbc:CompanyID>DE 123 456 789</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
            <cac:PartyLegalEntity><cbc:RegistrationName>Seller &amp; Sons</cbc:RegistrationName></cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
          <cac:TaxTotal><cbc:TaxAmount currencyID="NOK">200.00</cbc:TaxAmount></cac:TaxTotal>
          <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount></cac:TaxTotal>
          <cac:LegalMonetaryTotal><cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="EUR">GROSS</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal>
        </Invoice>
        """;

    private static readonly InvoiceReader Reader = new();

    [Fact]
    public void A_tax_number_is_not_taken_for_a_vat_number_and_foreign_namespaces_are_ignored()
    {
        var reading = Read(Ubl.Replace("GROSS", "119.00", StringComparison.Ordinal)).Reading!;
        reading.Number!.Value.ShouldBe("R-1");
        reading.SellerVat!.Value.ShouldBe("DE123456789");
        reading.SellerVat.Raw.ShouldBe("DE 123 456 789");
        reading.SellerTaxNumber!.Value.ShouldBe("12/345");
        reading.Seller!.Value.ShouldBe("Seller & Sons");
        reading.Tax!.Value.ShouldBe(19m);
        reading.Gross!.Confidence.ShouldBe(1m);
        reading.Gross.Source.ShouldBe(ReadSource.Xml);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1e400")]
    [InlineData("NaN")]
    [InlineData("119,00")]
    [InlineData("99999999999999999999999999999999")]
    public void An_unreadable_amount_is_a_failed_check_and_never_a_silent_gap(string amount)
    {
        var reading = Read(Ubl.Replace("GROSS", amount, StringComparison.Ordinal)).Reading!;
        reading.Gross.ShouldBeNull();
        var check = reading.Checks.Single(c => c.Id == "values_readable");
        check.Result.ShouldBe(CheckResult.Failed);
        check.Detail.ShouldContain("TaxInclusiveAmount");
    }

    [Fact]
    public void An_amount_in_a_third_currency_fails_a_check() =>
        Read(Ubl.Replace("GROSS", "119", StringComparison.Ordinal)).Reading!.Checks.Single(c => c.Id == "one_currency").Result.ShouldBe(CheckResult.Failed);

    [Theory]
    [InlineData("""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>""")]
    [InlineData("""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><x>&c;</x>""")]
    [InlineData("""<!DOCTYPE a SYSTEM "http://127.0.0.1:1/evil.dtd"><a/>""")]
    public void A_dtd_is_refused_before_anything_is_expanded_or_fetched(string xml)
    {
        var clock = Stopwatch.StartNew();
        Read(xml).Refusal!.Code.ShouldBe("document.dtd_not_allowed");
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void Nesting_of_200_000_levels_is_refused()
    {
        var xml = new StringBuilder(2_000_000);
        for (var i = 0; i < 200_000; i++)
            xml.Append("<a>");
        for (var i = 0; i < 200_000; i++)
            xml.Append("</a>");
        Read(xml.ToString()).Refusal!.Code.ShouldBe("document.malformed_xml");
    }

    [Fact]
    public void A_million_attributes_are_refused()
    {
        var xml = new StringBuilder("<a");
        for (var i = 0; i < 1_100_000; i++)
            xml.Append(" a").Append(i).Append("=\"\"");
        Read(xml.Append("><b/></a>").ToString()).Refusal.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("<a><b></a>", "document.malformed_xml")]
    [InlineData("<a>", "document.malformed_xml")]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>", "document.malformed_xml")]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", "document.malformed_xml")]
    [InlineData("<a/>", "document.not_an_invoice")]
    [InlineData("<Order xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Order-2\"/>", "document.other_document")]
    [InlineData("<Invoice xmlns=\"urn:other\"/>", "document.not_an_invoice")]
    public void What_is_no_invoice_is_refused_with_its_own_code(string xml, string code)
    {
        var refusal = Read(xml).Refusal!;
        refusal.Code.ShouldBe(code);
        refusal.Detail.ShouldEndWith(".");
    }

    [Fact]
    public void Nothing_at_all_is_refused() => Read("").Refusal!.Code.ShouldBe("document.empty");

    [Fact]
    public void An_xml_sent_as_a_pdf_is_refused() =>
        Reader.Read(Encoding.UTF8.GetBytes(Ubl), "application/pdf", TestContext.Current.CancellationToken).Refusal!.Code.ShouldBe("document.type_mismatch");

    [Fact]
    public void Any_change_of_the_bytes_gives_a_reading_or_a_refusal_and_no_exception()
    {
        var good = Encoding.UTF8.GetBytes(Ubl.Replace("GROSS", "119.00", StringComparison.Ordinal));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length - 1]).Sample(
            (at, value, cut) =>
            {
                var bad = good.ToArray();
                bad[at] = value;
                foreach (var content in new[] { bad, bad[..cut], bad[cut..] })
                {
                    var result = Reader.Read(content, "", CancellationToken.None);
                    (result.Reading is null).ShouldNotBe(result.Refusal is null);
                }
            },
            iter: 2_000);
    }

    [Fact]
    public void A_caller_that_cancels_gets_its_cancellation()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        var many = "<a>" + string.Concat(Enumerable.Repeat("<b/>", 1000)) + "</a>";
        Should.Throw<OperationCanceledException>(() => Reader.Read(Encoding.UTF8.GetBytes(many), "", cancelled.Token));
    }

    private static InvoiceReadingResult Read(string xml) => Reader.Read(Encoding.UTF8.GetBytes(xml), "", TestContext.Current.CancellationToken);
}
