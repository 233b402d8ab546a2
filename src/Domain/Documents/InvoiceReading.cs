using System.Collections.Immutable;

namespace Countersign.Domain.Documents;

/// <summary>Where a value was read.</summary>
public enum ReadSource
{
    /// <summary>From structured data (an e-invoice or the XML attached to a PDF): exact by construction.</summary>
    Xml,

    /// <summary>From the text of a page, by position and label.</summary>
    Page,

    /// <summary>Entered by a person in place of what was read.</summary>
    Person,
}

/// <summary>A rectangle on a page, in PDF points (1/72 inch) from the top left corner.</summary>
/// <param name="Page">Page number, from 1.</param>
/// <param name="X">Distance of the left edge from the page's left edge.</param>
/// <param name="Y">Distance of the top edge from the page's top edge.</param>
/// <param name="Width">Width of the rectangle.</param>
/// <param name="Height">Height of the rectangle.</param>
/// <param name="PageWidth">Width of the page.</param>
/// <param name="PageHeight">Height of the page.</param>
public sealed record PageBox(int Page, double X, double Y, double Width, double Height, double PageWidth, double PageHeight);

/// <summary>One value that was read, with how sure the reader is and where it stands.</summary>
/// <typeparam name="T">The value's type: text, a date or an amount.</typeparam>
/// <param name="Value">The value, normalised: dates as dates, amounts as decimals, IBAN and VAT number without blanks.</param>
/// <param name="Raw">The text as it stands in the document.</param>
/// <param name="Confidence">Calibrated probability, 0 to 1, that the value is right; 1 for structured data.</param>
/// <param name="Source">Where the value was read.</param>
/// <param name="Box">Where it stands on the page; null when it was not found on a page.</param>
public sealed record ReadField<T>(T Value, string Raw, decimal Confidence, ReadSource Source, PageBox? Box);

/// <summary>One line of an invoice. A part that was not found is null.</summary>
/// <param name="Name">What was delivered.</param>
/// <param name="Quantity">How many units.</param>
/// <param name="Unit">Unit of measure: the code of UN/ECE Recommendation 20 in structured data, the printed word on a page.</param>
/// <param name="Price">Net price of one unit (or of the base quantity, where the seller states one).</param>
/// <param name="Net">Net amount of the line.</param>
public sealed record InvoiceLine(ReadField<string>? Name, ReadField<decimal>? Quantity, ReadField<string>? Unit, ReadField<decimal>? Price, ReadField<decimal>? Net)
{
    /// <summary>Units that <see cref="Price"/> is for; 1 unless the seller states a base quantity.</summary>
    public decimal PriceBase { get; init; } = 1m;

    /// <summary>Sum of the line's own charges less its allowances; 0 when there are none.</summary>
    public decimal Adjustment { get; init; }
}

/// <summary>One row of the tax breakdown.</summary>
/// <param name="Category">VAT category code (S, Z, E, AE, K, G, O, ...), or null when not stated.</param>
/// <param name="Rate">Rate in percent, or null.</param>
/// <param name="Basis">Net amount that is taxed, or null.</param>
/// <param name="Amount">Tax amount.</param>
public sealed record InvoiceTax(string? Category, decimal? Rate, decimal? Basis, decimal Amount);

/// <summary>Result of a check.</summary>
public enum CheckResult
{
    /// <summary>Looked at and in order.</summary>
    Passed,

    /// <summary>Looked at and not in order: a person should see it.</summary>
    Failed,

    /// <summary>The document does not hold what the check needs.</summary>
    NotApplicable,
}

/// <summary>One check of a reading and its result.</summary>
/// <param name="Id">Stable id, snake_case; the list is in the reference page of the reader.</param>
/// <param name="Result">What came out.</param>
/// <param name="Detail">One sentence for a person, with the values compared.</param>
public sealed record InvoiceCheck(string Id, CheckResult Result, string Detail);

