namespace Countersign.Domain.Documents;

/// <summary>One field that a reader found, without its type.</summary>
/// <param name="Name">Name in the JSON form of the reading, e.g. <c>orderReference</c>.</param>
/// <param name="Confidence">Calibrated confidence, 0 to 1.</param>
/// <param name="Box">Where it stands on the page, or null.</param>
public sealed record FoundField(string Name, decimal Confidence, PageBox? Box);

/// <summary>The fields of a reading, one after the other.</summary>
public static class ReadFields
{
    /// <summary>The fields that were found, in a fixed order. Lines are not fields.</summary>
    public static IEnumerable<FoundField> Of(InvoiceReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        return new[]
        {
            Found("number", reading.Number), Found("typeCode", reading.TypeCode), Found("issueDate", reading.IssueDate), Found("dueDate", reading.DueDate),
            Found("seller", reading.Seller), Found("sellerVat", reading.SellerVat), Found("sellerTaxNumber", reading.SellerTaxNumber), Found("buyer", reading.Buyer),
            Found("orderReference", reading.OrderReference), Found("currency", reading.Currency), Found("lineTotal", reading.LineTotal), Found("allowances", reading.Allowances),
            Found("charges", reading.Charges), Found("net", reading.Net), Found("tax", reading.Tax), Found("gross", reading.Gross), Found("prepaid", reading.Prepaid),
            Found("rounding", reading.Rounding), Found("payable", reading.Payable), Found("iban", reading.Iban),
        }.OfType<FoundField>();
    }

    private static FoundField? Found<T>(string name, ReadField<T>? field) => field is null ? null : new(name, field.Confidence, field.Box);
}
