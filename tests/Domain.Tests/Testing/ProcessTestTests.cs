using System.Text.Json;
using Countersign.Domain.Decisions;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tests.Instances;
using Countersign.Testing;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Testing;

/// <summary>The kit for tenants' developers, on processes of every sort.</summary>
public sealed class ProcessTestTests
{
    public static TheoryData<string> References => [.. CrashTests.Processes.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(References))]
    public void Every_reference_process_runs_to_its_end_and_replays_to_what_is_seen(string name)
    {
        var test = ProcessTest.Of(CrashTests.Processes[name]);
        test.Worker("t").Completes(new { n = 2 }).Takes(TimeSpan.FromMinutes(1));
        test.Worker("u").Completes();
        test.Person("ben").Completes("sign", after: TimeSpan.FromHours(3)).Completes("answer");
        test.Called("payment").Completes(new { paid = true });
        var instance = test.Start(new { n = 1 });
        test.Message("news").Message("question");
        test.RunToEnd();
        instance.Status.ShouldBe(InstanceStatus.Completed);
        JsonSerializer.Serialize(instance.Facts.Aggregate((InstanceState?)null, InstanceState.Evolve)).ShouldBe(JsonSerializer.Serialize(instance.State));
        instance.WaitingFor.ShouldBeEmpty();
        test.Stalls.ShouldBeEmpty();
        test.Coverage().MissedElements.Except(["b", "late", "end", "told", "tell", "informed", "ask", "ask-start", "answer", "answered", "nag", "remind", "reminded"]).ShouldBeEmpty();
    }

    /// <summary>Whatever a process cannot do by itself is named, and doing what the name says brings it on: to the end, for any process.</summary>
    [Theory]
    [InlineData(1_000)]
    // Nearly every multi-instance is worked through by instances of its own.
    [InlineData(1)]
    public void A_random_process_goes_to_its_end_or_every_place_where_it_stands_is_named(int repetitions)
    {
        var (stalled, sliced) = (0, 0);
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 14]).Sample((seed, size) =>
        {
            var graph = RandomProcess.Of(seed, size);
            var test = ProcessTest.Of(graph);
            test.Limits = test.Limits with { Repetitions = repetitions };
            foreach (var type in graph.JobTypes)
                test.Worker(type).Completes(new { a = 2, @out = 3 });
            foreach (var task in graph.Nodes.Where(n => n.Kind == ElementKind.UserTask))
                test.Person("ben").In("approvers").Completes(task.Id, after: TimeSpan.FromMinutes(seed % 90));
            test.Called("other").Completes(new { a = 2 });
            var instance = test.Start(new { a = 1 });
            for (var round = 0; !instance.HasEnded && round < 60; round++)
            {
                test.AdvanceBy(TimeSpan.FromDays(2));
                if (instance.HasEnded)
                    break;
                var stalls = test.Stalls;
                stalls.ShouldNotBeEmpty($"seed {seed}, size {size}: {string.Join("; ", instance.WaitingFor)}");
                stalled++;
                foreach (var waiting in test.Instances.Where(i => !i.HasEnded).SelectMany(i => i.State.Subscriptions.Values).Where(s => s.Kind != SubscriptionKind.Condition && stalls.Any(t => t.ElementId == s.ElementId)).ToList())
                    _ = waiting.Kind == SubscriptionKind.Signal ? test.Signal(waiting.MessageName) : test.Message(waiting.MessageName, waiting.CorrelationKey, timeToLive: TimeSpan.Zero);
                // What waits for a condition in a slice looks at the slice's own variables.
                foreach (var one in test.Instances.Where(i => !i.HasEnded).ToList())
                    one.SetVariables(new { a = 2 + round });
                // What may not be worked through in slices may be in one instance.
                if (instance.Incidents.Any(i => i.Code == "multi-instance.count"))
                    test.Limits = DecideLimits.Default;
                foreach (var one in test.Instances.Where(i => !i.HasEnded && !i.Incidents.IsEmpty).ToList())
                    one.RetryIncident();
            }

            sliced += instance.Facts.OfType<RepetitionSliceFinished>().Count();

            instance.HasEnded.ShouldBeTrue($"seed {seed}, size {size}: {string.Join("; ", test.Stalls.Select(s => s.Sentence))} {string.Join(" ", instance.WaitingFor.Select(w => w.Sentence))} {string.Join(" ", instance.Path.TakeLast(20))} / {string.Join(" | ", test.Steps.TakeLast(12).Select(s => s.Sentence))}");
        }, iter: 100, threads: 1);
        stalled.ShouldBePositive("a generator that never stalls would make this test say nothing");
        (sliced > 0).ShouldBe(repetitions == 1);
    }

    [Fact]
    public void What_is_not_scripted_is_named_with_what_to_add()
    {
        var test = ProcessTest.Of(new GraphBuilder("p").Start().Parallel("and").User("review", "clerks").Service("charge", "pay").Message("paid", "payment", "=order").Signal("go", "start").Parallel("join").End()
            .Path("start", "and", "review", "join", "end").Path("and", "charge", "join").Path("and", "paid", "join").Path("and", "go", "join").Build());
        test.Start(new { order = "A-1" });
        Should.Throw<ProcessTestException>(() => test.RunToEnd()).Message.ReplaceLineEndings("\n").ShouldBe("""
            The process cannot go on:
            - The process waits at the task 'review' for clerks; nobody is scripted for it. Add Person("name").In("clerks").Completes("review"), with one of its verdicts: complete.
            - The process waits at 'charge' for a worker of the type 'pay'; none is scripted. Add Worker("pay").Completes(...), or WorkerAt("charge") for this step alone.
            - The process waits at 'paid' for the message 'payment' with the key 'A-1'. Add Message("payment", "A-1").
            - The process waits at 'go' for the signal 'start'. Add Signal("start").
            """);
    }

    [Fact]
    public void A_file_that_cannot_be_published_is_refused_with_its_findings()
    {
        var wrong = Should.Throw<ProcessTestException>(() => ProcessTest.Of("<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\"><process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/><sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"nowhere\"/></process></definitions>"));
        wrong.Message.ShouldStartWith("The process cannot be published:");
        wrong.Message.ShouldContain("nowhere");
        Should.Throw<ProcessTestException>(() => ProcessFile.Read("a.txt")).Message.ShouldContain(".bpmn, .dmn or .form");
        Should.Throw<ProcessTestException>(() => Waiting().WithPolicy("p", "{}", "")).Message.ShouldContain("cannot be published");
    }

    [Fact]
    public void A_process_that_asks_a_policy_needs_one_and_a_scripted_one_decides_as_told()
    {
        var graph = new GraphBuilder("p").Start().Policy("decide", "limit").End().Path("start", "decide", "end").Build();
        Should.Throw<ProcessTestException>(() => ProcessTest.Of(graph).Start()).Message.ShouldContain("Policy(key).Decides(...)");
        var test = ProcessTest.Of(graph);
        test.Policy("limit").Decides(Verdict.Reject, "too much").Decides(Verdict.Accept);
        test.Start().Decisions.Single().Reasons.ShouldBe(["too much"]);
        test.Start().Decisions.Single().Verdict.ShouldBe(Verdict.Accept);
        test.Start().Decisions.Single().Verdict.ShouldBe(Verdict.Accept);
    }

    [Fact]
    public void A_message_goes_to_who_waits_longest_is_kept_for_its_time_and_starts_what_begins_with_it()
    {
        var test = Waiting();
        var (first, second) = (test.Start(new { key = "k" }), test.Start(new { key = "k" }));
        test.Message("news", "other").Message("news", "k", new { text = "hello" }).Run();
        (first.HasEnded, second.HasEnded).ShouldBe((true, false));
        first.Variable<string>("text").ShouldBe("hello");
        test.Message("news", "k").Run();
        second.HasEnded.ShouldBeTrue();

        test.Message("news", "late", timeToLive: TimeSpan.FromHours(2));
        test.AdvanceBy(TimeSpan.FromHours(1));
        var third = test.Start(new { key = "late" });
        test.Run();
        third.HasEnded.ShouldBeTrue("a kept message goes to the next who waits");

        test.Message("news", "too-late");
        test.AdvanceBy(TimeSpan.FromHours(2));
        test.Steps[^1].Sentence.ShouldContain("not wanted in its time");
        var fourth = test.Start(new { key = "too-late" });
        test.Run();
        fourth.HasEnded.ShouldBeFalse();
    }

    [Fact]
    public void A_message_can_be_sent_later_and_a_signal_reaches_all()
    {
        var test = ProcessTest.Of(new GraphBuilder("p").Start().Signal("go", "start").Message("paid", "payment").End().Path("start", "go", "paid", "end").Build());
        var (one, two) = (test.Start(), test.Start());
        test.Signal("start", new { by = "all" }).Run();
        (one.Tokens.Single(), two.Tokens.Single()).ShouldBe(("paid", "paid"));
        one.Variable<string>("by").ShouldBe("all");
        test.Message("payment", after: TimeSpan.FromDays(3)).Message("payment", after: TimeSpan.FromDays(1));
        test.RunToEnd();
        test.Now.ShouldBe(ProcessTest.UsualStart.AddDays(3));
        test.Steps.Select(s => s.At).ShouldBeInOrder();
    }

    [Fact]
    public void A_called_process_of_the_test_runs_and_reports_and_a_stand_in_goes_before_it()
    {
        var child = new GraphBuilder("payment").Start().Service("charge", "pay").End().Path("start", "charge", "end").Build();
        var parent = new GraphBuilder("order").Start().Call("pay", "payment").BoundaryError("failed", "pay", "NO_MONEY").End("refused").End().Path("start", "pay", "end").Path("failed", "refused").Build();
        var missing = ProcessTest.Of(parent);
        missing.Start();
        Should.Throw<ProcessTestException>(() => missing.RunToEnd()).Message.ShouldContain("Called(\"payment\")");

        var test = ProcessTest.Of(parent).And(child);
        test.Worker("pay").Completes(new { receipt = 7 });
        var order = test.Start(new { amount = 3 });
        test.RunToEnd();
        order.Variable<int>("receipt").ShouldBe(7);
        order.Called.Single().Variable<int>("amount").ShouldBe(3);
        order.Called.Single().Path.ShouldBe(["start", "charge", "end"]);

        test.Called("payment").Throws("NO_MONEY");
        var refused = test.Start();
        test.RunToEnd();
        refused.EndedAt.ShouldBe("refused");
        refused.Called.ShouldBeEmpty();
    }

    [Fact]
    public void A_worker_that_takes_long_is_overtaken_by_a_timer_and_one_of_an_element_goes_first()
    {
        var test = ProcessTest.Of(new GraphBuilder("p").Start().Service("slow", "t").BoundaryTimer("late", "slow", "PT1H").Service("fast", "t").End("gone").End().Path("start", "slow", "end").Path("late", "fast", "gone").Build());
        test.Worker("t").Completes().Takes(TimeSpan.FromHours(2));
        test.WorkerAt("fast").Completes(new { done = true });
        var instance = test.Start();
        test.RunToEnd();
        instance.EndedAt.ShouldBe("gone");
        instance.Variable<bool>("done").ShouldBeTrue();
        test.Now.ShouldBe(ProcessTest.UsualStart.AddHours(1));
    }

    [Fact]
    public void A_suspended_instance_stands_still_and_its_clocks_too()
    {
        var test = ProcessTest.Of(new GraphBuilder("p").Start().Timer("pause", "PT1H").End().Path("start", "pause", "end").Build());
        var instance = test.Start();
        instance.Suspend().Refusal.ShouldBeNull();
        test.AdvanceBy(TimeSpan.FromHours(5)).ShouldBeEmpty();
        test.Stalls.Single().Sentence.ShouldContain("Resume");
        instance.Resume();
        test.RunToEnd();
        test.Now.ShouldBe(ProcessTest.UsualStart.AddHours(6));
    }

    [Fact]
    public void A_process_starts_by_its_timers_only_when_asked_to()
    {
        const string Nightly = """
            <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="nightly" isExecutable="true">
              <startEvent id="s" name="Every day"><timerEventDefinition><timeCycle>R3/P1D</timeCycle></timerEventDefinition></startEvent><sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e"/>
            </process></definitions>
            """;
        var test = ProcessTest.Of(Nightly);
        test.AdvanceBy(TimeSpan.FromDays(2)).ShouldBeEmpty();
        var since = test.Now;
        test.StartingByTimers().AdvanceBy(TimeSpan.FromDays(10));
        test.Instances.Select(i => i.State.StartedAt).ShouldBe([since.AddDays(1), since.AddDays(2), since.AddDays(3)]);
        test.Instances.ShouldAllBe(i => i.EndedAt == "e");
        test.Steps[0].Sentence.ShouldBe("The timer 'Every day' started 'nightly'.");
        Should.Throw<ProcessTestException>(() => Waiting().StartingByTimers()).Message.ShouldContain("no timer start event");
    }

    [Fact]
    public void A_loop_without_an_end_stops_the_run_with_a_sentence()
    {
        var test = ProcessTest.Of(new GraphBuilder("p").Start().User("wait").BoundaryTimer("nag", "wait", "R/PT1M", false).End("nagged").End().Path("start", "wait", "end").Path("nag", "nagged").Build());
        test.Start();
        Should.Throw<ProcessTestException>(() => test.RunToEnd()).Message.ShouldContain("steps the process still goes on");
        test.Instances.Single().Tasks.Length.ShouldBe(1);
    }

    [Fact]
    public void What_cannot_be_done_by_hand_says_what_can()
    {
        var test = Waiting();
        var instance = test.Start(new { key = "k" });
        Should.Throw<ProcessTestException>(() => instance.Complete("review", "ben")).Message.ShouldBe("No task 'review' is open. No task is: run the process as far as one.");
        Should.Throw<ProcessTestException>(() => instance.RetryIncident()).Message.ShouldContain("There is no incident");
        Should.Throw<ProcessTestException>(() => test.AdvanceTo(test.Now.AddMinutes(-1))).Message.ShouldContain("never goes back");
        Should.Throw<ProcessTestException>(() => test.StartingAt(test.Now)).Message.ShouldContain("never goes back");
        Should.Throw<ProcessTestException>(() => test.Start(process: "nope")).Message.ShouldContain("p");
        Should.Throw<ProcessTestException>(() => test.Start(3)).Message.ShouldContain("new { amount = 12 }");
        instance.Cancel().Refusal.ShouldBeNull();
        instance.Status.ShouldBe(InstanceStatus.Cancelled);
    }

    private static ProcessTest Waiting() => ProcessTest.Of(new GraphBuilder("p").Start().Message("wait", "news", "=key").End().Path("start", "wait", "end").Build());
}
