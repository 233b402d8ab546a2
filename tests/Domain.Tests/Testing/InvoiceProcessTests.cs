using System.Text.Json;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Domain.Tests.Processes;
using Countersign.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Testing;

/// <summary>The sample pack in the kit for tenants' developers: the process and the policy as they are published, with scripted model, workers and people.</summary>
public sealed class InvoiceProcessTests
{
    private static readonly string Pack = Path.Combine(Places.Repository, "samples", "invoice");

    [Fact]
    public void A_small_and_sure_invoice_is_booked_without_a_person()
    {
        var test = Test(gross: 500, score: 0.95);
        var invoice = test.Start(Document);
        test.RunToEnd();
        invoice.Path.ShouldBe(["received", "read", "reconcile", "decide", "verdict", "ready", "book", "notify", "done"]);
        invoice.EndedAt.ShouldBe("done");
        var decision = invoice.Decisions.ShouldHaveSingleItem();
        decision.Verdict.ShouldBe(Verdict.Accept);
        decision.MatchedRules.ShouldBe(["sure-and-small"]);
        decision.Model!.Name.ShouldBe("invoice-reader");
        test.Now.ShouldBe(ProcessTest.UsualStart);
    }

    [Fact]
    public void A_score_below_the_limit_sends_it_to_a_person_and_the_review_stands_beside_the_decision()
    {
        var test = Test(gross: 500, score: 0.5);
        test.Person("ben").In("approvers").Completes("review", "approve");
        var invoice = test.Start(Document);
        test.RunToEnd();
        invoice.EndedAt.ShouldBe("done");
        invoice.Decisions.Single().Reasons.ShouldBe(["The reader is not sure enough for this amount."]);
        invoice.Reviews.Single().By.ShouldBe("ben");
    }

    [Fact]
    public void One_person_cannot_give_both_signatures_and_the_next_one_scripted_is_asked()
    {
        var test = Test(gross: 20_000, score: 0.99);
        test.Person("ben").In("approvers").Completes("sign-first", "approve").Completes("sign-second", "approve");
        var invoice = test.Start(Document);
        var stop = Should.Throw<ProcessTestException>(() => test.RunToEnd());
        stop.Message.ShouldContain("'sign-second' (Second signature) for approvers");
        stop.Message.ShouldContain("ben: Separation of duties");
        test.Steps[^1].Refusal!.Code.ShouldBe("task.separation_of_duties");

        test.Person("cleo").In("approvers").Completes("sign-second", "approve");
        test.RunToEnd();
        invoice.EndedAt.ShouldBe("done");
        invoice.Reviews.Select(r => r.By).ShouldBe(["ben", "cleo"]);
    }

    [Fact]
    public void Whoever_started_the_case_may_not_sign_it()
    {
        var test = Test(gross: 500, score: 0.5);
        test.Person("ben").In("approvers").Completes("review", "approve");
        var invoice = test.Start(Document, by: "ben");
        test.Run();
        invoice.Tasks.Single().ElementId.ShouldBe("review");
        test.Stalls.Single().Sentence.ShouldContain("the person who started this instance may not do 'Review the invoice'");
    }

    [Fact]
    public void A_review_that_lies_around_sends_a_reminder_on_the_simulated_clock()
    {
        var test = Test(gross: 500, score: 0.5);
        test.Person("ben").In("approvers").Completes("review", "approve", after: TimeSpan.FromDays(5));
        var invoice = test.Start(Document);
        test.Run();
        invoice.WaitingFor.ShouldHaveSingleItem().ElementId.ShouldBe("review");
        test.AdvanceBy(TimeSpan.FromDays(1)).ShouldBeEmpty();
        test.AdvanceBy(TimeSpan.FromDays(1)).Select(s => s.ElementId).ShouldBe(["overdue", "remind"]);
        invoice.Path.ShouldContain("reminded");
        invoice.HasEnded.ShouldBeFalse();
        test.AdvanceToNext()!.Sentence.ShouldBe("ben answered 'approve' to 'Review the invoice'.");
        test.Now.ShouldBe(ProcessTest.UsualStart.AddDays(5));
    }

    [Fact]
    public void A_correction_is_reconciled_again_and_another_person_signs()
    {
        var test = Test(gross: 500, score: 0.5);
        test.Person("ben").In("approvers").Completes("review", "correct", new { gross = 600 });
        test.Person("cleo").In("approvers").Completes("review", "approve", after: TimeSpan.FromHours(1));
        var invoice = test.Start(Document);
        test.RunToEnd();
        invoice.EndedAt.ShouldBe("done");
        invoice.Reviews.Select(r => (r.By, r.Outcome)).ShouldBe([("ben", ReviewOutcome.Corrected), ("cleo", ReviewOutcome.Confirmed)]);
        invoice.Decisions.Length.ShouldBe(2);
        invoice.Variable<JsonElement>("corrections").GetProperty("gross").GetInt32().ShouldBe(600);
    }

    [Fact]
    public void A_rejection_without_a_reason_is_refused_as_in_the_service()
    {
        var test = Test(gross: 500, score: 0.5);
        test.Person("ben").In("approvers").Completes("review", "reject");
        var invoice = test.Start(Document);
        test.Run();
        test.Stalls.Single().Sentence.ShouldContain("To reject needs a reason.");
        invoice.Complete("review", "ben", "reject", reason: "not ours").Refusal.ShouldBeNull();
        test.RunToEnd();
        invoice.EndedAt.ShouldBe("rejected");
    }

