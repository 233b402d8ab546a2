using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class FlowTests
{
    [Theory]
    [InlineData(50, "start split low join end")]
    [InlineData(500, "start split high join end")]
    [InlineData(null, "start split other join end")]
    public void An_exclusive_gateway_takes_the_first_flow_that_holds_else_the_default(int? amount, string path)
    {
        var s = new Scenario(Amounts("split-other").Build());
        s.Start(("amount", amount));
        s.Path.ShouldBe(path);
        var gateway = s.Facts<ElementPassed>().Single(e => e.ElementId == "split");
        gateway.Conditions.Select(c => (c.FlowId, c.Value)).First().ShouldBe(("split-low", amount is null ? null : amount < 100));
    }

    [Fact]
    public void Without_a_way_out_an_exclusive_gateway_stops_with_an_incident_that_a_correction_resolves()
    {
        var s = new Scenario(Amounts(null).Build());
        s.Start(("amount", "a lot"));
        s.Incident().Incident.Code.ShouldBe("condition.no_flow");
        WaitReasons.Of(s.Graph, s.Live).Single().Sentence.ShouldContain("No condition after 'split' holds");
        s.RetryIncident();
        s.Incident().Incident.Code.ShouldBe("condition.no_flow");
        s.Set(("amount", 700));
        s.RetryIncident();
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Path.ShouldBe("start split high join end");
    }

    [Fact]
    public void A_condition_that_is_neither_true_nor_false_is_an_incident()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Exclusive("x", "x-b").End("a").End("b").Path("start", "x").Flow("x", "a", "=amount").Flow("x", "b").Build());
        s.Start(("amount", 5));
        s.Incident().Incident.Code.ShouldBe("condition.not_boolean");
    }

    [Theory]
    [InlineData(true, true, "start split a b join end")]
    [InlineData(true, false, "start split a join end")]
    [InlineData(false, true, "start split b join end")]
    [InlineData(false, false, "start split c join end")]
    public void An_inclusive_split_and_join_waits_for_exactly_what_was_started(bool a, bool b, string path)
    {
        var s = new Scenario(Inclusive());
        s.Start(("a", a), ("b", b));
        foreach (var element in new[] { "b", "a", "c" }.Where(e => s.Live.Jobs.Values.Any(j => j.ElementId == e)))
        {
            s.Live.HasEnded.ShouldBeFalse();
            s.CompleteJob(element);
        }

        s.Path.Split(' ').Order().ShouldBe(path.Split(' ').Order());
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void An_inclusive_join_in_a_loop_does_not_wait_for_tokens_that_must_pass_it_first()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Inclusive("join").Script("count", "=if n = null then 1 else n + 1", "n").Service("work", "t").Exclusive("again", "again-end").End()
            .Path("start", "join", "count", "work", "again").Flow("again", "join", "=n < 3").Flow("again", "end").Build());
        s.Start();
        s.CompleteJob("work");
        s.CompleteJob("work");
        s.CompleteJob("work");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Variable("n").ShouldBe("3");
    }

    [Fact]
    public void An_exclusive_merge_after_a_parallel_split_runs_what_follows_twice()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("split").Task("a").Task("b").Exclusive("merge").Task("after").End()
            .Path("start", "split", "a", "merge", "after", "end").Path("split", "b", "merge").Build());
        s.Start();
        s.Path.Split(' ').Count(e => e == "after").ShouldBe(2);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<InstanceCompleted>().Count().ShouldBe(1);
    }

    [Fact]
    public void A_parallel_join_after_an_exclusive_split_is_reported_as_a_deadlock()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Exclusive("split", "split-a").Task("a").Task("b").Parallel("join").End()
            .Path("start", "split", "a", "join", "end").Flow("split", "b", "=false").Path("b", "join").Build());
        s.Start();
        s.Live.HasEnded.ShouldBeFalse();
        s.Incident().Incident.Code.ShouldBe("gateway.deadlock");
    }

    [Fact]
    public void Conditions_on_flows_out_of_a_task_are_all_taken_that_hold()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Task("t").End("a").End("b").End("c").Path("start", "t").Flow("t", "a", "=x > 1").Flow("t", "b", "=x > 2").Flow("t", "c", "=x > 3").Build());
        s.Start(("x", 3));
        s.Path.ShouldBe("start t a b");
    }

    [Fact]
    public void A_loop_that_never_waits_stops_with_an_incident_and_goes_on_after_a_correction()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Exclusive("top").Script("step", "=if n = null then 1 else n + 1", "n").Exclusive("more", "more-end").End()
            .Path("start", "top", "step", "more").Flow("more", "top", "=stop != true").Flow("more", "end").Build());
        s.Start();
        var steps = DecideContext.Empty.Limits.Steps;
        s.Incident().Incident.Code.ShouldBe("engine.step_limit");
        s.History.Count.ShouldBeLessThan((2 * steps) + 10);
        s.Set(("stop", true));
        s.RetryIncident();
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void At_the_limit_of_facts_the_instance_stops_with_an_incident()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Exclusive("top").Service("work", "t").End("never").Path("start", "top", "work").Flow("work", "top", id: "again").Flow("work", "never", "=false").Build())
        {
            Context = DecideContext.Empty with { Limits = DecideLimits.Default with { Events = 60 } },
        };
        s.Start();
        while (s.Live.Incidents.IsEmpty)
            s.CompleteJob("work");
        s.Incident().Incident.Code.ShouldBe("engine.event_limit");
        s.History.Count.ShouldBeLessThan(70);
        s.Context = DecideContext.Empty;
        s.RetryIncident();
        s.Live.Jobs.Count.ShouldBe(1);
    }

    [Fact]
    public void A_terminate_end_ends_everything_at_once()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("split").Service("slow", "t").User("ask").Service("quick", "t").End().Terminate("stop")
            .Path("start", "split", "slow", "end").Path("split", "ask", "end").Path("split", "quick", "stop").BoundaryTimer("late", "slow", "PT1H").Flow("late", "end").Build());
        s.Start();
        s.CompleteJob("quick");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<JobCancelled>().Count().ShouldBe(1);
        s.Facts<TaskCancelled>().Count().ShouldBe(1);
        s.Facts<TimerCancelled>().Count().ShouldBe(1);
    }

    [Fact]
    public void A_link_goes_on_where_its_name_is_caught()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Task("a").LinkTo("out", "L").LinkFrom("in", "L").Task("b").End().Path("start", "a", "out").Path("in", "b", "end").Build());
        s.Start();
        s.Path.ShouldBe("start a out in b end");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_sub_process_ends_when_all_its_tokens_have_and_keeps_its_variables_to_itself()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Sub("sub", inside => inside.Start("in").Parallel("split").Service("a", "t").Service("b", "t").End("ea").End("eb")
            .Path("in", "split", "a", "ea").Path("split", "b", "eb")).Task("after").End().Path("start", "sub", "after", "end").Build());
        s.Start();
        s.CompleteJob("a");
        s.Live.Tokens.Values.Select(t => t.ElementId).Order().ShouldBe(["b", "sub"]);
        s.CompleteJob("b");
        s.Path.ShouldBe("start sub in split a b ea eb after end");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_terminate_end_inside_a_sub_process_ends_only_the_sub_process()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Sub("sub", inside => inside.Start("in").Parallel("split").Service("a", "t").Terminate("stop").End("ea")
            .Path("in", "split", "a", "ea").Path("split", "stop")).Task("after").End().Path("start", "sub", "after", "end").Build());
        s.Start();
        s.Path.ShouldBe("start sub in split a stop after end");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    private static GraphBuilder Amounts(string? standard)
    {
        var b = new GraphBuilder("p").Start().Exclusive("split", standard).Task("low").Task("high").Task("other").Exclusive("join").End()
            .Path("start", "split").Flow("split", "low", "=amount < 100").Flow("split", "high", "=amount >= 100").Path("low", "join", "end").Path("high", "join").Path("other", "join");
        return standard is null ? b.Flow("split", "other", "=false") : b.Flow("split", "other");
    }

    private static ProcessGraph Inclusive() => new GraphBuilder("p").Start().Inclusive("split", "split-c").Service("a", "t").Service("b", "t").Service("c", "t").Inclusive("join").End()
        .Path("start", "split").Flow("split", "a", "=a").Flow("split", "b", "=b").Flow("split", "c").Path("a", "join", "end").Path("b", "join").Path("c", "join").Build();
}
