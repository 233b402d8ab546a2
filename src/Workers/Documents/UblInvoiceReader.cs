using System.Collections.Immutable;
using System.Xml.Linq;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Reads UBL 2.1 invoices, credit notes and their relatives as the UBL binding of EN 16931 (CEN/TS 16931-3-2) maps them.</summary>
internal static class UblInvoiceReader
{
    private const string Family = "urn:oasis:names:specification:ubl:schema:xsd:";

    private static readonly Dictionary<string, (string Format, string Line, string Quantity)> Roots = new(StringComparer.Ordinal)
    {
        ["Invoice"] = ("ubl-invoice", "InvoiceLine", "InvoicedQuantity"),
        ["CreditNote"] = ("ubl-credit-note", "CreditNoteLine", "CreditedQuantity"),
        ["DebitNote"] = ("ubl-debit-note", "DebitNoteLine", "DebitedQuantity"),
        ["SelfBilledInvoice"] = ("ubl-self-billed-invoice", "InvoiceLine", "InvoicedQuantity"),
        ["SelfBilledCreditNote"] = ("ubl-self-billed-credit-note", "CreditNoteLine", "CreditedQuantity"),
    };

    public static bool IsUbl(XElement root) => root.Name.NamespaceName.StartsWith(Family, StringComparison.Ordinal);

    public static bool CanRead(XElement root) => IsUbl(root) && root.Name.NamespaceName == $"{Family}{root.Name.LocalName}-2" && Roots.ContainsKey(root.Name.LocalName);

    public static InvoiceReading Read(XElement root, ReaderIdentity reader)
    {
        var xml = new XmlInvoice(Family);
        var (format, lineName, quantityName) = Roots[root.Name.LocalName];
        var seller = xml.At(root, "AccountingSupplierParty", "Party");
        var totals = xml.At(root, "LegalMonetaryTotal|RequestedMonetaryTotal|AnticipatedMonetaryTotal");
        var currency = XmlInvoice.Text(xml.At(root, "DocumentCurrencyCode"));
        var taxCurrency = XmlInvoice.Text(xml.At(root, "TaxCurrencyCode"));
        var taxTotal = TaxTotal(xml, root, currency);
        var reading = new InvoiceReading
        {
            Format = format,
            Reader = reader,
            Number = xml.String(xml.At(root, "ID")),
            TypeCode = xml.String(xml.At(root, "InvoiceTypeCode|CreditNoteTypeCode")),
            IssueDate = xml.Date(xml.At(root, "IssueDate")),
            DueDate = xml.Date(xml.At(root, "DueDate") ?? xml.At(root, "PaymentMeans", "PaymentDueDate")),
            Seller = Name(xml, seller),
            SellerVat = TaxNumber(xml, seller, "VAT", VatNumber.Normalize),
            SellerTaxNumber = TaxNumber(xml, seller, null, null),
            Buyer = Name(xml, xml.At(root, "AccountingCustomerParty", "Party")),
            OrderReference = xml.String(xml.At(root, "OrderReference", "ID")),
            Currency = XmlInvoice.Field(currency),
            LineTotal = xml.Amount(xml.At(totals, "LineExtensionAmount")),
            Allowances = xml.Amount(xml.At(totals, "AllowanceTotalAmount")),
            Charges = xml.Amount(xml.At(totals, "ChargeTotalAmount")),
            Net = xml.Amount(xml.At(totals, "TaxExclusiveAmount")),
            Tax = xml.Amount(xml.At(taxTotal, "TaxAmount")),
            Gross = xml.Amount(xml.At(totals, "TaxInclusiveAmount")),
            Prepaid = xml.Amount(xml.At(totals, "PrepaidAmount")),
            Rounding = xml.Amount(xml.At(totals, "PayableRoundingAmount")),
            Payable = xml.Amount(xml.At(totals, "PayableAmount")),
            Iban = xml.Children(root, "PaymentMeans").Select(means => xml.String(xml.At(means, "PayeeFinancialAccount", "ID"), Iban.Normalize)).FirstOrDefault(field => field is not null),
            Taxes = [.. xml.Children(taxTotal, "TaxSubtotal").Select(subtotal => Tax(xml, subtotal)).OfType<InvoiceTax>()],
            Lines = [.. xml.Children(root, lineName).Select(line => Line(xml, line, quantityName))],
        };
        return reading with { Checks = [.. xml.OwnChecks(root, currency, taxCurrency), .. InvoiceChecks.Run(reading)] };
    }

    // There may be a second total in the tax currency (BT-111); the one that counts is in the document's.
    private static XElement? TaxTotal(XmlInvoice xml, XElement root, string? currency)
    {
        var totals = xml.Children(root, "TaxTotal").ToList();
        return totals.Find(total => xml.At(total, "TaxAmount")?.Attribute("currencyID")?.Value.Trim() == currency) ?? totals.FirstOrDefault();
    }

    private static ReadField<string>? Name(XmlInvoice xml, XElement? party) =>
        xml.String(xml.At(party, "PartyLegalEntity", "RegistrationName")) ?? xml.String(xml.At(party, "PartyName", "Name"));

    // BT-31 is the registration whose scheme is VAT, BT-32 the other one.
    private static ReadField<string>? TaxNumber(XmlInvoice xml, XElement? party, string? scheme, Func<string, string>? normalize) =>
        xml.Children(party, "PartyTaxScheme")
            .Where(entry => IsVat(XmlInvoice.Text(xml.At(entry, "TaxScheme", "ID"))) == (scheme is not null))
            .Select(entry => xml.String(xml.At(entry, "CompanyID"), normalize))
            .FirstOrDefault(field => field is not null);

    private static bool IsVat(string? scheme) => scheme is null || string.Equals(scheme, "VAT", StringComparison.OrdinalIgnoreCase);

    private static InvoiceTax? Tax(XmlInvoice xml, XElement subtotal)
    {
        var amount = xml.Amount(xml.At(subtotal, "TaxAmount"));
        var category = xml.At(subtotal, "TaxCategory");
        return amount is null ? null : new InvoiceTax(XmlInvoice.Text(xml.At(category, "ID")), xml.Amount(xml.At(category, "Percent"))?.Value, xml.Amount(xml.At(subtotal, "TaxableAmount"))?.Value, amount.Value);
    }

    private static InvoiceLine Line(XmlInvoice xml, XElement line, string quantityName)
    {
        var quantity = xml.At(line, quantityName);
        var adjustment = 0m;
        foreach (var entry in xml.Children(line, "AllowanceCharge"))
        {
            var amount = xml.Amount(xml.At(entry, "Amount"))?.Value ?? 0m;
            adjustment += XmlInvoice.Text(xml.At(entry, "ChargeIndicator")) is "true" or "1" ? amount : -amount;
        }

        return new InvoiceLine(
            xml.String(xml.At(line, "Item", "Name")) ?? xml.String(xml.At(line, "Item", "Description")),
            xml.Amount(quantity),
            XmlInvoice.Field(quantity?.Attribute("unitCode")?.Value.Trim()),
            xml.Amount(xml.At(line, "Price", "PriceAmount")),
            xml.Amount(xml.At(line, "LineExtensionAmount")))
        {
            PriceBase = xml.Amount(xml.At(line, "Price", "BaseQuantity"))?.Value is { } priceBase and not 0 ? priceBase : 1m,
            Adjustment = adjustment,
        };
    }
}
