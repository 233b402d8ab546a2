using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>What an author asks: when does this happen, in which order, and what is left?</summary>
public sealed class ElementTests
{
    [Fact]
    public void Parallel_repetitions_each_see_their_item_and_their_results_come_back_in_order()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("check", "t").ForEach("check", "=lines", outputs: ("sums", "=item * 10")).End().Path("start", "check", "end").Build());
        s.Start(("lines", new[] { 1, 2, 3 }));
        s.Live.Jobs.Count.ShouldBe(3);
        foreach (var (id, job) in s.Live.Jobs.Reverse().ToList())
            s.Do(new CompleteJob("acmefinance", Scenario.Id, Actor.System, id, job.Attempt, Scenario.Vars()));
        s.Variable("sums").ShouldBe("[10,20,30]");
        s.Variable("item").ShouldBeNull("an item lives in its repetition alone");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_completion_condition_ends_the_repetitions_that_are_left()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("ask", "t").ForEach("ask", "=[1, 2, 3]", until: "=numberOfCompletedInstances >= 2").End().Path("start", "ask", "end").Build());
        s.Start();
        for (var i = 0; i < 2; i++)
        {
            var (id, job) = s.Live.Jobs.OrderBy(j => InsideId.SequenceOf(j.Key)).First();
            s.Do(new CompleteJob("acmefinance", Scenario.Id, Actor.System, id, job.Attempt, Scenario.Vars()));
        }

        s.Facts<JobCancelled>().Count().ShouldBe(1);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Sequential_repetitions_wait_for_one_another_and_an_empty_list_is_passed()
    {
        var graph = new GraphBuilder("p").Start().Service("check", "t").ForEach("check", "=lines", sequential: true).End().Path("start", "check", "end").Build();
        var s = new Scenario(graph);
        s.Start(("lines", new[] { "x", "y" }));
        s.Live.Jobs.Count.ShouldBe(1);
        WaitReasons.Of(graph, s.Live).Select(r => r.Sentence).ShouldContain("Waits until 'check' has been done 2 times: 0 of 2 so far.");
        s.CompleteJob("check");
        s.CompleteJob("check");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);

        var empty = new Scenario(graph);
        empty.Start(("lines", Array.Empty<string>()));
        empty.Live.Status.ShouldBe(InstanceStatus.Completed);
        empty.Facts<JobCreated>().ShouldBeEmpty();
    }

    [Fact]
    public void What_is_no_list_is_an_incident_until_it_is_corrected()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("check", "t").ForEach("check", "=lines").End().Path("start", "check", "end").Build());
        s.Start(("lines", "one, two"));
        s.Incident().Incident.Code.ShouldBe("multi-instance.count");
        s.Set(("lines", new[] { "one" }));
        s.RetryIncident();
        s.CompleteJob("check");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Theory]
    [InlineData(999, 0, 0)]
    [InlineData(1_000, 0, 0)]
    [InlineData(1_001, 2, 1)]
    [InlineData(100_000, 100, 1)]
    [InlineData(100_001, null, null)]
    public void A_thousand_repetitions_run_here_more_in_instances_of_their_own_and_too_many_are_an_incident_that_says_what_to_do(int count, int? calls, int? callsInOrder)
    {
        foreach (var sequential in new[] { false, true })
        {
            var s = new Scenario(new GraphBuilder("p").Start().Service("check", "t").ForEach("check", null, sequential: sequential, count: "=lines").End().Path("start", "check", "end").Build());
            s.Start(("lines", count));
            s.Live.Calls.Count.ShouldBe((sequential ? callsInOrder : calls) ?? 0);
            s.Live.Calls.Values.Sum(c => c.Slice!.Count).ShouldBe(calls is null or 0 ? 0 : sequential ? 1_000 : count);
            s.Facts<JobCreated>().Count().ShouldBe(calls is null or > 0 ? 0 : sequential ? 1 : count);
            if (calls is not null)
                continue;
            var incident = s.Incident().Incident;
            (incident.Code, incident.Message).ShouldBe(("multi-instance.count", "'check' would run 100001 times, and 100000 are allowed. Split the list, and start an instance for each part."));
            s.Set(("lines", 1));
            s.RetryIncident();
            s.CompleteJob("check");
            s.Live.Status.ShouldBe(InstanceStatus.Completed);
        }
    }

    [Fact]
    public void A_boundary_event_ends_all_repetitions_together()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("check", "t").ForEach("check", "=[1, 2]").BoundaryTimer("late", "check", "PT1H").End().Exclusive("x").Path("start", "check", "x", "end").Path("late", "x").Build());
        s.Start();
        s.Live.Timers.Count.ShouldBe(1);
        s.Fire("late");
        s.Facts<JobCancelled>().Count().ShouldBe(2);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void An_error_of_one_repetition_is_caught_on_the_whole_activity()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("check", "t").ForEach("check", "=[1, 2]").BoundaryError("failed", "check", "E").End().Exclusive("x").Path("start", "check", "x", "end").Path("failed", "x").Build());
        s.Start();
        var (id, job) = s.Live.Jobs.First();
        s.Do(new ThrowJobError("acmefinance", Scenario.Id, Actor.System, id, job.Attempt, "E", "No.", Scenario.Vars()));
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Path.ShouldEndWith("failed x end");
    }

    [Fact]
    public void A_loop_asks_before_or_after_and_ends_at_its_maximum()
    {
        Run(new GraphBuilder("p").Start().Script("n", "=(if n = null then 0 else n) + 1", "n").While("n", "=n < 3").End().Path("start", "n", "end")).ShouldBe("3");
        Run(new GraphBuilder("p").Start().Script("n", "=9", "n").While("n", "=false").End().Path("start", "n", "end")).ShouldBe("9", "without testBefore it runs once");
        Run(new GraphBuilder("p").Start().Script("n", "=9", "n").While("n", "=false", testBefore: true).End().Path("start", "n", "end")).ShouldBeNull();
        Run(new GraphBuilder("p").Start().Script("n", "=(if n = null then 0 else n) + 1", "n").While("n", "=true", most: 900).End().Path("start", "n", "end")).ShouldBe("900");

        static string? Run(GraphBuilder builder)
        {
            var s = new Scenario(builder.Build());
            s.Start();
            s.Live.Status.ShouldBe(InstanceStatus.Completed);
            return s.Variable("n");
        }
    }

    [Fact]
    public void What_was_done_is_undone_the_latest_first_and_only_what_has_completed()
    {
        var s = new Scenario(new GraphBuilder("p").Start()
            .Service("book", "t").Undo("unbook", "book", "undo").Service("pay", "t").Undo("refund", "pay", "undo").Service("ship", "t").Undo("return", "ship", "undo").BoundaryError("lost", "ship", "E")
            .Compensate("undo").End().End("shipped").Path("start", "book", "pay", "ship", "shipped").Path("lost", "undo", "end").Build());
        s.Start();
        s.CompleteJob("book");
        s.CompleteJob("pay");
        var (id, job) = s.Job("ship");
        s.Do(new ThrowJobError("acmefinance", Scenario.Id, Actor.System, id, job.Attempt, "E", "Lost.", Scenario.Vars()));
        s.Live.Jobs.Values.Single().ElementId.ShouldBe("refund");
        WaitReasons.Of(s.Graph, s.Live).Select(r => r.Sentence).ShouldContain("Waits at 'undo' until what was done is undone: 2 left.");
        s.CompleteJob("refund");
        s.CompleteJob("unbook");
        s.Facts<CompensationHandled>().Select(h => h.ElementId).ShouldBe(["pay", "book"]);
        s.Facts<JobCreated>().ShouldNotContain(j => j.ElementId == "return");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_completed_sub_process_is_undone_from_inside_with_the_variables_it_had()
    {
        var s = new Scenario(new GraphBuilder("p").Start()
            .Sub("trip", b => b.Start("in").Service("hotel", "t", inputs: [("=city", "where")]).Undo("cancel-hotel", "hotel", "undo").Service("flight", "t").Undo("cancel-flight", "flight", "undo").End("out").Path("in", "hotel", "flight", "out"))
            .Compensate("undo", "trip").End().Path("start", "trip", "undo", "end").Build());
        s.Start(("city", "Turin"));
        s.CompleteJob("hotel");
        s.CompleteJob("flight");
        s.CompleteJob("cancel-flight");
        s.CompleteJob("cancel-hotel");
        s.Facts<CompensationHandled>().Select(h => h.ElementId).ShouldBe(["flight", "hotel", "trip"]);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_cancelled_transaction_ends_its_work_undoes_what_was_done_and_goes_on_at_its_border()
    {
        var s = new Scenario(new GraphBuilder("p").Start()
            .Transaction("tx", b => b.Start("in").Parallel("and").Service("reserve", "t").Undo("release", "reserve", "undo").Service("wait", "t").CancelEnd("no").End("out")
                .Path("in", "and", "reserve", "no").Path("and", "wait", "out"))
            .BoundaryCancel("cancelled", "tx").Exclusive("x").End().Path("start", "tx", "x", "end").Path("cancelled", "x").Build());
        s.Start();
        s.CompleteJob("reserve");
        s.Facts<JobCancelled>().Count().ShouldBe(1);
        s.CompleteJob("release");
        s.Path.ShouldEndWith("cancelled x end");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void An_interrupting_event_sub_process_ends_its_scope_and_the_flow_goes_on_behind_it()
    {
        var s = new Scenario(new GraphBuilder("p").Start()
            .Sub("work", b => b.Start("in").Service("slow", "t").End("out").Path("in", "slow", "out")
                .On("stop", ElementKind.MessageStart, "stop", true, i => i.Service("tidy", "t").End("tidied").Path("stop-start", "tidy", "tidied")))
            .Task("after").End().Path("start", "work", "after", "end").Build());
        s.Start();
        s.Send("stop-start");
        s.Facts<JobCancelled>().Count().ShouldBe(1);
        s.Live.Subscriptions.ShouldBeEmpty("nothing can interrupt it again");
        s.CompleteJob("tidy");
        s.Path.ShouldEndWith("after end");
    }

    [Fact]
    public void An_event_sub_process_that_does_not_interrupt_runs_each_time_and_the_scope_waits_for_it()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("slow", "t").End().Path("start", "slow", "end")
            .On("ask", ElementKind.MessageStart, "question", false, i => i.User("answer").End("answered").Path("ask-start", "answer", "answered")).Build());
        s.Start();
        s.Send("ask-start");
        s.Send("ask-start", "m-2");
        s.CompleteJob("slow");
        s.Live.Tasks.Count.ShouldBe(2);
        s.Live.Status.ShouldBe(InstanceStatus.Running, "the process ends when all that it started has ended");
        foreach (var id in s.Live.Tasks.Keys.ToList())
            s.Do(new CompleteTask("acmefinance", Scenario.Id, Scenario.Ben, id, "complete", null, null, Scenario.Vars()));
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Live.Subscriptions.ShouldBeEmpty();
    }

    [Fact]
    public void An_error_is_caught_by_the_event_sub_process_of_its_scope_before_the_border()
    {
        var s = new Scenario(new GraphBuilder("p").Start()
            .Sub("work", b => b.Start("in").ErrorEnd("boom", "E").Path("in", "boom").On("rescue", ElementKind.ErrorStart, "E", true, i => i.Task("mend").ErrorEnd("again", "E").Path("rescue-start", "mend", "again")))
            .BoundaryError("outside", "work", "E").Exclusive("x").End().Path("start", "work", "x", "end").Path("outside", "x").Build());
        s.Start();
        // What the event sub-process throws itself is caught outside, never by itself again.
        s.Path.ShouldBe("start work in boom rescue rescue-start mend again outside x end");
    }

    [Fact]
    public void An_escalation_goes_outwards_and_uncaught_changes_nothing()
    {
        var builder = new GraphBuilder("p").Start().Sub("work", b => b.Start("in").ThrowEscalation("up", "late").Service("go-on", "t").End("out").Path("in", "up", "go-on", "out"))
            .BoundaryEscalation("told", "work", "late", interrupting: false).Task("tell").End("informed").End().Path("start", "work", "end").Path("told", "tell", "informed");
        var s = new Scenario(builder.Build());
        s.Start();
        s.Path.ShouldContain("told");
        s.CompleteJob("go-on");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);

        var nobody = new Scenario(new GraphBuilder("p").Start().ThrowEscalation("up", "late").End().Path("start", "up", "end").Build());
        nobody.Start();
        nobody.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_signal_reaches_all_who_wait_in_the_instance_and_is_posted_to_others()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("and").Signal("one", "go").Signal("two", "go").ThrowSignal("shout", "go").Exclusive("x").End()
            .Path("start", "and", "shout", "x", "end").Path("and", "one", "x").Path("and", "two", "x").Build());
        // The throw stands first in the file; what can still begin to listen does so before it is heard.
        s.Start();
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<MessageCorrelated>().Count().ShouldBe(2);
        InstanceMail.Of("acmefinance", s.History, s.Live).OfType<ThrownOutside>().Single().Name.ShouldBe("go");
    }

    [Fact]
    public void A_condition_is_looked_at_whenever_a_variable_changes()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("work", "t").BoundaryCondition("high", "work", "=amount > 100", interrupting: false).Task("warn").End("warned").End()
            .Path("start", "work", "end").Path("high", "warn", "warned").Build());
        s.Start(("amount", 5));
        s.Set(("amount", 500));
        s.Set(("amount", 600));
        s.Facts<ElementPassed>().Count(e => e.ElementId == "warn").ShouldBe(1, "it holds still, so it does not happen again");
        s.Set(("amount", 1));
        s.Set(("amount", 700));
        s.Facts<ElementPassed>().Count(e => e.ElementId == "warn").ShouldBe(2);
        s.CompleteJob("work");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_called_process_reports_once_and_its_error_is_the_callers_matter()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Call("pay", "payment").BoundaryError("failed", "pay", "E").Task("by-hand").End().Exclusive("x").Path("start", "pay", "x", "end").Path("failed", "by-hand", "x").Build());
        s.Start();
        var (id, call) = s.Live.Calls.Single();
        InstanceMail.Of("acmefinance", s.History, s.Live).OfType<CallReady>().Single().CallId.ShouldBe(id);

        var child = new Scenario(new GraphBuilder("payment").Start().Service("bank", "t").End().Path("start", "bank", "end").Build());
        child.Do(new StartInstance("acmefinance", Scenario.Id, Scenario.Ana, "payment:1", Scenario.Vars(), null, null, new CallLink(Scenario.Id, id)));
        var (jobId, job) = child.Job("bank");
        child.Do(new ThrowJobError("acmefinance", Scenario.Id, Actor.System, jobId, job.Attempt, "E", "No money.", Scenario.Vars()));
        child.Live.Status.ShouldBe(InstanceStatus.Cancelled);
        var news = InstanceMail.Of("acmefinance", child.History, child.Live).OfType<CallNews>().ShouldHaveSingleItem();
        news.Report.ShouldBe(CallReport.Error);

        var report = new ReportCall("acmefinance", Scenario.Id, Actor.System, id, news.Report, news.ReportId, news.Code, news.Message, Scenario.Vars());
        s.Do(report);
        s.Path.ShouldContain("failed by-hand");
        s.Do(report).ShouldBe(Outcome.Nothing);
        _ = call;
    }

    [Fact]
    public void An_inclusive_join_in_a_loop_does_not_wait_for_its_own_way_back()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Inclusive("join").Service("work", "t").Exclusive("again", "out").End()
            .Path("start", "join", "work", "again").Flow("again", "end", null, "out").Flow("again", "join", "=more").Build());
        s.Start(("more", true));
        s.CompleteJob("work", ("more", true));
        s.CompleteJob("work", ("more", false));
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<ElementPassed>().Count(e => e.ElementId == "join").ShouldBe(2);
    }

    [Fact]
    public void An_ad_hoc_sub_process_ends_when_its_condition_holds_and_cancels_the_rest()
    {
        var s = new Scenario(new GraphBuilder("p").Start().AdHoc("any", false, b => b.Service("call", "t").Service("write", "t"), "=reached").End().Path("start", "any", "end").Build());
        s.Start();
        s.Live.Jobs.Count.ShouldBe(2);
        s.CompleteJob("write", ("reached", true));
        s.Facts<JobCancelled>().Count().ShouldBe(1);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }
}
