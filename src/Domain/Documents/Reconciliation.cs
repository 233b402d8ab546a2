using System.Collections.Immutable;
using System.Globalization;

namespace Countersign.Domain.Documents;

/// <summary>A vendor as the tenant's own books know it: a row of the reference table <c>vendors</c>.</summary>
/// <param name="Id">Vendor number.</param>
/// <param name="Name">Name.</param>
/// <param name="Vat">VAT number without blanks, or null.</param>
/// <param name="Iban">Account without blanks, or null when none is on file.</param>
public sealed record Vendor(string Id, string Name, string? Vat, string? Iban)
{
    /// <summary>Reads a row; null when it lacks id or name.</summary>
    public static Vendor? FromRow(IReadOnlyDictionary<string, string?> row) =>
        Row.Text(row, "id") is { } id && Row.Text(row, "name") is { } name ? new Vendor(id, name, Row.Squeezed(row, "vat"), Row.Squeezed(row, "iban")) : null;
}

/// <summary>A purchase order: a row of the reference table <c>purchase-orders</c> with its rows of <c>purchase-order-lines</c>.</summary>
/// <param name="Number">Order number.</param>
/// <param name="Vendor">Vendor number.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Net">Ordered net total.</param>
/// <param name="Lines">Ordered lines; empty when the tenant keeps none.</param>
public sealed record PurchaseOrder(string Number, string Vendor, string Currency, decimal Net, ImmutableArray<PurchaseOrderLine> Lines)
{
    /// <summary>Reads an order and its lines; null when a required cell is empty or no number. Lines that cannot be read are left out of the comparison.</summary>
    public static PurchaseOrder? FromRows(IReadOnlyDictionary<string, string?> row, IEnumerable<IReadOnlyDictionary<string, string?>> lines) =>
        Row.Text(row, "number") is { } number && Row.Text(row, "vendor") is { } vendor && Row.Text(row, "currency") is { } currency && Row.Number(row, "net") is { } net
            ? new PurchaseOrder(number, vendor, currency, net, [.. lines.Select(PurchaseOrderLine.FromRow).OfType<PurchaseOrderLine>()])
            : null;
}

/// <summary>One ordered line.</summary>
/// <param name="Name">What was ordered.</param>
/// <param name="Quantity">Ordered quantity.</param>
/// <param name="Price">Agreed net price of one unit.</param>
public sealed record PurchaseOrderLine(string Name, decimal Quantity, decimal Price)
{
    /// <summary>Reads a line; null when a cell is empty or no number.</summary>
    public static PurchaseOrderLine? FromRow(IReadOnlyDictionary<string, string?> row) =>
        Row.Text(row, "name") is { } name && Row.Number(row, "quantity") is { } quantity && Row.Number(row, "price") is { } price
            ? new PurchaseOrderLine(name, quantity, price)
            : null;
}

/// <summary>What was found for an invoice in the tenant's own data.</summary>
/// <param name="Invoice">The reading, corrections applied.</param>
/// <param name="Vendor">The vendor found by the order, the VAT number or the name; null when none was.</param>
/// <param name="Order">The order the invoice names, or null.</param>
/// <param name="EarlierInstance">The instance that handled an invoice of this number from this vendor before, or null.</param>
/// <param name="Tolerance">Allowed difference of the net total as a share of the order's (0.01 is one percent).</param>
public sealed record ReconciliationQuestion(InvoiceReading Invoice, Vendor? Vendor, PurchaseOrder? Order, string? EarlierInstance, decimal Tolerance = 0.01m);

/// <summary>How an invoice stands to its order; it becomes the process variable <c>reconciliation</c>.</summary>
/// <param name="Order">Order number found, or null.</param>
/// <param name="Vendor">Vendor number found, or null.</param>
/// <param name="VendorName">Vendor's name in the tenant's books, or null.</param>
/// <param name="OrderNet">Ordered net total, or null.</param>
/// <param name="Checks">Checks in a fixed order.</param>
public sealed record Reconciliation(string? Order, string? Vendor, string? VendorName, decimal? OrderNet, ImmutableArray<InvoiceCheck> Checks)
{
    /// <summary>Compares an invoice with what the tenant's own data say. Bank data always come from the books, never from the document.</summary>
    public static Reconciliation Of(ReconciliationQuestion question) =>
        new(question.Order?.Number, question.Vendor?.Id, question.Vendor?.Name, question.Order?.Net,
            [VendorKnown(question), Account(question), OrderKnown(question), OrderVendor(question), OrderCurrency(question), OrderTotal(question), OrderLines(question), Duplicate(question)]);

    private static InvoiceCheck VendorKnown(ReconciliationQuestion q) => q.Vendor is { } vendor
        ? Passed("vendor_known", $"The seller is vendor {vendor.Id} in the books.")
        : Failed("vendor_known", $"The seller {Shown(q.Invoice.Seller?.Value)} is not in the vendor table. Add the vendor or reject the invoice.");

    private static InvoiceCheck Account(ReconciliationQuestion q)
    {
        if (q.Invoice.Iban is not { } iban || q.Vendor is null)
            return NotApplicable("vendor_iban", "No account on the invoice, or no vendor to compare it with.");
        if (q.Vendor.Iban is not { } known)
            return Failed("vendor_iban", "The invoice names an account and the books hold none for this vendor. Call the vendor on a known number before paying.");
        return string.Equals(Row.Squeeze(iban.Value), known, StringComparison.OrdinalIgnoreCase)
            ? Passed("vendor_iban", "The account on the invoice is the one in the books.")
            : Failed("vendor_iban", "The account on the invoice is not the one in the books. Call the vendor on a known number before paying.");
    }

