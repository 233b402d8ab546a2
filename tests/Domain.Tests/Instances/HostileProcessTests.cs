using System.Diagnostics;
using System.Globalization;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>Processes that ask for all there is: each stops with an incident that says so, in bounded time and space, and the instance can be mended.</summary>
public sealed class HostileProcessTests
{
    private const string Doubling = "{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: d([1], 60)}.r";

    [Theory]
    [InlineData("for x in 1..1000000000 return x")]
    [InlineData("{f: function(n) f(n + 1), r: f(0)}.r")]
    [InlineData("{d: function(s, n) if n = 0 then s else d(s + s, n - 1), r: d(\"abcdefgh\", 40)}.r")]
    [InlineData("{s: string join(for i in 1..4000 return \"0123456789\"), r: for i in 1..2000 return s}")]
    [InlineData(Doubling)]
    [InlineData("{d: function(l, n) if n = 0 then l else d([l, l], n - 1), r: d([1], 60) = d([1], 60)}.r")]
    public void An_expression_that_asks_for_all_there_is_is_an_incident_wherever_it_stands(string feel)
    {
        var mendable = $"=if stop = true then null else {feel}";
        ProcessGraph[] graphs =
        [
            new GraphBuilder("p").Start().Script("at", mendable, "made").End().Path("start", "at", "end").Build(),
            new GraphBuilder("p").Start().Service("at", "t", inputs: [(mendable, "made")]).End().Path("start", "at", "end").Build(),
            new GraphBuilder("p").Start().Exclusive("at", "at-end").Task("t").End().Path("start", "at", "end").Flow("at", "t", $"=if stop = true then false else string({feel}) = \"1\"").Build(),
            new GraphBuilder("p").Start().User("at", groups: mendable).End().Path("start", "at", "end").Build(),
            new GraphBuilder("p").Start().Receive("at", "m", $"=if stop = true then \"k\" else string({feel})").End().Path("start", "at", "end").Build(),
            new GraphBuilder("p").Start().Timer("at", "=if stop = true then \"PT1H\" else " + feel).End().Path("start", "at", "end").Build(),
            new GraphBuilder("p").Start().Task("at").ForEach("at", $"=if stop = true then [1] else {feel}").End().Path("start", "at", "end").Build(),
        ];
        foreach (var graph in graphs)
        {
            var s = new Scenario(graph);
            s.Start().ShouldBeOfType<Outcome.Facts>();
            var incident = s.Incident().Incident;
            incident.ElementId.ShouldBe("at");
            incident.Message.ShouldContain("retry the incident");
            incident.Message.Length.ShouldBeLessThan(1_000);
            s.Set(("stop", true));
            s.RetryIncident();
            s.Live.Incidents.Values.ShouldNotContain(i => i.Message == incident.Message);
        }
    }

