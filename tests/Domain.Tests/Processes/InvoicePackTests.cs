using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tests.Instances;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Processes;

/// <summary>The invoice process of the pack, as its author drew it, with scripted workers, policy and people.</summary>
public sealed class InvoicePackTests
{
    [Fact]
    public void A_small_invoice_passes_without_a_person()
    {
        var s = Reconciled(50);
        s.CompleteJob("book");
        s.CompleteJob("notify");
        s.Path.ShouldBe("received read reconcile decide verdict ready book notify done");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<TaskCreated>().ShouldBeEmpty();
    }

    [Fact]
    public void A_corrected_invoice_is_reconciled_and_decided_again_and_the_corrector_may_not_sign_it()
    {
        var s = Reconciled(500);
        s.Task("review").Task.Why.ShouldBe("The amount decides.");
        s.CompleteTask("review", Scenario.Ben, "correct", values: [("gross", 600)]);
        s.Job("reconcile").Job.Variables["corrections"].GetProperty("gross").GetInt32().ShouldBe(600);
        s.CompleteJob("reconcile", ("invoice", Invoice(600)), ("reconciliation", new { order = "PO-1", vendor = "V-1" }));
        Refusals.Of(s.CompleteTask("review", Scenario.Ben, "approve")).ShouldBe((RefusalKind.Denied, "task.separation_of_duties"));
        s.CompleteTask("review", Scenario.Cleo, "approve");
        s.Job("book").Job.Variables["data"].GetProperty("order").GetString().ShouldBe("PO-1");
        s.Facts<DecisionRecorded>().Count().ShouldBe(2);
        s.Facts<DecisionReviewed>().Count().ShouldBe(2);
    }

    [Fact]
    public void A_rejected_invoice_is_told_to_the_partner_and_not_booked()
    {
        var s = Reconciled(500);
        s.CompleteTask("review", Scenario.Ben, "reject", "not ours");
        s.CompleteJob("notify-rejected");
        s.Path.ShouldEndWith("review reviewed refused notify-rejected rejected");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_large_invoice_needs_two_different_people()
    {
        var s = Reconciled(5000);
        s.CompleteTask("sign-first", Scenario.Ben, "approve");
        Refusals.Of(s.CompleteTask("sign-second", Scenario.Ben, "approve")).ShouldBe((RefusalKind.Denied, "task.separation_of_duties"));
        s.CompleteTask("sign-second", Scenario.Cleo, "approve");
        s.Job("book");
    }

    [Fact]
    public void A_review_that_lies_around_sends_a_reminder_and_stays_open()
    {
        var s = Reconciled(500);
        s.Timer("overdue").Timer.DueAt.ShouldBe(s.Now.AddDays(2));
        s.Fire("overdue");
        s.Job("remind").Job.Headers["event"].ShouldBe("task.overdue");
        s.CompleteJob("remind");
        s.CompleteTask("review", Scenario.Ben, "approve");
        s.Live.Timers.ShouldBeEmpty();
    }

    private static Scenario Reconciled(int gross)
    {
        var folder = Path.Combine(Places.Repository, "samples", "invoice");
        var files = ImmutableArray.Create(new ProcessSource(ProcessSourceKind.Bpmn, "invoice.bpmn", File.ReadAllBytes(Path.Combine(folder, "invoice.bpmn"))))
            .AddRange(Directory.GetFiles(Path.Combine(folder, "forms")).Select(f => new ProcessSource(ProcessSourceKind.Form, Path.GetFileName(f), File.ReadAllBytes(f))));
        var compilation = ProcessCompiler.Compile(new ProcessSources(files));
        var s = new Scenario(compilation.Graph ?? throw new InvalidOperationException(string.Join('\n', compilation.Findings)));
        s.Policy(new ScriptedPolicy(key: "invoice-approval"));
        s.Start(("document", new { id = "d-1", name = "invoice.pdf", mediaType = "application/pdf", sha256 = "00" }), ("amount", gross));
        s.Job("read").Job.Variables.Keys.ShouldBe(["document"]);
        s.CompleteJob("read", ("invoice", Invoice(gross)));
        s.CompleteJob("reconcile", ("invoice", Invoice(gross)), ("reconciliation", new { order = "PO-1", vendor = "V-1" }));
        return s;
    }

    private static object Invoice(int gross) => new
    {
        number = new { value = "INV-1" },
        seller = new { value = "Seller" },
        currency = new { value = "EUR" },
        gross = new { value = gross },
    };
}
