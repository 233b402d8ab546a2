using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Documents;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Documents;

public sealed class ReconciliationTests
{
    private static readonly Vendor Vendor = new("V-7", "Nordlicht GmbH", "DE123456789", "DE89370400440532013000");
    private static readonly PurchaseOrder Order = new("PO-1", "V-7", "EUR", 100m, [new("Paper", 10, 5m), new("Toner", 1, 50m)]);

    [Fact]
    public void An_invoice_that_agrees_with_its_order_passes_every_check()
    {
        var result = Reconcile(Invoice());
        result.Checks.ShouldAllBe(c => c.Result == CheckResult.Passed);
        result.Order.ShouldBe("PO-1");
        result.Vendor.ShouldBe("V-7");
    }

    [Fact]
    public void Another_account_than_the_books_hold_fails() =>
        Failed(Reconcile(Invoice() with { Iban = Field("GB82WEST12345698765432") })).ShouldBe(["vendor_iban"]);

    [Fact]
    public void An_account_fails_when_the_books_hold_none() =>
        Failed(Reconcile(Invoice(), vendor: Vendor with { Iban = null })).ShouldBe(["vendor_iban"]);

    [Fact]
    public void An_unknown_order_fails_and_says_what_to_do()
    {
        var result = Reconcile(Invoice() with { OrderReference = Field("PO-9") }, order: null, noOrder: true);
        Failed(result).ShouldBe(["order_known"]);
        result.Checks.Single(c => c.Id == "order_known").Detail.ShouldContain("ask the buyer");
    }

    [Fact]
    public void An_order_of_another_vendor_fails() =>
        Failed(Reconcile(Invoice(), order: Order with { Vendor = "V-8" })).ShouldBe(["order_vendor"]);

    [Theory]
    [InlineData(101.00, true)]
    [InlineData(101.01, false)]
    [InlineData(99.00, true)]
    [InlineData(98.99, false)]
    public void The_net_total_may_differ_by_one_percent(double net, bool passes) =>
        Failed(Reconcile(Invoice() with { Net = Field((decimal)net) })).Contains("order_total").ShouldBe(!passes);

    [Fact]
    public void A_dearer_line_more_units_and_an_unordered_line_are_each_named()
    {
        var lines = ImmutableArray.Create(Line("Paper", 11, 5m), Line("Toner", 1, 55m), Line("Ink", 1, 1m));
        var check = Reconcile(Invoice() with { Lines = lines }).Checks.Single(c => c.Id == "order_lines");
        check.Result.ShouldBe(CheckResult.Failed);
        check.Detail.ShouldContain("11.00 charged, 10.00 ordered");
        check.Detail.ShouldContain("price 55.00, agreed 50.00");
        check.Detail.ShouldContain("'Ink' was not ordered");
    }

    [Fact]
    public void A_number_seen_before_fails_and_names_the_case() =>
        Reconcile(Invoice(), earlier: "case-1").Checks.Single(c => c.Id == "duplicate_invoice").Detail.ShouldContain("case-1");

    [Fact]
    public void Rows_with_broken_numbers_are_not_orders()
    {
        var row = new Dictionary<string, string?> { ["number"] = "PO-1", ["vendor"] = "V-7", ["currency"] = "EUR", ["net"] = "1e5" };
        PurchaseOrder.FromRows(row, []).ShouldBeNull();
        row["net"] = "12.50";
        PurchaseOrder.FromRows(row, []).ShouldNotBeNull().Net.ShouldBe(12.5m);
    }

    [Fact]
    public void A_correction_replaces_the_value_and_runs_the_checks_again()
    {
        var corrected = InvoiceCorrections.Apply(Invoice(), Json("""{"number":"R-2","issueDate":"2026-02-01","gross":119.5}"""), out var problem).ShouldNotBeNull();
        problem.ShouldBeNull();
        corrected.Number!.ShouldBe(new ReadField<string>("R-2", "R-2", 1m, ReadSource.Person, null));
        corrected.IssueDate!.Value.ShouldBe(new DateOnly(2026, 2, 1));
        corrected.Gross!.Value.ShouldBe(119.5m);
        corrected.Checks.ShouldContain(c => c.Result == CheckResult.Failed);
    }

    [Theory]
    [InlineData("""{"verdict":"accept"}""")]
    [InlineData("""{"gross":"119.00"}""")]
    [InlineData("""{"gross":1e30}""")]
    [InlineData("""{"issueDate":"2026-02-30"}""")]
    [InlineData("""{"number":{"a":1}}""")]
    [InlineData("[1]")]
    public void A_correction_of_an_unknown_field_or_to_an_impossible_value_is_refused(string corrections)
    {
        InvoiceCorrections.Apply(Invoice(), Json(corrections), out var problem).ShouldBeNull();
        problem.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void An_emptied_field_counts_as_not_on_the_document() =>
        InvoiceCorrections.Apply(Invoice(), Json("""{"iban":""}"""), out _).ShouldNotBeNull().Iban.ShouldBeNull();

    private static Reconciliation Reconcile(InvoiceReading invoice, Vendor? vendor = null, PurchaseOrder? order = null, string? earlier = null, bool noOrder = false) =>
        Reconciliation.Of(new ReconciliationQuestion(invoice, vendor ?? Vendor, noOrder ? null : order ?? Order, earlier));

    private static string[] Failed(Reconciliation reconciliation) => [.. reconciliation.Checks.Where(c => c.Result == CheckResult.Failed).Select(c => c.Id)];

    private static InvoiceReading Invoice() => new()
    {
        Format = "cii",
        Number = Field("R-1"),
        IssueDate = Field(new DateOnly(2026, 1, 15)),
        Seller = Field("Nordlicht GmbH"),
        OrderReference = Field("PO-1"),
        Currency = Field("EUR"),
        Net = Field(100m),
        Tax = Field(19m),
        Gross = Field(119m),
        Iban = Field("DE89370400440532013000"),
        Lines = [Line("Paper", 10, 5m), Line("Toner", 1, 50m)],
        Reader = new ReaderIdentity("invoice-reader", "1", "0"),
    };

    private static InvoiceLine Line(string name, decimal quantity, decimal price) => new(Field(name), Field(quantity), Field("C62"), Field(price), Field(quantity * price));

    private static ReadField<T> Field<T>(T value) => new(value, $"{value}", 1m, ReadSource.Xml, null);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
