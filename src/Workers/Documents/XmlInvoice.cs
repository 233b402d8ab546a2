using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using Countersign.Domain.Documents;

namespace Countersign.Workers.Documents;

/// <summary>Steps and values that UBL and CII have in common. A value that is there but cannot be read is remembered: it must not look like an absent one.</summary>
internal sealed class XmlInvoice(string namespaceFamily)
{
    /// <summary>Largest amount that is taken; anything above cannot be an invoice's and would overflow sums.</summary>
    public const decimal MaxAmount = 1_000_000_000_000_000m;

    private readonly List<string> unreadable = [];

    public ImmutableArray<string> Unreadable => [.. unreadable];

    /// <summary>First element at the path; a step may name alternatives: <c>A|B</c>.</summary>
    public XElement? At(XElement? from, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (from is null)
                return null;
            from = Children(from, step).FirstOrDefault();
        }

        return from;
    }

    public IEnumerable<XElement> Children(XElement? from, string step)
    {
        if (from is null)
            return [];
        var names = step.Split('|');
        return from.Elements().Where(e => Array.IndexOf(names, e.Name.LocalName) >= 0 && Belongs(e.Name.NamespaceName));
    }

    public static string? Text(XElement? element)
    {
        var text = element?.Value.Trim();
        return string.IsNullOrEmpty(text) ? null : text;
    }

    public static ReadField<string>? Field(string? text, Func<string, string>? normalize = null) =>
        text is null ? null : new ReadField<string>(normalize is null ? text : normalize(text), text, 1m, ReadSource.Xml, null);

    public ReadField<string>? String(XElement? element, Func<string, string>? normalize = null) => Field(Text(element), normalize);

    public ReadField<decimal>? Amount(XElement? element)
    {
        if (Text(element) is not { } text)
            return null;
        if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && Math.Abs(amount) <= MaxAmount)
            return new ReadField<decimal>(amount, text, 1m, ReadSource.Xml, null);
        unreadable.Add($"{element!.Name.LocalName} '{Shorten(text)}'");
        return null;
    }

    public ReadField<DateOnly>? Date(XElement? element)
    {
        if (Text(element) is not { } text)
            return null;
        // ISO dates may carry a time or a zone (2013-03-01T00:00:00, 2020-01-01+01:00); UNTDID 2379 format 102 is yyyyMMdd.
        var iso = text.Length >= 10 && text[4] == '-' ? text[..10] : text;
        var format = element!.Attribute("format")?.Value;
        if (DateOnly.TryParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            || ((format is null or "102") && DateOnly.TryParseExact(iso, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date)))
            return new ReadField<DateOnly>(date, text, 1m, ReadSource.Xml, null);
        unreadable.Add($"{element.Name.LocalName} '{Shorten(text)}'");
        return null;
    }

    /// <summary>Checks of what only the structured data shows: values that could not be read, and amounts in a second currency.</summary>
    public IEnumerable<InvoiceCheck> OwnChecks(XElement root, string? currency, string? taxCurrency)
    {
        yield return unreadable.Count == 0
            ? new InvoiceCheck("values_readable", CheckResult.Passed, "Every date and amount of the XML has a readable form.")
            : new InvoiceCheck("values_readable", CheckResult.Failed, $"Not readable in the XML: {string.Join(", ", unreadable.Take(5))}. Ask the seller for a corrected e-invoice.");
        var others = root.Descendants().Attributes("currencyID").Select(a => a.Value.Trim()).Where(c => c != currency && c != taxCurrency && c.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(4).ToList();
        yield return others.Count == 0
            ? new InvoiceCheck("one_currency", CheckResult.Passed, "All amounts are in the invoice's currency (or its tax currency).")
            : new InvoiceCheck("one_currency", CheckResult.Failed, $"The invoice is in {currency ?? "no stated currency"}, but some amounts are in {string.Join(", ", others)}. Ask the seller which currency is meant.");
    }

    private bool Belongs(string name) => name.StartsWith(namespaceFamily, StringComparison.Ordinal);

    private static string Shorten(string text) => text.Length <= 30 ? text : text[..30] + "...";
}
