using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Documents;
using Countersign.Workers.Jobs;
using Countersign.Workers.ReferenceTables;

namespace Countersign.Workers.Invoices;

/// <summary>
/// Job type <c>countersign:reconcile-invoice</c>: applies <c>corrections</c> to <c>invoice</c>, looks up vendor and order in the tenant's reference tables, and
/// gives <c>invoice</c> and <c>reconciliation</c>. Tables that a tenant does not have leave their checks failed: a person looks.
/// </summary>
public sealed class ReconcileInvoiceWorker(ReferenceTableLookup tables, InvoiceClaims claims) : IJobWorker
{
    /// <summary>The job type.</summary>
    public const string JobType = "countersign:reconcile-invoice";

    /// <inheritdoc/>
    public string Type => JobType;

    /// <inheritdoc/>
    public bool IsInference => false;

    /// <inheritdoc/>
    public async Task<JobOutcome> Run(JobContext job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!job.Variables.TryGetValue("invoice", out var read) || InvoiceJson.FromElement(read) is not { } reading)
            return new JobOutcome.Failed("invoice.not_read", "Variable 'invoice' is not a reading. Let the reading step set it, then retry.", Retryable: false);
        if (InvoiceCorrections.Apply(reading, job.Variables.GetValueOrDefault("corrections"), out var problem) is not { } invoice)
            return new JobOutcome.Failed("invoice.correction_invalid", problem!, Retryable: false);
        var (order, vendor, used) = await LookUp(job.TenantId, invoice, cancellation);
        var earlier = await Earlier(job, invoice, vendor, cancellation);
        var reconciliation = Reconciliation.Of(new ReconciliationQuestion(invoice, vendor, order, earlier));
        return new JobOutcome.Completed(ImmutableDictionary<string, JsonElement>.Empty
            .Add("invoice", InvoiceJson.ToElement(invoice))
            .Add("reconciliation", ReconciliationJson(reconciliation, used)));
    }

    private async Task<(PurchaseOrder? Order, Vendor? Vendor, ImmutableArray<string> Tables)> LookUp(string tenantId, InvoiceReading invoice, CancellationToken cancellation)
    {
        var vendors = await tables.Newest(tenantId, "vendors", cancellation);
        var orders = await tables.Newest(tenantId, "purchase-orders", cancellation);
        var lines = await tables.Newest(tenantId, "purchase-order-lines", cancellation);
        var order = invoice.OrderReference is { } reference && orders?.Find("number", reference.Value).FirstOrDefault() is { } row
            ? PurchaseOrder.FromRows(row, lines?.Find("order", reference.Value) ?? [])
            : null;
        return (order, FindVendor(vendors, invoice), [.. new[] { vendors, orders, lines }.OfType<ReferenceTable>().Select(t => $"{t.Name}:{t.Version}")]);
    }

    // Who sends the invoice is found by what the invoice says of its sender, not by the order it names: a fraud names a true order.
    private static Vendor? FindVendor(ReferenceTable? vendors, InvoiceReading invoice)
    {
        if (vendors is null)
            return null;
        if (invoice.SellerVat is { } vat && vendors.Find("vat", vat.Value).Select(Vendor.FromRow).FirstOrDefault(v => v is not null) is { } byVat)
            return byVat;
        return invoice.Seller is { } seller && vendors.Find("name", seller.Value).Select(Vendor.FromRow).OfType<Vendor>().ToList() is [var only] ? only : null;
    }

    private async Task<string?> Earlier(JobContext job, InvoiceReading invoice, Vendor? vendor, CancellationToken cancellation)
    {
        if (vendor is null || invoice.Number is not { } number)
            return null;
        var first = await claims.Claim(job.TenantId, vendor.Id, number.Value, job.FirstInstanceId, cancellation);
        return first == job.FirstInstanceId ? null : first.ToString("D");
    }

    private static JsonElement ReconciliationJson(Reconciliation reconciliation, ImmutableArray<string> used) => JsonSerializer.SerializeToElement(
        new { reconciliation.Order, reconciliation.Vendor, reconciliation.VendorName, reconciliation.OrderNet, reconciliation.Checks, Tables = used }, InvoiceJson.Options);
}
