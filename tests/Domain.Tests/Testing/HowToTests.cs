using System.Text.RegularExpressions;
using Countersign.Domain.Tests.Processes;
using Countersign.Testing;
using Xunit;

namespace Countersign.Domain.Tests.Testing;

/// <summary>The code of docs/how-to/test-a-process.md: every block stands in this file, word for word, and is run by it.</summary>
public sealed partial class HowToTests
{
    [Fact]
    public void The_page_shows_only_code_that_is_run_here()
    {
        var page = File.ReadAllText(Path.Combine(Places.Repository, "docs", "how-to", "test-a-process.md"));
        var source = Flat(File.ReadAllText(Path.Combine(Places.Repository, "tests", "Domain.Tests", "Testing", "HowToTests.cs")));
        var blocks = Block().Matches(page).Select(m => m.Groups["code"].Value).ToList();
        Assert.True(blocks.Count >= 7, "the page has lost its code");
        Assert.All(blocks, block => Assert.Contains(Flat(block), source, StringComparison.Ordinal));
    }

    [Fact]
    public void A_small_invoice_is_booked_without_a_person()
    {
        var test = InvoiceTest();

        var invoice = test.Start(new { document = new { id = "d-1", name = "invoice.pdf", mediaType = "application/pdf", sha256 = "00" } });
        test.RunToEnd();

        Assert.Equal("done", invoice.EndedAt);
        Assert.Equal(["received", "read", "reconcile", "decide", "verdict", "ready", "book", "notify", "done"], invoice.Path);
        Assert.Equal("sure-and-small", invoice.Decisions[0].MatchedRules[0]);
    }

    [Fact]
    public void Two_people_sign_what_is_large()
    {
        var test = InvoiceTest(gross: 20_000);
        test.Person("ben").In("approvers").Completes("sign-first", "approve").Completes("sign-second", "approve");
        test.Person("cleo").In("approvers").Completes("sign-second", "approve", after: TimeSpan.FromHours(4));

        var invoice = test.Start(Document);
        test.RunToEnd();

        Assert.Equal(["ben", "cleo"], invoice.Reviews.Select(r => r.By));
        Assert.Contains(test.Steps, s => s.Refusal?.Code == "task.separation_of_duties");
    }

    [Fact]
    public void A_reminder_goes_out_after_two_days()
    {
        var test = InvoiceTest(score: 0.5);
        test.Person("ben").In("approvers").Completes("review", "approve", after: TimeSpan.FromDays(5));

        var invoice = test.Start(Document);
        test.AdvanceBy(TimeSpan.FromDays(2));
        Assert.Contains("reminded", invoice.Path);

        test.AdvanceToNext();
        Assert.Equal(ProcessTest.UsualStart.AddDays(5), test.Now);
    }

    [Fact]
    public void Step_by_step()
    {
        var test = InvoiceTest();
        var output = new StringWriter();
        var invoice = test.Start(Document);

        while (test.Step() is { } step)
        {
            output.WriteLine(step.Sentence);
            foreach (var detail in step.Details)
                output.WriteLine("  " + detail);
            foreach (var wait in invoice.WaitingFor)
                output.WriteLine("  now at " + wait.ElementId + ": " + wait.Sentence);
        }

        Assert.Contains("The model 'invoice-reader' answered 'Read the fields'.", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Booking_fails_twice_and_then_succeeds()
    {
        var test = InvoiceTest();
        test.WorkerAt("book").Fails("The books are closed.").Fails("The books are closed.").Completes();

        var invoice = test.Start(Document);
        test.RunToEnd();

        Assert.Equal("done", invoice.EndedAt);
        Assert.True(test.Now > ProcessTest.UsualStart);
    }

    [Fact]
    public void Messages_signals_and_called_processes()
    {
        var test = ProcessTest.Of(OrderProcess);
        test.Called("payment").Completes(new { receipt = 7 });

        var order = test.Start(new { order = "A-1" });
        test.Message("delivered", "A-1", new { parcel = "P-9" }, after: TimeSpan.FromDays(3));
        test.RunToEnd();

        Assert.Equal(7, order.Variable<int>("receipt"));
        Assert.Equal("P-9", order.Variable<string>("parcel"));
    }

    [Fact]
    public void Coverage()
    {
        var test = InvoiceTest();
        test.Start(Document);
        test.RunToEnd();

        var coverage = test.Coverage();
        Assert.Contains("review", coverage.MissedElements);
        Assert.Contains("f-two", coverage.MissedFlows);
    }

    private static readonly object Document = new { document = new { id = "d-1", name = "invoice.pdf", mediaType = "application/pdf", sha256 = "00" } };

    private static ProcessTest InvoiceTest(int gross = 500, double score = 0.95)
    {
        var test = ProcessTest.Of(ProcessFile.Read(Pack("invoice.bpmn")), ProcessFile.Read(Pack("forms/review.form")))
            .WithPolicy("invoice-approval", File.ReadAllText(Pack("policy.json")), File.ReadAllText(Pack("gate.dmn")));
        test.Model("invoice-reader", "countersign:read-invoice").Answers(
            new { invoice = new { number = new { value = "INV-1" }, seller = new { value = "Seller" }, currency = new { value = "EUR" }, gross = new { value = gross }, checks = Array.Empty<object>() } },
            fields: new { number = score, issueDate = score, gross = score, seller = score, orderReference = score });
        test.Worker("countersign:reconcile-invoice", job => job.Completes(new
        {
            invoice = job["invoice"],
            reconciliation = new { order = "PO-1", vendor = "V-1", checks = Array.Empty<object>() },
        }));
        test.Worker("countersign:send-event").Completes();
        return test;
    }

    private const string OrderProcess = """
        <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">
          <message id="m" name="delivered"><extensionElements><zeebe:subscription correlationKey="=order" /></extensionElements></message>
          <process id="order" isExecutable="true">
            <startEvent id="start" />
            <sequenceFlow id="f1" sourceRef="start" targetRef="pay" />
            <callActivity id="pay"><extensionElements><zeebe:calledElement processId="payment" /></extensionElements></callActivity>
            <sequenceFlow id="f2" sourceRef="pay" targetRef="wait" />
            <intermediateCatchEvent id="wait"><messageEventDefinition messageRef="m" /></intermediateCatchEvent>
            <sequenceFlow id="f3" sourceRef="wait" targetRef="end" />
            <endEvent id="end" />
          </process>
        </definitions>
        """;

    private static string Pack(string file) => Path.Combine(Places.Repository, "samples", "invoice", file);

    private static string Flat(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();
}
