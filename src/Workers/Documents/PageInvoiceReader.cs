using System.Collections.Immutable;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Reads an invoice from the text of its pages: labels in nine languages, geometry, forms and arithmetic; no sender is known to it.</summary>
internal static class PageInvoiceReader
{
    /// <summary>A reading, or null when nothing on the pages looks like an invoice. Scores become confidences by the calibration table.</summary>
    public static InvoiceReading? Read(DocumentText text, Calibration calibration)
    {
        var context = new PageContext(text);
        var amounts = PageValues.Amounts(context.Runs);
        var dates = PageValues.Dates(context.Runs);
        var totals = PageTotals.Choose(context, amounts);
        var parties = PageParties.Choose(context, PageValues.VatNumbers(context.Runs));
        var reading = new InvoiceReading
        {
            Format = "page",
            Pages = text.Pages.Count,
            Reader = calibration.Reader,
            Number = Field("number", PageFields.Numbers(context).FirstOrDefault()),
            IssueDate = Field("issue_date", PageFields.IssueDates(context, dates).FirstOrDefault()),
            DueDate = Field("due_date", PageFields.DueDates(context, dates).FirstOrDefault()),
            Seller = Field("seller", parties.Seller),
            SellerVat = Field("seller_vat", parties.SellerVat),
            Buyer = Field("buyer", parties.Buyer),
            OrderReference = Field("order_ref", PageFields.Orders(context).FirstOrDefault()),
            Currency = Field("currency", PageFields.Currencies(context, amounts).FirstOrDefault()),
            LineTotal = Amount("line_total", totals.LineTotal),
            Net = Amount("total_net", totals.Net),
            Tax = Amount("total_tax", totals.Tax),
            Gross = Amount("total_gross", totals.Gross),
            Prepaid = Amount("prepaid", totals.Prepaid) is { } paid ? paid with { Value = Math.Abs(paid.Value) } : null,
            Payable = Amount("payable", totals.Payable),
            Iban = Field("iban", PageFields.Ibans(context, PageValues.Ibans(context.Runs)).FirstOrDefault()),
            Lines = PageTable.Read(context, amounts, calibration),
        };
        return reading.Number is null && reading.IssueDate is null && reading.Gross is null && reading.Payable is null ? null : reading;

        ReadField<T>? Field<T>(string name, PageCandidate<T>? candidate) =>
            candidate is null || candidate.Score < calibration.Threshold(name)
                ? null
                : new ReadField<T>(candidate.Value, candidate.Source.Raw, calibration.Confidence(name, candidate.Score), ReadSource.Page, context.PageOf(candidate.Source.Run).Box(candidate.Source.Area));

        ReadField<decimal>? Amount(string name, PageCandidate<PageAmount>? candidate) =>
            Field(name, candidate) is { } field ? new ReadField<decimal>(field.Value.Value, field.Raw, field.Confidence, field.Source, field.Box) : null;
    }
}