    [Fact]
    public void A_thousand_expressions_that_each_stay_within_their_bound_stop_together()
    {
        // Each takes some 90,000 steps of 100,000; a thousand of them would be seconds of one command.
        var s = new Scenario(new GraphBuilder("p").Start().Exclusive("top").Script("work", "=count(for i in 1..20000 return i * 2)", "n").Exclusive("more", "more-end").End()
            .Path("start", "top", "work", "more").Flow("more", "top", "=stop != true").Flow("more", "end").Build());
        s.Start();
        s.Live.Incidents.Values.Select(i => i.Code).ShouldBe(["engine.expression_limit"]);
        s.Incident().Incident.Message.ShouldContain("10000000 steps");
        s.History.Count.ShouldBeLessThan(1_000, "it stopped long before the bound of steps");
        s.Set(("stop", true));
        s.RetryIncident();
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_gateway_with_thousands_of_costly_conditions_stops_with_an_incident()
    {
        var b = new GraphBuilder("p").Start().Exclusive("g", "g-last").End("last").Flow("start", "g").Flow("g", "last");
        for (var i = 0; i < 2_000; i++)
            b.End("e" + i).Flow("g", "e" + i, $"=stop != true and count(for i in 1..20000 return i) = {i.ToString(CultureInfo.InvariantCulture)}");
        var s = new Scenario(b.Build());
        var watch = Stopwatch.StartNew();
        s.Start();
        s.Incident().Incident.Code.ShouldBe("condition.failed");
        s.Incident().Incident.Message.ShouldContain("the expressions of one command have taken");
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60), "decided four times, under any load");
        s.Set(("stop", true));
        s.RetryIncident();
        s.Path.ShouldEndWith("last");
    }

    [Fact]
    public void What_one_command_makes_counts_against_the_size_of_the_instance_before_it_is_stored()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Exclusive("top").Script("make", "=string join(for i in 1..10000 return \"0123456789\")", "text").Exclusive("more", "more-end").End()
            .Path("start", "top", "make", "more").Flow("more", "top", "=stop != true").Flow("more", "end").Build())
        {
            Context = DecideContext.Empty with { Limits = DecideLimits.Default with { StoredBytes = 1_000_000 } },
        };
        s.Start();
        s.Incident().Incident.Code.ShouldBe("engine.size_limit");
        s.Facts<VariablesSet>().Count().ShouldBeInRange(9, 11);
    }

    [Fact]
    public void Now_is_one_moment_within_a_command_and_another_in_the_next()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Script("a", "=string(now())", "first").Script("b", "=string(now())", "second").Service("work", "t").Script("c", "=string(now())", "third").End()
            .Path("start", "a", "b", "work", "c", "end").Build());
        s.Start();
        s.Variable("second").ShouldBe(s.Variable("first"));
        s.Now = s.Now.AddMinutes(1);
        s.CompleteJob("work");
        s.Variable("third").ShouldNotBe(s.Variable("first"));
    }

    [Theory]
    [InlineData("R-1/PT1H")]
    [InlineData("R0/PT1H")]
    [InlineData("R/PT0S")]
    [InlineData("R/PT0.0001S")]
    [InlineData("R/P0M")]
    [InlineData("R99999999999/PT1H")]
    [InlineData("R/P99999999Y")]
    [InlineData("R3/2026-13-01T00:00:00Z/PT1H")]
    [InlineData("R3/0001-01-01T00:00:00+14:00/PT1H")]
    [InlineData("R3/2026-01-01T00:00:00/2026-01-02T00:00:00/PT1H")]
    [InlineData("R/-PT1H")]
    [InlineData("R/PT1H/")]
    [InlineData("0 0 0 30 2 ?")]
    [InlineData("0 0 0 31 4,6,9,11 ?")]
    [InlineData("0 0 25 * * ?")]
    [InlineData("99 * * * * ?")]
    [InlineData("* * * * * 0")]
    [InlineData("R/")]
    [InlineData("")]
    [InlineData("R/P1Y2M3DT4H5M6S extra")]
    public void A_cycle_that_makes_no_sense_is_refused_with_a_sentence(string text)
    {
        var s = Cycle();
        s.Start(("cycle", text));
        s.Incident().Incident.Code.ShouldBe("timer.failed");
        s.Incident().Incident.Message.Length.ShouldBeInRange(40, 400);
        s.Set(("cycle", "R2/PT1H"));
        s.RetryIncident();
        s.Timer("again").Timer.Remaining.ShouldBe(2);
    }

    [Fact]
    public void A_cycle_that_began_in_the_year_one_fires_once_and_goes_on_from_now()
    {
        var s = Cycle();
        s.Start(("cycle", "R/0001-01-01T00:00:00Z/PT1S"));
        s.Fire("again");
        s.Timer("again").Timer.DueAt.ShouldBeGreaterThan(s.Now);
        s.Timer("again").Timer.DueAt.ShouldBeLessThanOrEqualTo(s.Now.AddSeconds(1));

        var counted = Cycle();
        counted.Start(("cycle", "R1000000/2000-01-01T00:00:00Z/PT1S"));
        counted.Fire("again");
        counted.Live.Timers.ShouldBeEmpty("all its firings lie in the past, and one late firing stands for them");
        counted.Facts<TimerFired>().Count().ShouldBe(1);

        var months = Cycle();
        months.Start(("cycle", "R/0001-01-31T00:00:00Z/P1M"));
        months.Fire("again");
        months.Timer("again").Timer.DueAt.ShouldBeInRange(months.Now, months.Now.AddMonths(1));

        var cron = Cycle();
        cron.Start(("cycle", "* * * * * *"));
        cron.Now = cron.Now.AddYears(1);
        cron.Fire("again");
        cron.Timer("again").Timer.DueAt.ShouldBe(cron.Now.AddSeconds(1));
    }

    [Fact]
    public void Some_missed_firings_are_made_up_for_one_after_the_other()
    {
        var s = Cycle();
        s.Start(("cycle", "R5/PT1H"));
        var begun = s.Now;
        s.Now = s.Now.AddHours(3.5);
        s.Fire("again");
        s.Fire("again");
        s.Fire("again");
        (s.Timer("again").Timer.DueAt, s.Timer("again").Timer.Remaining).ShouldBe((begun.AddHours(4), 2));
    }

    [Theory]
    [InlineData("R/9999-12-30T00:00:00Z/P1Y")]
    [InlineData("R3/9999-12-31T23:59:59.9999999Z/PT1H")]
    [InlineData("R/9998-01-01T00:00:00Z/P100Y")]
    public void The_calendar_ends_with_the_year_9999_and_so_does_a_cycle(string text)
    {
        var s = Cycle();
        s.Start(("cycle", text));
        s.Timer("again").Timer.DueAt.Year.ShouldBeGreaterThanOrEqualTo(9998);
        s.Fire("again");
        s.Facts<TimerFired>().Count().ShouldBe(1);
        s.Live.Timers.ShouldBeEmpty();
        s.CompleteTask("ask", Scenario.Ben);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        // The same of a timer that starts the process.
        new TimerStart("s", "s", "c", false, DateTimeOffset.MaxValue.AddDays(-1), -1, "P1Y").After(Scenario.Monday).DueAt.ShouldBeNull();
        new TimerStart("s", "s", "c", false, DateTimeOffset.MaxValue.AddDays(-1), -1, "PT48H").After(Scenario.Monday).DueAt.ShouldBeNull();
    }

    [Fact]
    public void A_process_that_calls_itself_stops_at_fifty_calls_one_inside_the_other()
    {
        var graph = new GraphBuilder("self").Start().Call("again", "self").End().Path("start", "again", "end").Build();
        CallLink? parent = null;
        for (var depth = 0; depth < CallLink.MostDepth; depth++)
        {
            var s = Called(graph, parent);
            s.Live.Incidents.ShouldBeEmpty();
            parent = CallLink.From(s.Live, s.Live.Calls.Keys.Single());
            parent.Depth.ShouldBe(depth + 1);
        }

        var last = Called(graph, parent);
        last.Live.Calls.ShouldBeEmpty();
        last.Incident().Incident.Code.ShouldBe("call.too_deep");
        last.Incident().Incident.Message.ShouldContain("calls itself");
        last.RetryIncident();
        last.Incident().Incident.Code.ShouldBe("call.too_deep", "a retry changes nothing about where it stands");
    }

    [Fact]
    public void Two_processes_that_call_each_other_end_a_test_run_with_the_same_sentence()
    {
        var one = new GraphBuilder("one").Start().Call("to-two", "two").End().Path("start", "to-two", "end").Build();
        var two = new GraphBuilder("two").Start().Call("to-one", "one").End().Path("start", "to-one", "end").Build();
        var test = Countersign.Testing.ProcessTest.Of(one).And(two);
        test.Start();
        Should.Throw<Countersign.Testing.ProcessTestException>(() => test.RunToEnd()).Message.ShouldContain("50 are allowed");
    }

    private static Scenario Called(ProcessGraph graph, CallLink? parent)
    {
        var s = new Scenario(graph);
        s.Do(new StartInstance("acmefinance", Scenario.Id, Scenario.Ana, "self:1", Scenario.Vars(), null, null, parent));
        return s;
    }

    [Fact]
    public void A_timer_that_falls_due_while_its_instance_is_suspended_fires_once_when_it_goes_on()
    {
        var s = new Scenario(new GraphBuilder("p").Start().User("ask").BoundaryTimer("late", "ask", "PT1H", interrupting: false).End().End("told").Path("start", "ask", "end").Path("late", "told").Build());
        s.Start();
        var (timer, set) = s.Timer("late");
        s.Do(new SuspendInstance("acmefinance", Scenario.Id, Scenario.Otto, "audit"));
        s.Now = set.DueAt.AddDays(1);
        Refusals.Of(s.Do(new FireTimer("acmefinance", Scenario.Id, Countersign.Domain.Tenants.Actor.System, timer))).ShouldBe((RefusalKind.Conflict, "instance.suspended"));
        s.Do(new ResumeInstance("acmefinance", Scenario.Id, Scenario.Otto, "audited"));
        s.Timer("late").Timer.DueAt.ShouldBe(s.Now.AddHours(1), "its clock stood still");
        s.Fire("late");
        s.Do(new FireTimer("acmefinance", Scenario.Id, Countersign.Domain.Tenants.Actor.System, timer)).ShouldBe(Outcome.Nothing);
        s.Facts<TimerFired>().Count().ShouldBe(1);
    }

    [Fact]
    public void A_cancelled_transaction_is_undone_though_it_is_suspended_in_the_middle()
    {
        var s = new Scenario(new GraphBuilder("p").Start()
            .Transaction("tx", b => b.Start("in").Service("one", "t").Undo("undo-one", "one", "u").Service("two", "t").Undo("undo-two", "two", "u").CancelEnd("no").Path("in", "one", "two", "no"))
            .BoundaryCancel("cancelled", "tx").End("gone").End().Path("start", "tx", "end").Path("cancelled", "gone").Build());
        s.Start();
        s.CompleteJob("one");
        s.CompleteJob("two");
        s.Job("undo-two");
        s.Do(new SuspendInstance("acmefinance", Scenario.Id, Scenario.Otto, "audit"));
        s.CompleteJob("undo-two");
        InstanceRows.Between(null, s.Live).Upserts.ShouldBeEmpty("nobody is offered the next before the instance goes on");
        s.Do(new ResumeInstance("acmefinance", Scenario.Id, Scenario.Otto, "audited"));
        s.CompleteJob("undo-one");
        s.Path.ShouldEndWith("cancelled gone");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<CompensationHandled>().Select(h => h.ElementId).ShouldBe(["two", "one"]);
    }

    [Fact]
    public void An_instance_cancelled_while_its_transaction_is_undone_leaves_nothing_behind()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Transaction("tx", b => b.Start("in").Service("one", "t").Undo("undo-one", "one", "u").CancelEnd("no").Path("in", "one", "no"))
            .BoundaryCancel("cancelled", "tx").End("gone").End().Path("start", "tx", "end").Path("cancelled", "gone").Build());
        s.Start();
        s.CompleteJob("one");
        var (id, job) = s.Job("undo-one");
        s.Do(new CancelInstance("acmefinance", Scenario.Id, Scenario.Otto, "over"));
        s.Live.Status.ShouldBe(InstanceStatus.Cancelled);
        s.Live.Jobs.ShouldBeEmpty();
        s.Do(new CompleteJob("acmefinance", Scenario.Id, Countersign.Domain.Tenants.Actor.System, id, job.Attempt, Scenario.Vars())).ShouldBe(Outcome.Nothing);
        InstanceRows.Between(null, s.Live).Upserts.ShouldBeEmpty();
    }

    [Fact]
    public void Tokens_are_moved_into_and_out_of_transactions_and_repetitions_without_loose_ends()
    {
        var graph = new GraphBuilder("p").Start().Service("before", "t")
            .Transaction("tx", b => b.Start("in").Service("one", "t").Undo("undo-one", "one", "u").Service("two", "t").End("out").Path("in", "one", "two", "out"))
            .Service("many", "t").ForEach("many", "=[1, 2, 3]").Service("after", "t").End().Path("start", "before", "tx", "many", "after", "end").Build();
        var s = new Scenario(graph);
        s.Start();
        Move(s, "before", "two");
        s.CompleteJob("two");
        s.Live.Jobs.Count.ShouldBe(3, "the transaction ended and all of the repetition began");
        // Out of the repetition: its body ends with all inside, and nothing of it is left.
        var body = s.Live.Tokens.Single(t => t.Value.ElementId == "many" && t.Value.Iteration is null).Key;
        s.Do(new ModifyInstance("acmefinance", Scenario.Id, Scenario.Otto, [body], [new TokenPlace("after")], "enough"));
        s.Live.Tokens.Values.Select(t => t.ElementId).ShouldBe(["after"]);
        s.Live.Repetitions.ShouldBeEmpty();
        // Into the repetition from outside: it begins as a whole.
        Move(s, "after", "many");
        s.Live.Jobs.Count.ShouldBe(3);
        body = s.Live.Tokens.Single(t => t.Value.ElementId == "many" && t.Value.Iteration is null).Key;
        s.Do(new ModifyInstance("acmefinance", Scenario.Id, Scenario.Otto, [body], [new TokenPlace("one")], "again"));
        s.CompleteJob("one");
        // Out of the transaction by its own token: it neither goes on behind it nor is undone.
        Move(s, "tx", "after");
        s.Live.Tokens.Values.Select(t => t.ElementId).ShouldBe(["after"]);
        s.Live.Jobs.Values.Select(j => j.ElementId).ShouldBe(["after"]);
        s.CompleteJob("after");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Theory]
    [InlineData("=person.iban", true)]
    [InlineData("=person", true)]
    [InlineData("=secretNumber", true)]
    [InlineData("=person.case", false)]
    [InlineData("=caseNumber", false)]
    public void A_personal_correlation_key_is_warned_of_and_not_shown_where_a_case_waits(string key, bool isPersonal)
    {
        var compilation = new GraphBuilder("p").Data("person", "personal", "iban").Data("secretNumber", "secret").Start().Receive("wait", "paid", key).End().Path("start", "wait", "end").Compile();
        compilation.Findings.Any(f => f is { Rule: "message.personal-key", ElementId: "wait", Severity: FindingSeverity.Warning }).ShouldBe(isPersonal);
        if (key == "=person")
            return;
        var s = new Scenario(compilation.Graph.ShouldNotBeNull());
        s.Start(("person", new { iban = "DE8937", @case = "DE8937" }), ("secretNumber", "DE8937"), ("caseNumber", "DE8937"));
        var sentence = WaitReasons.Of(s.Graph, s.Live).Single().Sentence;
        sentence.Contains("DE8937", StringComparison.Ordinal).ShouldBe(!isPersonal, sentence);
        sentence.ShouldContain("'paid'");
    }

    private static void Move(Scenario s, string from, string to) =>
        s.Do(new ModifyInstance("acmefinance", Scenario.Id, Scenario.Otto, [s.Live.Tokens.Single(t => t.Value.ElementId == from).Key], [new TokenPlace(to)], "by hand")).ShouldBeOfType<Outcome.Facts>();

    private static Scenario Cycle()
    {
        const string Drawing = """
            <definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x"><process id="p" isExecutable="true">
              <startEvent id="start"/><userTask id="ask"/><endEvent id="end"/><endEvent id="told"/>
              <boundaryEvent id="again" attachedToRef="ask" cancelActivity="false"><timerEventDefinition><timeCycle>=cycle</timeCycle></timerEventDefinition></boundaryEvent>
              <sequenceFlow id="a" sourceRef="start" targetRef="ask"/><sequenceFlow id="b" sourceRef="ask" targetRef="end"/><sequenceFlow id="c" sourceRef="again" targetRef="told"/>
            </process></definitions>
            """;
        return new Scenario(ProcessCompiler.Compile(ProcessSources.OfBpmn(Drawing)).Graph.ShouldNotBeNull());
    }
}