    private static InvoiceCheck OrderKnown(ReconciliationQuestion q)
    {
        if (q.Order is { } order)
            return Passed("order_known", $"Order {order.Number} was found.");
        return q.Invoice.OrderReference is { } reference
            ? Failed("order_known", $"Order {Shown(reference.Value)} is not in the order table. Correct the number or ask the buyer.")
            : Failed("order_known", "The invoice names no order. Enter the order it belongs to or ask the buyer.");
    }

    private static InvoiceCheck OrderVendor(ReconciliationQuestion q)
    {
        if (q.Order is null || q.Vendor is null)
            return NotApplicable("order_vendor", "Order or vendor is not known.");
        return q.Order.Vendor == q.Vendor.Id
            ? Passed("order_vendor", "The order was placed with this vendor.")
            : Failed("order_vendor", $"The order was placed with vendor {q.Order.Vendor}, the invoice comes from {q.Vendor.Id}.");
    }

    private static InvoiceCheck OrderCurrency(ReconciliationQuestion q)
    {
        if (q.Order is null || q.Invoice.Currency is null)
            return NotApplicable("order_currency", "Order or currency is not known.");
        return string.Equals(q.Order.Currency, q.Invoice.Currency.Value, StringComparison.OrdinalIgnoreCase)
            ? Passed("order_currency", $"Order and invoice are in {q.Order.Currency}.")
            : Failed("order_currency", $"The order is in {q.Order.Currency}, the invoice in {Shown(q.Invoice.Currency.Value)}.");
    }

    private static InvoiceCheck OrderTotal(ReconciliationQuestion q)
    {
        if (q.Order is null || (q.Invoice.Net ?? q.Invoice.LineTotal) is not { } net)
            return NotApplicable("order_total", "Order or net total is not known.");
        var allowed = Math.Abs(q.Order.Net) * q.Tolerance;
        return Math.Abs(net.Value - q.Order.Net) <= allowed
            ? Passed("order_total", $"The net total {Amount(net.Value)} agrees with the order's {Amount(q.Order.Net)}.")
            : Failed("order_total", $"The net total {Amount(net.Value)} is not the order's {Amount(q.Order.Net)}.");
    }

    // Lines are matched by name; an invoice may leave lines out (part deliveries) but not charge what was not ordered, more of it, or dearer.
    private static InvoiceCheck OrderLines(ReconciliationQuestion q)
    {
        if (q.Order is null || q.Order.Lines.IsDefaultOrEmpty || q.Invoice.Lines.IsDefaultOrEmpty)
            return NotApplicable("order_lines", "There are no lines to compare.");
        var differences = new List<string>();
        foreach (var line in q.Invoice.Lines)
        {
            if (line.Name is not { } name)
                continue;
            if (q.Order.Lines.FirstOrDefault(l => Row.Squeeze(l.Name).Equals(Row.Squeeze(name.Value), StringComparison.OrdinalIgnoreCase)) is not { } ordered)
                differences.Add($"{Shown(name.Value)} was not ordered");
            else if (line.Quantity is { } quantity && quantity.Value > ordered.Quantity)
                differences.Add($"{Shown(name.Value)}: {Amount(quantity.Value)} charged, {Amount(ordered.Quantity)} ordered");
            else if (line.Price is { } price && price.Value / line.PriceBase > ordered.Price)
                differences.Add($"{Shown(name.Value)}: price {Amount(price.Value)}, agreed {Amount(ordered.Price)}");
        }

        return differences.Count == 0
            ? Passed("order_lines", "Every line was ordered at this price.")
            : Failed("order_lines", $"{string.Join("; ", differences.Take(5))}{(differences.Count > 5 ? $" and {differences.Count - 5} more" : "")}.");
    }

    private static InvoiceCheck Duplicate(ReconciliationQuestion q)
    {
        if (q.Invoice.Number is null || q.Vendor is null)
            return NotApplicable("duplicate_invoice", "Number or vendor is not known.");
        return q.EarlierInstance is { } earlier
            ? Failed("duplicate_invoice", $"Invoice {Shown(q.Invoice.Number.Value)} of this vendor is handled by case {earlier} already.")
            : Passed("duplicate_invoice", "No other invoice with this number came from this vendor.");
    }

    private static InvoiceCheck Passed(string id, string detail) => new(id, CheckResult.Passed, detail);

    private static InvoiceCheck Failed(string id, string detail) => new(id, CheckResult.Failed, detail);

    private static InvoiceCheck NotApplicable(string id, string detail) => new(id, CheckResult.NotApplicable, detail);

    // Foreign text in our sentences: quoted, bounded, so that it reads as data.
    private static string Shown(string? text) => text is null ? "(none)" : $"'{(text.Length <= 60 ? text : text[..60] + "…")}'";

    private static string Amount(decimal value) => value.ToString("0.00##", CultureInfo.InvariantCulture);
}

/// <summary>Reading cells of reference rows.</summary>
internal static class Row
{
    public static string? Text(IReadOnlyDictionary<string, string?> row, string column) =>
        row.TryGetValue(column, out var cell) && !string.IsNullOrWhiteSpace(cell) ? cell.Trim() : null;

    public static decimal? Number(IReadOnlyDictionary<string, string?> row, string column) =>
        decimal.TryParse(Text(row, column), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static string? Squeezed(IReadOnlyDictionary<string, string?> row, string column) => Text(row, column) is { } text ? Squeeze(text) : null;

    public static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c) && c != '.'));
}
