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
