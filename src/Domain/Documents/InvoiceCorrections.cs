using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Countersign.Domain.Documents;

/// <summary>Values that a person put in place of what was read.</summary>
public static class InvoiceCorrections
{
    /// <summary>The fields that can be corrected, by the names the form uses.</summary>
    public static ImmutableArray<string> Fields { get; } = ["number", "issueDate", "dueDate", "seller", "sellerVat", "buyer", "orderReference", "currency", "net", "tax", "gross", "payable", "iban"];

    /// <summary>Applies corrections and runs the checks again. A field set to null or an empty text counts as not on the document.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="corrections">An object of field name to new value; null or undefined changes nothing.</param>
    /// <param name="problem">One sentence when the result is null: which value is wrong and what is expected.</param>
    public static InvoiceReading? Apply(InvoiceReading reading, JsonElement corrections, out string? problem)
    {
        problem = null;
        if (corrections.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined)
            return reading;
        if (corrections.ValueKind != JsonValueKind.Object)
        {
            problem = "Corrections are an object of field names and values.";
            return null;
        }

        foreach (var entry in corrections.EnumerateObject())
        {
            if (Put(reading, entry.Name, entry.Value) is not { } changed)
            {
                problem = $"'{(entry.Name.Length <= 40 ? entry.Name : entry.Name[..40])}' cannot be corrected to this value. Dates are YYYY-MM-DD, amounts are numbers, other fields are text of at most 500 characters.";
                return null;
            }

            reading = changed;
        }

        // The page-and-XML comparison was made by the reader and stays as it was found; the rest follows from the values.
        var found = reading.Checks.Where(c => c.Id == "page_and_xml");
        return reading with { Checks = [.. InvoiceChecks.Run(reading), .. found] };
    }

    private static InvoiceReading? Put(InvoiceReading r, string field, JsonElement value) => field switch
    {
        "number" => Text(value, out var v) ? r with { Number = v } : null,
        "seller" => Text(value, out var v) ? r with { Seller = v } : null,
        "sellerVat" => Text(value, out var v) ? r with { SellerVat = v } : null,
        "buyer" => Text(value, out var v) ? r with { Buyer = v } : null,
        "orderReference" => Text(value, out var v) ? r with { OrderReference = v } : null,
        "currency" => Text(value, out var v) ? r with { Currency = v } : null,
        "iban" => Text(value, out var v) ? r with { Iban = v } : null,
        "issueDate" => Date(value, out var v) ? r with { IssueDate = v } : null,
        "dueDate" => Date(value, out var v) ? r with { DueDate = v } : null,
        "net" => Amount(value, out var v) ? r with { Net = v } : null,
        "tax" => Amount(value, out var v) ? r with { Tax = v } : null,
        "gross" => Amount(value, out var v) ? r with { Gross = v } : null,
        "payable" => Amount(value, out var v) ? r with { Payable = v } : null,
        _ => null,
    };

    private static bool Text(JsonElement value, out ReadField<string>? field)
    {
        field = null;
        if (IsEmpty(value))
            return true;
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: <= 500 } text)
            return false;
        field = By(text.Trim(), text);
        return true;
    }

    private static bool Date(JsonElement value, out ReadField<DateOnly>? field)
    {
        field = null;
        if (IsEmpty(value))
            return true;
        if (value.ValueKind != JsonValueKind.String || !DateOnly.TryParseExact(value.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return false;
        field = By(date, value.GetString()!);
        return true;
    }

    private static bool Amount(JsonElement value, out ReadField<decimal>? field)
    {
        field = null;
        if (IsEmpty(value))
            return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var amount) || Math.Abs(amount) >= 1_000_000_000_000m)
            return false;
        field = By(amount, value.GetRawText());
        return true;
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && string.IsNullOrWhiteSpace(value.GetString()));

    private static ReadField<T> By<T>(T value, string raw) => new(value, raw, 1m, ReadSource.Person, null);
}
