using System.CommandLine;
using System.Text.Json;
using Countersign.Cli.Processes;
using Countersign.Client.Decisions;
using Countersign.Client.Instances;
using Countersign.Client.Processes;
using Countersign.Integration.Tests.Api;
using Countersign.Integration.Tests.Databases;
using Countersign.Integration.Tests.Instances;
using Shouldly;
using Spectre.Console;
using Xunit;

namespace Countersign.Integration.Tests.Processes;

/// <summary>Runs a process over HTTP and by the command without leaving anything behind.</summary>
public sealed class TestRunTests(RunningService service) : IDisposable
{
    private static readonly IReadOnlyDictionary<string, JsonElement> Document = Vars("""{"document":{"id":"d-1","name":"invoice.pdf","mediaType":"application/pdf","sha256":"00"}}""");
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_published_process_runs_with_the_tenants_own_policy_and_scripted_model_and_people()
    {
        await service.Start(Cancel);
        var sure = await service.Act("gus").Processes.TestRunAsync(Invoice(0.95m, 500), cancellationToken: Cancel);
        (sure.Sentence, sure.Limit, sure.EndedAt).ShouldBe(("The process completed.", null, new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.Zero)));
        var instance = sure.Instances.ShouldHaveSingleItem();
        (instance.Status, instance.EndElementId).ShouldBe((InstanceStatus.Completed, "done"));
        instance.Path.ShouldBe(["received", "read", "reconcile", "decide", "verdict", "ready", "book", "notify", "done"]);
        sure.Steps.Select(s => s.Kind).ShouldBe(["start", "worker", "worker", "worker", "worker"]);
        sure.Steps.SelectMany(s => s.Details).ShouldNotBeEmpty();

        // Too unsure: a person is asked, and one who started it may not answer.
        var unsure = Invoice(0.5m, 500) with
        {
            StartedBy = "ben",
            Tasks = [new("review", "ben", ["approvers"], "approve"), new("review", "cleo", ["approvers"], "approve", AfterSeconds: 3600)],
        };
        var reviewed = await service.Act("gus").Processes.TestRunAsync(unsure, cancellationToken: Cancel);
        reviewed.Steps.Single(s => s.Refusal is not null).ShouldSatisfyAllConditions(s => s.Kind.ShouldBe("person"), s => s.ElementId.ShouldBe("review"), s => s.Refusal!.Code.ShouldBe("task.separation_of_duties"));
        (reviewed.Sentence, reviewed.EndedAt.Hour).ShouldBe(("The process completed.", 10));

