using System.Collections.Immutable;
using System.Xml.Linq;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Reads Cross Industry Invoices: D16B as the CII binding of EN 16931 (CEN/TS 16931-3-3) maps them, Factur-X and XRechnung
/// among them, and the older ZUGFeRD 1.0, whose elements have other names for the same things.</summary>
internal static class CiiInvoiceReader
{
    private const string Family = "urn:un:unece:uncefact:data:standard:";
    private const string ZugferdRoot = "urn:ferd:CrossIndustryDocument:invoice:1p0";

    public static bool CanRead(XElement root) =>
        (root.Name.LocalName == "CrossIndustryInvoice" && root.Name.NamespaceName.StartsWith(Family, StringComparison.Ordinal))
        || (root.Name.LocalName == "CrossIndustryDocument" && root.Name.NamespaceName == ZugferdRoot);

    public static InvoiceReading Read(XElement root, ReaderIdentity reader)
    {
        var zugferd1 = root.Name.NamespaceName == ZugferdRoot;
        // ZUGFeRD 1.0 puts its top elements into its own namespace and all others into UN/CEFACT's.
        var top = new XmlInvoice(zugferd1 ? ZugferdRoot : Family);
        var xml = new XmlInvoice(Family);
        var document = top.At(root, "ExchangedDocument|HeaderExchangedDocument");
        var trade = top.At(root, "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction");
        var agreement = xml.At(trade, "ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement");
        var settlement = xml.At(trade, "ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement");
        var totals = xml.At(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation");
        var seller = xml.At(agreement, "SellerTradeParty");
        var currency = XmlInvoice.Text(xml.At(settlement, "InvoiceCurrencyCode"));
        var taxCurrency = XmlInvoice.Text(xml.At(settlement, "TaxCurrencyCode"));
        var reading = new InvoiceReading
        {
            Format = zugferd1 ? "zugferd-1" : "cii",
            Reader = reader,
            Number = xml.String(xml.At(document, "ID")),
            TypeCode = xml.String(xml.At(document, "TypeCode")),
            IssueDate = xml.Date(xml.At(document, "IssueDateTime", "DateTimeString|DateTime")),
            DueDate = DueDate(xml, settlement),
            Seller = xml.String(xml.At(seller, "Name")),
            SellerVat = TaxNumber(xml, seller, "VA", VatNumber.Normalize),
            SellerTaxNumber = TaxNumber(xml, seller, "FC", null),
            Buyer = xml.String(xml.At(agreement, "BuyerTradeParty", "Name")),
            OrderReference = xml.String(xml.At(agreement, "BuyerOrderReferencedDocument", "IssuerAssignedID|ID")),
            Currency = XmlInvoice.Field(currency),
            LineTotal = xml.Amount(xml.At(totals, "LineTotalAmount")),
            Allowances = xml.Amount(xml.At(totals, "AllowanceTotalAmount")),
            Charges = xml.Amount(xml.At(totals, "ChargeTotalAmount")),
            Net = InCurrency(xml, totals, "TaxBasisTotalAmount", currency),
            Tax = InCurrency(xml, totals, "TaxTotalAmount", currency),
            Gross = InCurrency(xml, totals, "GrandTotalAmount", currency),
            Prepaid = xml.Amount(xml.At(totals, "TotalPrepaidAmount")),
            Rounding = xml.Amount(xml.At(totals, "RoundingAmount")),
            Payable = xml.Amount(xml.At(totals, "DuePayableAmount")),
            Iban = Account(xml, settlement),
            Taxes = [.. xml.Children(settlement, "ApplicableTradeTax").Select(tax => Tax(xml, tax)).OfType<InvoiceTax>()],
            Lines = [.. xml.Children(trade, "IncludedSupplyChainTradeLineItem").Select(line => Line(xml, line))],
        };
        return reading with { Checks = [.. xml.OwnChecks(root, currency, taxCurrency), .. InvoiceChecks.Run(reading)] };
    }

    private static ReadField<DateOnly>? DueDate(XmlInvoice xml, XElement? settlement) =>
        xml.Children(settlement, "SpecifiedTradePaymentTerms")
            .Select(terms => xml.Date(xml.At(terms, "DueDateDateTime", "DateTimeString|DateTime")))
            .FirstOrDefault(field => field is not null);

    // Totals may be repeated in the tax currency (BT-111); the one that counts is in the document's or names none.
    private static ReadField<decimal>? InCurrency(XmlInvoice xml, XElement? totals, string name, string? currency)
    {
        var all = xml.Children(totals, name).ToList();
        return xml.Amount(all.Find(e => e.Attribute("currencyID")?.Value.Trim() == currency) ?? all.Find(e => e.Attribute("currencyID") is null) ?? all.FirstOrDefault());
    }

    private static ReadField<string>? TaxNumber(XmlInvoice xml, XElement? party, string scheme, Func<string, string>? normalize) =>
        xml.Children(party, "SpecifiedTaxRegistration")
            .Select(entry => xml.At(entry, "ID"))
            .Where(id => id?.Attribute("schemeID")?.Value.Trim() == scheme)
            .Select(id => xml.String(id, normalize))
            .FirstOrDefault(field => field is not null);

    private static ReadField<string>? Account(XmlInvoice xml, XElement? settlement) =>
        xml.Children(settlement, "SpecifiedTradeSettlementPaymentMeans")
            .Select(means => xml.String(xml.At(means, "PayeePartyCreditorFinancialAccount", "IBANID"), Iban.Normalize))
            .FirstOrDefault(field => field is not null);

    private static InvoiceTax? Tax(XmlInvoice xml, XElement tax)
    {
        var amount = xml.Amount(xml.At(tax, "CalculatedAmount"));
        return amount is null
            ? null
            : new InvoiceTax(XmlInvoice.Text(xml.At(tax, "CategoryCode")), xml.Amount(xml.At(tax, "RateApplicablePercent|ApplicablePercent"))?.Value, xml.Amount(xml.At(tax, "BasisAmount"))?.Value, amount.Value);
    }

    private static InvoiceLine Line(XmlInvoice xml, XElement line)
    {
        var quantity = xml.At(line, "SpecifiedLineTradeDelivery|SpecifiedSupplyChainTradeDelivery", "BilledQuantity");
        var price = xml.At(line, "SpecifiedLineTradeAgreement|SpecifiedSupplyChainTradeAgreement", "NetPriceProductTradePrice");
        var settlement = xml.At(line, "SpecifiedLineTradeSettlement|SpecifiedSupplyChainTradeSettlement");
        var adjustment = 0m;
        foreach (var entry in xml.Children(settlement, "SpecifiedTradeAllowanceCharge"))
        {
            var amount = xml.Amount(xml.At(entry, "ActualAmount"))?.Value ?? 0m;
            adjustment += XmlInvoice.Text(xml.At(entry, "ChargeIndicator")) is "true" or "1" ? amount : -amount;
        }

        return new InvoiceLine(
            xml.String(xml.At(line, "SpecifiedTradeProduct", "Name")),
            xml.Amount(quantity),
            XmlInvoice.Field(quantity?.Attribute("unitCode")?.Value.Trim()),
            xml.Amount(xml.At(price, "ChargeAmount")),
            xml.Amount(xml.At(settlement, "SpecifiedTradeSettlementLineMonetarySummation|SpecifiedTradeSettlementMonetarySummation", "LineTotalAmount")))
        {
            PriceBase = xml.Amount(xml.At(price, "BasisQuantity"))?.Value is { } priceBase and not 0 ? priceBase : 1m,
            Adjustment = adjustment,
        };
    }
}
