using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class JobTests
{
    [Fact]
    public void Input_mappings_are_all_a_job_sees_and_output_mappings_are_all_it_hands_on()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "t", inputs: [("=document.id", "id"), ("fast", "mode")], outputs: [("=total * 2", "double"), ("=id", "result.id"), ("=total", "result.total")])
            .End().Path("start", "read", "end").Build());
        s.Start(("document", new { id = "d-1", secret = "s" }));
        var row = InstanceRows.Between(null, s.Live).Upserts.OfType<JobRow>().Single();
        row.Variables.Keys.Order().ShouldBe(["id", "mode"]);
        row.Variables["id"].GetString().ShouldBe("d-1");
        s.CompleteJob("read", ("total", 21), ("unwanted", "x"));
        s.Variable("double").ShouldBe("42");
        s.Variable("result").ShouldBe("""{"id":"d-1","total":21}""");
        s.Variable("unwanted").ShouldBeNull();
        s.Variable("id").ShouldBeNull();
    }

    [Fact]
    public void Without_a_mapping_a_job_sees_what_changes_while_it_waits()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "t").End().Path("start", "read", "end").Build());
        s.Start(("a", 1));
        s.Set(("a", 2));
        InstanceRows.Between(null, s.Live).Upserts.OfType<JobRow>().Single().Variables["a"].GetInt32().ShouldBe(2);
    }

    [Fact]
    public void A_failed_attempt_is_tried_again_later_and_the_last_one_raises_an_incident()
    {
        var s = Waiting(retries: 3);
        s.FailJob("read");
        var first = s.Job("read").Job;
        first.Attempt.ShouldBe(2);
        (first.DueAt - s.Now).ShouldBeInRange(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
        s.FailJob("read");
        (s.Job("read").Job.DueAt - s.Now).ShouldBeInRange(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(12));
        s.FailJob("read");
        s.Incident().Incident.Code.ShouldBe("job.retries_exhausted");
        s.Job("read").Job.Failed.ShouldBeTrue();
        s.RetryIncident();
        s.Job("read").Job.Attempt.ShouldBe(4);
        s.CompleteJob("read");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void An_error_that_cannot_be_retried_raises_an_incident_at_once()
    {
        var s = Waiting(retries: 10);
        s.FailJob("read", retryable: false);
        s.Incident().Incident.Code.ShouldBe("job.not_retryable");
    }

    [Fact]
    public void What_the_other_side_asks_for_is_waited_for_but_never_less_than_our_own_delay()
    {
        var s = Waiting(retries: 10);
        s.FailJob("read", after: TimeSpan.FromMinutes(10));
        s.Job("read").Job.DueAt.ShouldBe(s.Now + TimeSpan.FromMinutes(10));
        s.FailJob("read", after: TimeSpan.FromMilliseconds(1));
        s.Job("read").Job.DueAt.ShouldBeGreaterThan(s.Now + TimeSpan.FromSeconds(7));
        s.FailJob("read", after: TimeSpan.FromDays(30));
        s.Job("read").Job.DueAt.ShouldBe(s.Now + TimeSpan.FromHours(24));
    }

    [Fact]
    public void Jitter_differs_between_jobs_and_is_the_same_in_a_replay()
    {
        var delays = Enumerable.Range(1, 200).Select(i => RetrySchedule.Delay(InsideId.Of(Scenario.Id, i), 3, null)).ToList();
        delays.Distinct().Count().ShouldBeGreaterThan(190);
        delays.ShouldAllBe(d => d >= TimeSpan.FromSeconds(16) && d <= TimeSpan.FromSeconds(24));
        delays[0].ShouldBe(RetrySchedule.Delay(InsideId.Of(Scenario.Id, 1), 3, null));
        RetrySchedule.Delay("x", 1000, null).ShouldBeInRange(TimeSpan.FromMinutes(48), TimeSpan.FromMinutes(72));
    }

    [Fact]
    public void A_late_or_second_result_adds_nothing()
    {
        var s = Waiting(retries: 3);
        var id = s.Job("read").Id;
        s.FailJob("read");
        s.Do(new CompleteJob("acmefinance", Scenario.Id, Actor.System, id, 1, Scenario.Vars(("x", 1)))).ShouldBe(Outcome.Nothing);
        s.Do(new FailJob("acmefinance", Scenario.Id, Actor.System, id, 1, "late", "Late.")).ShouldBe(Outcome.Nothing);
        s.CompleteJob("read");
        s.Do(new CompleteJob("acmefinance", Scenario.Id, Actor.System, id, 2, Scenario.Vars())).ShouldBe(Outcome.Nothing);
        s.Do(new CompleteJob("acmefinance", Scenario.Id, Actor.System, "foreign", 1, Scenario.Vars())).ShouldBe(Outcome.Nothing);
    }

    [Fact]
    public void A_result_for_a_job_with_an_incident_adds_nothing_until_it_is_retried()
    {
        var s = Waiting(retries: 1);
        var id = s.Job("read").Id;
        s.FailJob("read");
        s.Do(new CompleteJob("acmefinance", Scenario.Id, Actor.System, id, 1, Scenario.Vars())).ShouldBe(Outcome.Nothing);
    }

    [Fact]
    public void An_output_mapping_that_cannot_be_computed_keeps_the_result_for_the_retry()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "t", outputs: [("=for i in 1..n return i", "list")]).End().Path("start", "read", "end").Build())
        {
            Context = DecideContext.Empty with { Limits = DecideLimits.Default with { FeelSteps = 500 } },
        };
        s.Start();
        s.CompleteJob("read", ("n", 10_000));
        s.Incident().Incident.Code.ShouldBe("mapping.output");
        s.Context = DecideContext.Empty;
        s.RetryIncident();
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Variable("list").ShouldStartWith("[1,2,3");
        s.Facts<JobCompleted>().Count().ShouldBe(1);
    }

    [Fact]
    public void A_result_that_is_too_large_becomes_an_incident_not_an_endless_retry()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "t").End().Path("start", "read", "end").Build())
        {
            Context = DecideContext.Empty with { Limits = DecideLimits.Default with { VariableBytes = 100 } },
        };
        s.Start();
        s.CompleteJob("read", ("text", new string('x', 200)));
        s.Incident().Incident.Code.ShouldBe("job.result_too_large");
    }

    [Fact]
    public void Variables_that_are_too_large_are_refused_at_the_start()
    {
        var s = new Scenario(new GraphBuilder("p").Start().End().Path("start", "end").Build()) { Context = DecideContext.Empty with { Limits = DecideLimits.Default with { VariableBytes = 100 } } };
        Refusals.Of(s.Start(("text", new string('x', 200)))).ShouldBe((RefusalKind.Limit, "variables.too_large"));
        s.State.ShouldBeNull();
    }

    [Fact]
    public void A_variable_without_a_usable_name_is_refused_by_every_way_in()
    {
        foreach (var name in (string[])["", new string('n', VariableNames.Longest + 1)])
        {
            var s = new Scenario(new GraphBuilder("p").Start().Service("pay", "bank:pay").End().Path("start", "pay", "end").Build());
            Refusals.Of(s.Start((name, 1))).ShouldBe((RefusalKind.Invalid, "variables.name"));
            s.State.ShouldBeNull();
            s.Start((new string('n', VariableNames.Longest), 1)).ShouldBeOfType<Outcome.Facts>();
            var (job, _) = s.Job("pay");
            foreach (var command in new InstanceCommand[]
                     {
                         new ThrowJobError("acmefinance", Scenario.Id, Actor.System, job, 1, "code", "message", Scenario.Vars((name, 1))),
                         new SetVariables("acmefinance", Scenario.Id, Scenario.Otto, Scenario.Vars((name, 1)), "why"),
                     })
                Refusals.Of(s.Do(command)).ShouldBe((RefusalKind.Invalid, "variables.name"), command.GetType().Name);
            s.Do(new CompleteJob("acmefinance", Scenario.Id, Actor.System, job, 1, Scenario.Vars((name, 1)))).ShouldBeOfType<Outcome.Facts>();
            s.Incident().Incident.Code.ShouldBe("job.result_name", "a worker of the service would send it again for ever");
        }
    }

    [Fact]
    public void An_error_raised_by_a_worker_is_caught_by_its_code_first_then_by_any_and_goes_outwards()
    {
        var graph = new GraphBuilder("p").Start()
            .Sub("sub", inside => inside.Start("in").Service("work", "t").End("done").Path("in", "work", "done").BoundaryError("known", "work", "KNOWN").End("ek").Path("known", "ek"))
            .BoundaryError("any", "sub").Task("handle").End().End("other").Path("start", "sub", "end").Path("any", "handle", "other").Build();
        var inner = new Scenario(graph);
        inner.Start();
        Throw(inner, "KNOWN");
        inner.Path.ShouldBe("start sub in work known ek end");
        var outer = new Scenario(graph);
        outer.Start();
        Throw(outer, "OTHER");
        outer.Path.ShouldBe("start sub in work any handle other");
        outer.Variable("why").ShouldBe("\"because\"");
        outer.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void An_error_that_nothing_catches_is_an_incident()
    {
        var s = Waiting(retries: 3);
        Throw(s, "LOST");
        s.Incident().Incident.Code.ShouldBe("error.not_caught");
        var end = new Scenario(new GraphBuilder("p").Start().ErrorEnd("boom", "E1").Path("start", "boom").Build());
        end.Start();
        end.Incident().Incident.Code.ShouldBe("error.not_caught");
        end.Do(new CancelInstance("acmefinance", Scenario.Id, Scenario.Otto, "cannot be handled"));
        end.Live.Status.ShouldBe(InstanceStatus.Cancelled);
    }

    [Fact]
    public void An_error_end_event_interrupts_the_sub_process_around_it()
    {
        var s = new Scenario(new GraphBuilder("p").Start()
            .Sub("sub", inside => inside.Start("in").Parallel("split").Service("a", "t").ErrorEnd("boom", "E1").End("e").Path("in", "split", "a", "e").Path("split", "boom"))
            .BoundaryError("caught", "sub", "E1").End().End("after").Path("start", "sub", "end").Path("caught", "after").Build());
        s.Start();
        s.Path.ShouldBe("start sub in split a boom caught after");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<JobCancelled>().Count().ShouldBe(1);
    }

    private static void Throw(Scenario s, string code)
    {
        var (id, job) = s.Live.Jobs.Select(j => (j.Key, j.Value)).Single();
        s.Do(new ThrowJobError("acmefinance", Scenario.Id, Actor.System, id, job.Attempt, code, "It went wrong.", Scenario.Vars(("why", "because"))));
    }

    private static Scenario Waiting(int retries)
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("read", "t", retries).End().Path("start", "read", "end").Build());
        s.Start();
        return s;
    }
}
