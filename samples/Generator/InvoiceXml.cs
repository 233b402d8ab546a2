using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Countersign.Samples.Generator;

/// <summary>Writes EN 16931 invoices in the two syntaxes.</summary>
internal static class InvoiceXml
{
    private static readonly XNamespace Rsm = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";
    private static readonly XNamespace Ram = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100";
    private static readonly XNamespace Udt = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100";
    private static readonly XNamespace Ubl = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
    private static readonly XNamespace Cac = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
    private static readonly XNamespace Cbc = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

    public static byte[] Cii(SampleInvoice i) => Bytes(new XElement(Rsm + "CrossIndustryInvoice",
        new XAttribute(XNamespace.Xmlns + "rsm", Rsm), new XAttribute(XNamespace.Xmlns + "ram", Ram), new XAttribute(XNamespace.Xmlns + "udt", Udt),
        new XElement(Rsm + "ExchangedDocumentContext", R("GuidelineSpecifiedDocumentContextParameter", R("ID", "urn:cen.eu:en16931:2017"))),
        new XElement(Rsm + "ExchangedDocument", R("ID", i.Number), R("TypeCode", "380"), R("IssueDateTime", CiiDate(i.Issued))),
        new XElement(Rsm + "SupplyChainTradeTransaction",
            i.Lines.Select((l, n) => CiiLine(i, l, n + 1)),
            R("ApplicableHeaderTradeAgreement",
                R("SellerTradeParty", R("Name", i.Vendor.Name), CiiAddress(i.Vendor), R("SpecifiedTaxRegistration", new XElement(Ram + "ID", new XAttribute("schemeID", "VA"), i.Vendor.Vat))),
                R("BuyerTradeParty", R("Name", i.Buyer)),
                i.Order is null ? null : R("BuyerOrderReferencedDocument", R("IssuerAssignedID", i.Order))),
            R("ApplicableHeaderTradeDelivery"),
            R("ApplicableHeaderTradeSettlement",
                R("InvoiceCurrencyCode", i.Currency),
                R("SpecifiedTradeSettlementPaymentMeans", R("TypeCode", "58"), R("PayeePartyCreditorFinancialAccount", R("IBANID", i.Iban))),
                R("ApplicableTradeTax", R("CalculatedAmount", A(i.Tax)), R("TypeCode", "VAT"), R("BasisAmount", A(i.Net)), R("CategoryCode", "S"), R("RateApplicablePercent", A(i.TaxRate))),
                R("SpecifiedTradePaymentTerms", R("DueDateDateTime", CiiDate(i.Due))),
                R("SpecifiedTradeSettlementHeaderMonetarySummation", R("LineTotalAmount", A(i.Net)), R("TaxBasisTotalAmount", A(i.Net)),
                    new XElement(Ram + "TaxTotalAmount", new XAttribute("currencyID", i.Currency), A(i.Tax)), R("GrandTotalAmount", A(i.Gross)), R("DuePayableAmount", A(i.Gross)))))));

    public static byte[] UblInvoice(SampleInvoice i) => Bytes(new XElement(Ubl + "Invoice",
        new XAttribute("xmlns", Ubl), new XAttribute(XNamespace.Xmlns + "cac", Cac), new XAttribute(XNamespace.Xmlns + "cbc", Cbc),
        B("CustomizationID", "urn:cen.eu:en16931:2017"), B("ID", i.Number), B("IssueDate", Date(i.Issued)), B("DueDate", Date(i.Due)), B("InvoiceTypeCode", "380"), B("DocumentCurrencyCode", i.Currency),
        i.Order is null ? null : C("OrderReference", B("ID", i.Order)),
        C("AccountingSupplierParty", C("Party",
            C("PostalAddress", B("StreetName", i.Vendor.Street), B("CityName", i.Vendor.City), C("Country", B("IdentificationCode", i.Vendor.Country))),
            C("PartyTaxScheme", B("CompanyID", i.Vendor.Vat), C("TaxScheme", B("ID", "VAT"))), C("PartyLegalEntity", B("RegistrationName", i.Vendor.Name)))),
        C("AccountingCustomerParty", C("Party", C("PartyLegalEntity", B("RegistrationName", i.Buyer)))),
        C("PaymentMeans", B("PaymentMeansCode", "58"), C("PayeeFinancialAccount", B("ID", i.Iban))),
        C("TaxTotal", Money("TaxAmount", i, i.Tax), C("TaxSubtotal", Money("TaxableAmount", i, i.Net), Money("TaxAmount", i, i.Tax),
            C("TaxCategory", B("ID", "S"), B("Percent", A(i.TaxRate)), C("TaxScheme", B("ID", "VAT"))))),
        C("LegalMonetaryTotal", Money("LineExtensionAmount", i, i.Net), Money("TaxExclusiveAmount", i, i.Net), Money("TaxInclusiveAmount", i, i.Gross), Money("PayableAmount", i, i.Gross)),
        i.Lines.Select((l, n) => C("InvoiceLine", B("ID", (n + 1).ToString(CultureInfo.InvariantCulture)), new XElement(Cbc + "InvoicedQuantity", new XAttribute("unitCode", "C62"), A(l.Quantity)),
            Money("LineExtensionAmount", i, l.Net),
            C("Item", B("Name", l.Name), C("ClassifiedTaxCategory", B("ID", "S"), B("Percent", A(i.TaxRate)), C("TaxScheme", B("ID", "VAT")))), C("Price", Money("PriceAmount", i, l.Price))))));

    private static XElement CiiLine(SampleInvoice i, BookLine l, int number) => R("IncludedSupplyChainTradeLineItem",
        R("AssociatedDocumentLineDocument", R("LineID", number.ToString(CultureInfo.InvariantCulture))),
        R("SpecifiedTradeProduct", R("Name", l.Name)),
        R("SpecifiedLineTradeAgreement", R("NetPriceProductTradePrice", R("ChargeAmount", A(l.Price)))),
        R("SpecifiedLineTradeDelivery", new XElement(Ram + "BilledQuantity", new XAttribute("unitCode", "C62"), A(l.Quantity))),
        R("SpecifiedLineTradeSettlement", R("ApplicableTradeTax", R("TypeCode", "VAT"), R("CategoryCode", "S"), R("RateApplicablePercent", A(i.TaxRate))),
            R("SpecifiedTradeSettlementLineMonetarySummation", R("LineTotalAmount", A(l.Net)))));

    private static XElement CiiAddress(BookVendor v) => R("PostalTradeAddress", R("LineOne", v.Street), R("CityName", v.City), R("CountryID", v.Country));

    private static XElement CiiDate(DateOnly day) => new(Udt + "DateTimeString", new XAttribute("format", "102"), day.ToString("yyyyMMdd", CultureInfo.InvariantCulture));

    private static XElement R(string name, params object?[] content) => new(Ram + name, content);

    private static XElement B(string name, string text) => new(Cbc + name, text);

    private static XElement C(string name, params object?[] content) => new(Cac + name, content);

    private static XElement Money(string name, SampleInvoice i, decimal amount) => new(Cbc + name, new XAttribute("currencyID", i.Currency), A(amount));

    private static string A(decimal value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Date(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static byte[] Bytes(XElement root)
    {
        using var stream = new MemoryStream();
        using (var writer = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, NewLineChars = "\n" }))
            new XDocument(root).Save(writer);
        return stream.ToArray();
    }
}