        // The verdict told instead of the policy's own.
        var told = await service.Act("gus").Processes.TestRunAsync(Invoice(0.95m, 500) with { Decisions = [new("invoice-approval", Verdict.Review)], ForSeconds = 60 }, cancellationToken: Cancel);
        var wait = told.Instances.ShouldHaveSingleItem().WaitingFor.ShouldHaveSingleItem();
        (wait.ElementId, told.Instances[0].Status).ShouldBe(("review", InstanceStatus.Running));
        wait.Remedy!.ShouldContain("'tasks'");
        wait.Remedy!.ShouldContain("of somebody in approvers");
    }

    [Fact]
    public async Task A_draft_runs_as_if_it_were_published_and_nothing_of_it_is_left()
    {
        await service.Start(Cancel);
        var dora = service.Act("dora");
        var draft = new TestRunRequest(TestProcesses.TwoSteps("neverpublished", "first"), Variables: Vars("""{"way":"first"}"""), BusinessKey: "B-1",
            Jobs: [new(ElementId: "first", Outcome: TestRunOutcome.Failed, Message: "The archive is closed."), new(ElementId: "first", Variables: Vars("""{"done":1}"""))]);
        var run = await dora.Processes.TestRunAsync(draft, cancellationToken: Cancel);
        run.ProcessKey.ShouldBe("neverpublished");
        run.Steps.Select(s => s.Sentence).ShouldContain(s => s.Contains("failed at 'first': The archive is closed."));
        run.Instances[0].Path.ShouldBe(["s", "which", "first", "second"]);
        run.Instances[0].Variables["done"].GetInt32().ShouldBe(1);
        var wait = run.Instances[0].WaitingFor.Single(w => w.ElementId == "second");
        wait.Remedy.ShouldBe("Add an answer for the type 'ops:nobody' or the element 'second' to 'jobs'.");
        run.Sentence.ShouldStartWith("The process waits");

        (await dora.Processes.ListAsync(Cancel).Select(p => p.Key).ToListAsync(Cancel)).ShouldNotContain("neverpublished");
        (await dora.Instances.ListAsync(new InstanceFilter("neverpublished"), Cancel).CountAsync(Cancel)).ShouldBe(0);

        var broken = await service.Send("POST", "/v1/processes/test-runs", "dora", JsonSerializer.Serialize(new { bpmn = draft.Bpmn!.Replace("targetRef=\"e\"", "targetRef=\"nowhere\"", StringComparison.Ordinal) }), cancel: Cancel);
        (broken.Status, broken.Json.GetProperty("type").GetString()).ShouldBe((422, "urn:countersign:problem:process.invalid"), broken.Body);
        ProblemRules.Broken(broken).ShouldBeNull();
    }

    [Fact]
    public async Task Messages_and_time_come_as_scripted_and_a_loop_without_end_is_stopped_by_name()
    {
        await service.Start(Cancel);
        var dora = service.Act("dora");
        var ticking = new TestRunRequest(TestProcesses.Ticking, Variables: Vars("""{"stop":false,"many":1}"""));
        var looped = await dora.Processes.TestRunAsync(ticking, cancellationToken: Cancel);
        (looped.Limit, looped.Steps.Count).ShouldBe(("steps", 1_000));
        looped.Sentence.ShouldContain("Look for a loop");
        var short_ = await dora.Processes.TestRunAsync(ticking with { ForSeconds = 10 }, cancellationToken: Cancel);
        (short_.Limit, short_.Steps.Count(s => s.Kind == "timer")).ShouldBe((null, 10));
        short_.Instances[0].WaitingFor.ShouldHaveSingleItem().Remedy.ShouldBe("Let more time pass (forSeconds).");
        (await dora.Processes.TestRunAsync(ticking with { Variables = Vars("""{"stop":true,"many":1}"""), StartAt = new(2030, 6, 1, 0, 0, 0, TimeSpan.Zero) }, cancellationToken: Cancel))
            .ShouldSatisfyAllConditions(r => r.EndedAt.ShouldBe(new DateTimeOffset(2030, 6, 1, 0, 0, 1, TimeSpan.Zero)), r => r.Instances[0].EndElementId.ShouldBe("e"));

        var waiter = new TestRunRequest(TestProcesses.MessageWaiter, Variables: Vars("""{"order":"A-1"}"""), Messages: [new("paid", "A-2"), new("paid", "A-1", Vars("""{"amount":7}"""), 86_400)]);
        var paid = await dora.Processes.TestRunAsync(waiter, cancellationToken: Cancel);
        (paid.Sentence, paid.EndedAt.Day, paid.Instances[0].Variables["amount"].GetInt32()).ShouldBe(("The process completed.", 6, 7), "the one for another order was dropped");
        (await dora.Processes.TestRunAsync(waiter with { Messages = null }, cancellationToken: Cancel)).Instances[0].WaitingFor.ShouldHaveSingleItem().Remedy.ShouldBe("Add the message 'paid' with the key 'A-1' to 'messages'.");
        var alarmed = new TestRunRequest(TestProcesses.SignalWaiter, Signals: [new("alarm", Vars("""{"level":2}"""), 7_200)]);
        (await dora.Processes.TestRunAsync(alarmed, cancellationToken: Cancel)).ShouldSatisfyAllConditions(r => r.Sentence.ShouldBe("The process completed."), r => r.EndedAt.Hour.ShouldBe(11));
        // A process beside it that starts itself by the same signal stops, and the answer names it.
        var storm = TestProcesses.SignalThrower.Replace("<bpmn:startEvent id=\"s\"/>", "<bpmn:startEvent id=\"none\"/><bpmn:endEvent id=\"quiet\"/><bpmn:sequenceFlow id=\"f0\" sourceRef=\"none\" targetRef=\"quiet\"/><bpmn:startEvent id=\"s\"><bpmn:signalEventDefinition signalRef=\"alarm\"/></bpmn:startEvent>", StringComparison.Ordinal);
        (await dora.Processes.TestRunAsync(new TestRunRequest(storm, Signals: [new("alarm", Vars("""{"level":2}"""), 0)]), cancellationToken: Cancel)).Sentence
            .ShouldBe("The process completed. Instance 102, of 'thrower', stopped with an incident.");
        (await dora.Processes.TestRunAsync(alarmed with { ForSeconds = 60 }, cancellationToken: Cancel)).Instances[0].WaitingFor.ShouldHaveSingleItem().Remedy.ShouldBe("Add the signal 'alarm' to 'signals'.");

        var called = await dora.Processes.TestRunAsync(new(TestProcesses.Caller("testcaller", "nobodys"), Calls: [new("nobodys", Variables: Vars("""{"receipt":7}"""))]), cancellationToken: Cancel);
        (called.Sentence, called.Instances[0].Variables["receipt"].GetInt32()).ShouldBe(("The process completed.", 7));
    }

    [Theory]
    [InlineData("""{}""", "/bpmn")]
    [InlineData("""{"bpmn":"<x/>","process":"invoice"}""", "/bpmn")]
    [InlineData("""{"bpmn":"<x/>","version":1}""", "/version")]
    [InlineData("""{"process":"nobodys"}""", "/process")]
    [InlineData("""{"process":"invoice","version":9999}""", "/process")]
    [InlineData("""{"process":"invoice","resources":[{"name":"a.dmn","content":"x"}]}""", "/resources")]
    [InlineData("""{"process":"invoice","forSeconds":-1}""", "/forSeconds")]
    [InlineData("""{"process":"invoice","jobs":[{}]}""", "/jobs/0/type")]
    [InlineData("""{"process":"invoice","jobs":[{"type":"t","outcome":"error"}]}""", "/jobs/0/code")]
    [InlineData("""{"process":"invoice","jobs":[{"type":"t","variables":{"a":1},"model":{"name":"m","score":1.5}}]}""", "/jobs/0/model")]
    [InlineData("""{"process":"invoice","jobs":[{"type":"t","model":{"name":"m"}}]}""", "/jobs/0/variables")]
    [InlineData("""{"process":"invoice","calls":[{"process":"p","outcome":"error"}]}""", "/calls/0/code")]
    [InlineData("""{"process":"invoice","signals":[{"name":"s","afterSeconds":-5}]}""", "")]
    [InlineData("""{"process":"invoice","startElementId":"nowhere"}""", "")]
    public async Task A_script_that_cannot_be_run_is_refused_with_its_place(string json, string pointer)
    {
        await service.Start(Cancel);
        var got = await service.Send("POST", "/v1/processes/test-runs", "dora", json, cancel: Cancel);
        got.Status.ShouldBe(422, got.Body);
        ProblemRules.Broken(got).ShouldBeNull();
        got.Json.GetProperty("errors")[0].GetProperty("pointer").GetString().ShouldBe(pointer);
        (await service.Send("POST", "/v1/processes/test-runs", "otto", json, cancel: Cancel)).Status.ShouldBe(403, "only who may publish");
    }

    [Fact]
    public async Task A_policy_that_is_not_in_force_must_be_told()
    {
        await service.Start(Cancel);
        var bpmn = (await RunningService.Sample("invoice.bpmn", Cancel)).Replace("invoice-approval", "not-in-force", StringComparison.Ordinal);
        var forms = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "samples", "invoice", "forms")).Select(f => new { name = Path.GetFileName(f), content = File.ReadAllText(f) });
        var got = await service.Send("POST", "/v1/processes/test-runs", "dora", JsonSerializer.Serialize(new { bpmn, resources = forms }), cancel: Cancel);
        (got.Status, got.Json.GetProperty("errors")[0].GetProperty("pointer").GetString()).ShouldBe((422, "/decisions"), got.Body);
        got.Json.GetProperty("detail").GetString()!.ShouldContain("'not-in-force', which has no active version");
    }

    [Fact]
    public async Task The_command_prints_what_happened_and_tells_by_its_exit_code()
    {
        var bpmn = await Written("draft.bpmn", TestProcesses.TwoSteps("cmddraft", "first"));
        var script = await Written("script.json", """{"variables":{"way":"second"},"jobs":[{"type":"ops:nobody","variables":{"done":true}}]}""");
        var (exit, printed) = await Run("dora", bpmn, "--script", script);
        exit.ShouldBe(TestRunCommand.Completed, printed);
        printed.ShouldContain("The worker of 'ops:nobody' completed 'second'");
        printed.ShouldContain("\"done\":true");
        printed.ShouldContain("The process completed.");

        (exit, printed) = await Run("dora", bpmn, "--script", await Written("none.json", """{"variables":{"way":"second"}}"""));
        exit.ShouldBe(TestRunCommand.NotCompleted, printed);
        printed.ShouldContain("waits second:");
        (exit, printed) = await Run("dora", "--process", "nobodys");
        (exit, printed.Contains("There is no such process", StringComparison.Ordinal)).ShouldBe((TestRunCommand.NotCompleted, true), printed);
        (await Run("dora")).Exit.ShouldBe(TestRunCommand.CannotRun);
        (await Run("dora", bpmn, "--script", await Written("wrong.json", "{"))).Exit.ShouldBe(TestRunCommand.CannotRun);
        (await Run("otto", bpmn)).Exit.ShouldBe(TestRunCommand.CannotRun);
    }

    private static TestRunRequest Invoice(decimal score, decimal gross)
    {
        var invoice = FormattableString.Invariant($$$"""{"number":{"value":"INV-1"},"seller":{"value":"Seller"},"currency":{"value":"EUR"},"gross":{"value":{{{gross}}}},"checks":[]}""");
        var fields = new[] { "number", "issueDate", "gross", "seller", "orderReference" }.ToDictionary(f => f, _ => score, StringComparer.Ordinal);
        return new TestRunRequest(Process: "invoice", Variables: Document, Jobs:
        [
            new("countersign:read-invoice", Variables: Vars($$"""{"invoice":{{invoice}}}"""), Model: new("invoice-reader", FieldScores: fields)),
            new("countersign:reconcile-invoice", Variables: Vars($$$"""{"invoice":{{{invoice}}},"reconciliation":{"order":"PO-1","vendor":"V-1","checks":[]}}""")),
            new("countersign:send-event"),
        ]);
    }

    private static IReadOnlyDictionary<string, JsonElement> Vars(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;

    private async Task<string> Written(string name, string content)
    {
        var file = Path.Combine(_folder.Path, name);
        await File.WriteAllTextAsync(file, content, Cancel);
        return file;
    }

    private async Task<(int Exit, string Printed)> Run(string who, params string[] arguments)
    {
        await service.Start(Cancel);
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        console.Profile.Width = 1000;
        var exit = await TestRunCommand.Create(console).Parse([.. arguments, "--url", service.Address.ToString(), "--key", await service.Token(who)]).InvokeAsync(cancellationToken: Cancel);
        return (exit, output.ToString());
    }
}
