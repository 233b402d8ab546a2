using System.Collections.Immutable;

namespace Countersign.Samples.Generator;

/// <summary>What is out of order with an invoice on purpose.</summary>
public enum Flaw
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It names an order that does not exist.</summary>
    UnknownOrder,

    /// <summary>A line is dearer than agreed.</summary>
    Dearer,

    /// <summary>The totals do not add up.</summary>
    WrongTotal,

    /// <summary>It asks for payment to another account than the vendor's.</summary>
    OtherAccount,

    /// <summary>Its number was used before by the same vendor.</summary>
    Duplicate,

    /// <summary>The page shows another total than the attached data.</summary>
    PageDisagrees,
}

/// <summary>How an invoice is sent.</summary>
public enum SampleFormat
{
    /// <summary>PDF with the data attached (Factur-X).</summary>
    Hybrid,

    /// <summary>PDF without data.</summary>
    Plain,

    /// <summary>UBL XML.</summary>
    Ubl,

    /// <summary>CII XML.</summary>
    Cii,
}

/// <summary>An invoice as the vendor means it.</summary>
public sealed record SampleInvoice(string Number, DateOnly Issued, DateOnly Due, BookVendor Vendor, string Buyer, string? Order, string Currency, ImmutableArray<BookLine> Lines, decimal TaxRate,
    decimal Net, decimal Tax, decimal Gross, string Iban, Flaw Flaw, SampleFormat Format);

/// <summary>An invoice as a file.</summary>
/// <param name="Name">File name.</param>
/// <param name="MediaType">Media type.</param>
/// <param name="Content">The bytes.</param>
/// <param name="Invoice">What it says.</param>
public sealed record SampleFile(string Name, string MediaType, ReadOnlyMemory<byte> Content, SampleInvoice Invoice);
