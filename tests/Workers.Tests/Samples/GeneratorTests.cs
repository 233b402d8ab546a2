using System.Globalization;
using System.Security.Cryptography;
using Countersign.Domain.Documents;
using Countersign.Samples.Generator;
using Countersign.Workers.Documents;
using Shouldly;
using Xunit;

namespace Countersign.Workers.Tests.Samples;

public sealed class GeneratorTests
{
    private static readonly SampleStock Stock = SampleStock.Make(7, 200);

    [Fact]
    public void The_same_seed_makes_the_same_bytes_and_another_seed_others()
    {
        var first = Stock.Files().Select(f => Hash(f.Content.Span)).ToList();
        SampleStock.Make(7, 200).Files().Select(f => Hash(f.Content.Span)).ShouldBe(first);
        SampleStock.Make(8, 200).Files().Select(f => Hash(f.Content.Span)).ShouldNotBe(first);
    }

    [Fact]
    public void Invoices_with_data_are_read_exactly_by_our_own_reader()
    {
        var reader = new InvoiceReader();
        foreach (var file in Stock.Files().Where(f => f.Invoice.Format != SampleFormat.Plain))
        {
            var reading = reader.Read(file.Content, file.MediaType, TestContext.Current.CancellationToken).Reading.ShouldNotBeNull(file.Name);
            reading.Number!.Value.ShouldBe(file.Invoice.Number);
            reading.IssueDate!.Value.ShouldBe(file.Invoice.Issued);
            reading.DueDate!.Value.ShouldBe(file.Invoice.Due);
            reading.Seller!.Value.ShouldBe(file.Invoice.Vendor.Name);
            reading.OrderReference!.Value.ShouldBe(file.Invoice.Order);
            reading.Gross!.Value.ShouldBe(file.Invoice.Gross);
            reading.Iban!.Value.ShouldBe(file.Invoice.Iban);
            reading.Lines.Select(l => l.Net!.Value).ShouldBe(file.Invoice.Lines.Select(l => l.Net));
        }
    }

    [Fact]
    public void An_invoice_without_flaw_reconciles_and_every_flaw_of_the_books_is_found()
    {
        var orders = Stock.Books.Orders.ToDictionary(o => o.Number, o => new PurchaseOrder(o.Number, o.Vendor.Id, o.Currency, o.Net,
            [.. o.Lines.Select(l => new PurchaseOrderLine(l.Name, l.Quantity, l.Price))]));
        var reader = new InvoiceReader();
        foreach (var file in Stock.Files().Where(f => f.Invoice.Format is SampleFormat.Ubl or SampleFormat.Cii))
        {
            var reading = reader.Read(file.Content, file.MediaType, TestContext.Current.CancellationToken).Reading!;
            var vendor = file.Invoice.Vendor;
            var result = Reconciliation.Of(new ReconciliationQuestion(reading, new Vendor(vendor.Id, vendor.Name, vendor.Vat, vendor.Iban), orders.GetValueOrDefault(reading.OrderReference!.Value), null));
            var failed = result.Checks.Concat(reading.Checks).Where(c => c.Result == CheckResult.Failed).Select(c => c.Id).ToList();
            switch (file.Invoice.Flaw)
            {
                case Flaw.None or Flaw.Duplicate:
                    failed.ShouldBeEmpty(file.Name);
                    break;
                case Flaw.UnknownOrder:
                    failed.ShouldContain("order_known");
                    break;
                case Flaw.Dearer:
                    failed.ShouldContain("order_lines");
                    break;
                case Flaw.WrongTotal:
                    failed.ShouldContain("gross_total");
                    break;
                case Flaw.OtherAccount:
                    failed.ShouldContain("vendor_iban");
                    break;
            }
        }
    }

    [Fact]
    public void Every_flaw_and_every_format_occurs_in_a_day()
    {
        Stock.Invoices.Select(i => i.Flaw).Distinct().Order().ShouldBe(Enum.GetValues<Flaw>());
        Stock.Invoices.Select(i => i.Format).Distinct().Order().ShouldBe(Enum.GetValues<SampleFormat>());
    }

    [Fact]
    public void The_packs_documents_and_tables_are_what_the_generator_makes()
    {
        var folder = PackFolder();
        var stock = SampleStock.Make(SampleStock.PackSeed, 12);
        foreach (var (name, csv) in stock.Books.Tables())
            File.ReadAllText(Path.Combine(folder, name + ".csv")).ShouldBe(csv, "Write the pack again: countersign samples samples/invoice");
        foreach (var file in stock.Files())
            Hash(File.ReadAllBytes(Path.Combine(folder, "documents", file.Name))).ShouldBe(Hash(file.Content.Span), file.Name);
    }

    private static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexString(SHA256.HashData(content));

    private static string PackFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Saas.sln")))
                return Path.Combine(folder.FullName, "samples", "invoice");
        }

        throw new DirectoryNotFoundException("The repository's root was not found above the test's folder.");
    }
}
