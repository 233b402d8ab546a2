using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class EventTests
{
    [Fact]
    public void A_timer_waits_for_its_duration_and_fires_once()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Timer("wait", "PT15M").End().Path("start", "wait", "end").Build());
        s.Start();
        var (id, timer) = s.Timer("wait");
        timer.DueAt.ShouldBe(s.Now.AddMinutes(15));
        s.Fire("wait");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Do(new FireTimer("acmefinance", Scenario.Id, Actor.System, id)).ShouldBe(Outcome.Nothing);
    }

    [Fact]
    public void A_timer_from_a_variable_that_cannot_be_used_is_an_incident_until_it_is_corrected()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Timer("wait", "=patience").End().Path("start", "wait", "end").Build());
        s.Start(("patience", "soon"));
        s.Incident().Incident.Code.ShouldBe("timer.failed");
        s.Set(("patience", "P1M"));
        s.RetryIncident();
        s.Timer("wait").Timer.DueAt.ShouldBe(s.Now.AddMonths(1));
    }

    [Fact]
    public void An_interrupting_boundary_timer_ends_its_activity_and_what_waits_for_it()
    {
        var s = new Scenario(new GraphBuilder("p").Start().User("ask").End().BoundaryTimer("late", "ask", "P2D").Task("chase").Path("start", "ask", "end").Path("late", "chase", "end").Build());
        s.Start();
        s.Fire("late");
        s.Path.ShouldBe("start ask late chase end");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Facts<TaskCancelled>().Single().Cause.ShouldBe("late");
        Refusals.Of(s.Do(new CompleteTask("acmefinance", Scenario.Id, Scenario.Ana, s.Facts<TaskCreated>().Single().TaskId, "complete", null, null, Scenario.Vars())))
            .ShouldBe((RefusalKind.Conflict, "task.cancelled"));
    }

    [Fact]
    public void A_boundary_timer_that_does_not_interrupt_repeats_without_drift_until_its_count_is_reached()
    {
        var s = new Scenario(new GraphBuilder("p").Start().User("ask").End().BoundaryTimer("nag", "ask", "R3/PT1H", interrupting: false).Task("remind").End("reminded")
            .Path("start", "ask", "end").Path("nag", "remind", "reminded").Build());
        s.Start();
        for (var i = 1; i <= 3; i++)
        {
            s.Timer("nag").Timer.DueAt.ShouldBe(Scenario.Monday.AddHours(i));
            s.Now = Scenario.Monday.AddHours(i).AddMinutes(7);
            s.Fire("nag");
        }

        s.Live.Timers.ShouldBeEmpty();
        s.Path.Split(' ').Count(e => e == "remind").ShouldBe(3);
        s.CompleteTask("ask", Scenario.Ana);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Finishing_an_activity_takes_its_boundary_timer_away()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("work", "t").End().BoundaryTimer("late", "work", "PT1H").Path("start", "work", "end").Path("late", "end").Build());
        s.Start();
        s.CompleteJob("work");
        s.Facts<TimerCancelled>().Count().ShouldBe(1);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_message_goes_on_with_its_content_and_its_second_delivery_adds_nothing()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Message("paid", "payment", "=order").Service("after", "t").End().Path("start", "paid", "after", "end").Build());
        s.Start(("order", "o-7"));
        var (id, subscription) = s.Subscription("paid");
        (subscription.MessageName, subscription.CorrelationKey).ShouldBe(("payment", "o-7"));
        s.Send("paid", "m-1", ("amount", 12));
        s.Variable("amount").ShouldBe("12");
        s.Do(new CorrelateMessage("acmefinance", Scenario.Id, Actor.System, id, "m-1", Scenario.Vars())).ShouldBe(Outcome.Nothing);
    }

    [Fact]
    public void A_boundary_message_that_does_not_interrupt_goes_on_listening_and_takes_each_message_once()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("work", "t").End().BoundaryMessage("note", "work", "note", interrupting: false).Task("file").End("filed")
            .Path("start", "work", "end").Path("note", "file", "filed").Build());
        s.Start();
        s.Send("note", "m-1");
        s.Send("note", "m-1").ShouldBe(Outcome.Nothing);
        s.Send("note", "m-2");
        s.Path.Split(' ').Count(e => e == "file").ShouldBe(2);
        s.CompleteJob("work");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Live.Subscriptions.ShouldBeEmpty();
    }

    [Fact]
    public void A_correlation_key_that_is_missing_is_an_incident()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Receive("paid", "payment", "=order").End().Path("start", "paid", "end").Build());
        s.Start();
        s.Incident().Incident.Code.ShouldBe("message.failed");
        s.Set(("order", 7));
        s.RetryIncident();
        s.Subscription("paid").Subscription.CorrelationKey.ShouldBe("7");
        s.Send("paid");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Theory]
    [InlineData("m", "start choice m a end")]
    [InlineData("t", "start choice t b end")]
    [InlineData("r", "start choice r c end")]
    public void An_event_based_gateway_follows_the_first_event_and_gives_up_the_others(string which, string path)
    {
        var s = new Scenario(new GraphBuilder("p").Start().EventBased("choice").Message("m", "yes").Timer("t", "P1D").Receive("r", "no").Task("a").Task("b").Task("c").End()
            .Path("start", "choice", "m", "a", "end").Path("choice", "t", "b", "end").Path("choice", "r", "c", "end").Build());
        s.Start();
        WaitReasons.Of(s.Graph, s.Live).Single().Sentence.ShouldContain("whichever comes first");
        _ = which == "t" ? s.Fire("t") : s.Send(which);
        s.Path.ShouldBe(path);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
        s.Live.Timers.ShouldBeEmpty();
    }

    [Fact]
    public void Cancelling_ends_everything_open_with_a_reason_and_only_once()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("split").Service("a", "t").Timer("b", "P1D").Message("c", "m").User("d").End()
            .Path("start", "split", "a", "end").Path("split", "b", "end").Path("split", "c", "end").Path("split", "d", "end").Build());
        s.Start();
        s.FailJob("a", retryable: false);
        Refusals.Of(s.Do(new CancelInstance("acmefinance", Scenario.Id, Scenario.Otto, " "))).ShouldBe((RefusalKind.Invalid, "instance.reason_required"));
        s.Do(new CancelInstance("acmefinance", Scenario.Id, Scenario.Otto, "sent twice"));
        s.Live.Status.ShouldBe(InstanceStatus.Cancelled);
        s.Do(new CancelInstance("acmefinance", Scenario.Id, Scenario.Otto, "sent twice")).ShouldBe(Outcome.Nothing);
        Refusals.Of(s.Set(("x", 1))).ShouldBe((RefusalKind.Conflict, "instance.ended"));
        new[] { s.Live.Jobs.Count, s.Live.Timers.Count, s.Live.Subscriptions.Count, s.Live.Tasks.Count, s.Live.Incidents.Count }.ShouldAllBe(c => c == 0);
    }

    [Fact]
    public void An_unknown_instance_is_not_found_and_another_version_is_a_conflict()
    {
        var graph = new GraphBuilder("p").Start().Service("a", "t").End().Path("start", "a", "end").Build();
        Refusals.Of(Engine.Decide(graph, null, new CancelInstance("acmefinance", Scenario.Id, Scenario.Otto, "x"), DecideContext.Empty, Scenario.Monday)).ShouldBe((RefusalKind.NotFound, "instance.not_found"));
        var s = new Scenario(graph);
        s.Start();
        var other = new GraphBuilder("p").Start().Service("b", "t").End().Path("start", "b", "end").Build();
        Refusals.Of(Engine.Decide(other, s.State, new CancelInstance("acmefinance", Scenario.Id, Scenario.Otto, "x"), DecideContext.Empty, Scenario.Monday)).ShouldBe((RefusalKind.Conflict, "instance.other_version"));
    }
}
