using System.Text.Json;
using Countersign.Console.Kit;

namespace Countersign.Console.Tasks;

/// <summary>The line by which a person recognises a case: who, which document, how much. Other processes than invoices show what they have.</summary>
internal sealed record CaseSubject(string Title, string? Number, decimal? Amount, string? Currency)
{
    public string? Money => Amount is { } amount ? Values.Money(amount, Currency) : null;

    public static CaseSubject Of(IReadOnlyDictionary<string, JsonElement> subject, string fallback, string? businessKey)
    {
        string? Text(params ReadOnlySpan<string> names) => Values.Find(subject, names) is { } v ? Values.Plain(v) : null;
        return new CaseSubject(Text("seller", "sellerName", "vendor") ?? businessKey ?? fallback, Text("number", "invoiceNumber"),
            Values.Number(Values.Find(subject, "gross", "grossTotal", "amount", "total")), Text("currency"));
    }
}