/// <summary>Which reader made a reading: enough to repeat it.</summary>
/// <param name="Name">Name of the reader.</param>
/// <param name="Version">Version of the product that holds it.</param>
/// <param name="Digest">SHA-256 (hex) over the reader's code and its calibration table.</param>
public sealed record ReaderIdentity(string Name, string Version, string Digest);

/// <summary>What was read from one invoice. A field that was not found is null; amounts are in <see cref="Currency"/>.</summary>
public sealed record InvoiceReading
{
    /// <summary>Which kind of document: <c>ubl-invoice</c>, <c>ubl-credit-note</c>, <c>cii</c>, <c>zugferd-1</c>, ... or <c>page</c> when only the page was read.</summary>
    public required string Format { get; init; }

    /// <summary>Number of pages; 0 for structured data without a page.</summary>
    public int Pages { get; init; }

    /// <summary>Invoice number (BT-1).</summary>
    public ReadField<string>? Number { get; init; }

    /// <summary>Type of document by UNTDID 1001 (BT-3): 380 invoice, 381 credit note, ...</summary>
    public ReadField<string>? TypeCode { get; init; }

    /// <summary>Date of issue (BT-2).</summary>
    public ReadField<DateOnly>? IssueDate { get; init; }

    /// <summary>Date by which payment is due (BT-9).</summary>
    public ReadField<DateOnly>? DueDate { get; init; }

    /// <summary>Seller's name (BT-27).</summary>
    public ReadField<string>? Seller { get; init; }

    /// <summary>Seller's VAT number (BT-31), upper case without blanks and dots.</summary>
    public ReadField<string>? SellerVat { get; init; }

    /// <summary>Seller's local tax number (BT-32), as printed.</summary>
    public ReadField<string>? SellerTaxNumber { get; init; }

    /// <summary>Buyer's name (BT-44).</summary>
    public ReadField<string>? Buyer { get; init; }

    /// <summary>Number of the buyer's purchase order (BT-13).</summary>
    public ReadField<string>? OrderReference { get; init; }

    /// <summary>Currency of all amounts, ISO 4217 (BT-5).</summary>
    public ReadField<string>? Currency { get; init; }

    /// <summary>Sum of the lines' net amounts (BT-106).</summary>
    public ReadField<decimal>? LineTotal { get; init; }

    /// <summary>Sum of allowances on document level (BT-107).</summary>
    public ReadField<decimal>? Allowances { get; init; }

    /// <summary>Sum of charges on document level (BT-108).</summary>
    public ReadField<decimal>? Charges { get; init; }

    /// <summary>Total without tax (BT-109).</summary>
    public ReadField<decimal>? Net { get; init; }

    /// <summary>Total tax (BT-110).</summary>
    public ReadField<decimal>? Tax { get; init; }

    /// <summary>Total with tax (BT-112).</summary>
    public ReadField<decimal>? Gross { get; init; }

    /// <summary>Already paid (BT-113).</summary>
    public ReadField<decimal>? Prepaid { get; init; }

    /// <summary>Rounding added to the amount due (BT-114).</summary>
    public ReadField<decimal>? Rounding { get; init; }

    /// <summary>Amount due for payment (BT-115).</summary>
    public ReadField<decimal>? Payable { get; init; }

    /// <summary>Account to pay to, without blanks (BT-84). Never used as master data: it is compared with the vendor's.</summary>
    public ReadField<string>? Iban { get; init; }

    /// <summary>The tax breakdown (BG-23); empty when not stated.</summary>
    public ImmutableArray<InvoiceTax> Taxes { get; init; } = [];

    /// <summary>The lines (BG-25), in the document's order.</summary>
    public ImmutableArray<InvoiceLine> Lines { get; init; } = [];

    /// <summary>Checks run on this reading, in a fixed order.</summary>
    public ImmutableArray<InvoiceCheck> Checks { get; init; } = [];

    /// <summary>Which reader made this.</summary>
    public required ReaderIdentity Reader { get; init; }
}