    [Fact]
    public void A_reader_that_fails_is_tried_again_and_then_needs_an_operator()
    {
        var test = Test(gross: 500, score: 0.95, reader: false);
        test.Model("invoice-reader", "countersign:read-invoice").Fails("The page is blank.").Fails().Fails();
        var invoice = test.Start(Document);
        Should.Throw<ProcessTestException>(() => test.RunToEnd()).Message.ShouldContain("The process stopped at 'Read the fields' with an incident");
        test.Now.ShouldBeGreaterThan(ProcessTest.UsualStart);
        invoice.Incidents.Single().Code.ShouldBe("job.retries_exhausted");
        Reader(test, 500, 0.95);
        invoice.RetryIncident().Refusal.ShouldBeNull();
        test.Run();
        invoice.Decisions.Single().Fallback.ShouldBe("The model needed more attempts than the policy allows.");
        invoice.Tokens.ShouldBe(["review"]);
    }

    [Fact]
    public void The_tests_of_the_pack_together_reach_all_but_what_they_say()
    {
        ProcessCoverage? all = null;
        foreach (var (gross, score, verdict, second) in new (int, double, string, string)[] { (500, 0.95, "approve", "approve"), (500, 0.5, "approve", "approve"), (500, 0.5, "reject", "approve"), (20_000, 0.99, "approve", "reject") })
        {
            var test = Test(gross, score);
            test.Person("ben").In("approvers").Completes("review", verdict, reason: "so", after: TimeSpan.FromDays(3)).Completes("sign-first", verdict);
            test.Person("cleo").In("approvers").Completes("sign-second", second, reason: "so");
            test.Start(Document);
            test.RunToEnd();
            all = all is null ? test.Coverage() : all.With(test.Coverage());
        }

        all!.MissedElements.ShouldBeEmpty();
        all.MissedFlows.ShouldBe(["f-reject", "f-corrected", "f-first-corrected", "f-first-no", "f-second-ok", "f-second-corrected"]);
        all.Share.ShouldBeInRange(0.8, 0.95);
    }

    [Fact]
    public void A_run_is_the_same_every_time()
    {
        string Log()
        {
            var test = Test(gross: 20_000, score: 0.5);
            test.Person("ben").In("approvers").Completes("sign-first", "approve", after: TimeSpan.FromHours(3));
            test.Person("cleo").In("approvers").Completes("sign-second", "approve");
            test.Start(Document);
            test.RunToEnd();
            return string.Join('\n', test.Steps.Select(s => $"{s.Number} {s.At:O} {s.Sentence} {string.Join('|', s.Details)} {string.Join('|', s.Facts.Select(f => JsonSerializer.Serialize(f, f.GetType())))}"));
        }

        Log().ShouldBe(Log());
    }

    [Fact]
    public void Step_by_step_each_step_is_one_thing_and_tells_what_the_process_did()
    {
        var test = Test(gross: 500, score: 0.95);
        var invoice = test.Start(Document);
        invoice.Tokens.ShouldBe(["read"]);
        var read = test.Step()!;
        read.Sentence.ShouldBe("The model 'invoice-reader' answered 'Read the fields'.");
        read.Details.ShouldContain("'Reconcile with the order' waits for a worker of the type 'countersign:reconcile-invoice'.");
        invoice.Tokens.ShouldBe(["reconcile"]);
        test.Step()!.Facts.OfType<DecisionRecorded>().ShouldHaveSingleItem();
        invoice.Tokens.ShouldBe(["book"]);
        test.Step()!.ElementId.ShouldBe("book");
        test.Step()!.ElementId.ShouldBe("notify");
        test.Step().ShouldBeNull();
        test.Steps.Select(s => s.Number).ShouldBe([1, 2, 3, 4, 5]);
    }

    private static object Document { get; } = new { document = new { id = "d-1", name = "invoice.pdf", mediaType = "application/pdf", sha256 = "00" } };

    private static ProcessTest Test(int gross, double score, bool reader = true)
    {
        var test = ProcessTest.Of(ProcessFile.Read(Path.Combine(Pack, "invoice.bpmn")), ProcessFile.Read(Path.Combine(Pack, "forms", "review.form")))
            .WithPolicy("invoice-approval", File.ReadAllText(Path.Combine(Pack, "policy.json")), File.ReadAllText(Path.Combine(Pack, "gate.dmn")));
        if (reader)
            Reader(test, gross, score);
        test.Worker("countersign:reconcile-invoice", job => job.Completes(new { invoice = job["invoice"], reconciliation = new { order = "PO-1", vendor = "V-1", checks = Array.Empty<object>() } }));
        test.Worker("countersign:send-event").Completes();
        return test;
    }

    private static void Reader(ProcessTest test, int gross, double score) => test.Model("invoice-reader", "countersign:read-invoice").Answers(
        new { invoice = new { number = new { value = "INV-1" }, seller = new { value = "Seller" }, currency = new { value = "EUR" }, gross = new { value = gross }, checks = Array.Empty<object>() } },
        score: (decimal)score, fields: new { number = score, issueDate = score, gross = score, seller = score, orderReference = score });
}
