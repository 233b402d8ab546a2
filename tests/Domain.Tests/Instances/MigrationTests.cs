using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>Migrations of instances that listen for events or stand before a join: nothing may wait for ever afterwards.</summary>
public sealed class MigrationTests
{
    private static readonly ImmutableDictionary<string, string> Unchanged = ImmutableDictionary<string, string>.Empty;

    [Fact]
    public void An_event_that_keeps_its_id_and_changes_its_kind_is_listened_for_as_what_it_is_now()
    {
        var one = new GraphBuilder("p").Start().User("sign").BoundaryTimer("else", "sign", "PT1H").End().Exclusive("x").Path("start", "sign", "x", "end").Path("else", "x").Build();
        var two = new GraphBuilder("p").Start().User("sign").BoundaryMessage("else", "sign", "withdrawn").End().Exclusive("x").Path("start", "sign", "x", "end").Path("else", "x").Build();
        var s = Started(one);
        var migrated = Migrate(s, two);
        migrated.Live.Timers.ShouldBeEmpty();
        migrated.Send("else");
        migrated.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_choice_between_events_listens_for_those_of_the_new_version()
    {
        var one = new GraphBuilder("p").Start().EventBased("which").Message("paid", "paid").Timer("late", "PT1H").End().Exclusive("x")
            .Path("start", "which", "paid", "x", "end").Path("which", "late", "x").Build();
        var two = new GraphBuilder("p").Start().EventBased("which").Message("settled", "settled").Timer("late", "PT1H").End().Exclusive("x")
            .Path("start", "which", "settled", "x", "end").Path("which", "late", "x").Build();
        var s = Started(one);
        var late = s.Timer("late").Timer.DueAt;
        var migrated = Migrate(s, two);
        migrated.Timer("late").Timer.DueAt.ShouldBe(late, "what stays goes on as it was");
        migrated.Live.Subscriptions.Values.Single().ElementId.ShouldBe("settled");
        migrated.Send("settled");
        migrated.Path.ShouldEndWith("settled x end");
        migrated.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_join_that_no_longer_needs_what_has_not_come_fires_with_the_migration()
    {
        GraphBuilder With(bool third)
        {
            var b = new GraphBuilder("p").Start().Parallel("and").Service("one", "t").Service("two", "t").Service("away", "t").Parallel("join").Service("after", "t").End().End("gone")
                .Flow("start", "and").Flow("and", "one").Flow("and", "two").Flow("and", "away").Flow("one", "join", id: "f1").Flow("two", "join", id: "f2").Path("join", "after", "end");
            return third ? b.Flow("away", "join", id: "f3") : b.Flow("away", "gone");
        }

        var s = Started(With(third: true).Build());
        s.CompleteJob("one");
        s.CompleteJob("two");
        var migrated = Migrate(s, With(third: false).Build());
        migrated.Path.ShouldEndWith("join after");
        migrated.CompleteJob("away");
        migrated.CompleteJob("after");
        migrated.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_token_before_a_join_that_is_none_any_more_goes_on()
    {
        var s = Started(Joined(b => b.Parallel("join")));
        s.CompleteJob("one");
        var migrated = Migrate(s, Joined(b => b.Exclusive("join")));
        migrated.Path.ShouldEndWith("join end");
        migrated.CompleteJob("two");
        migrated.Live.Status.ShouldBe(InstanceStatus.Completed);

        static ProcessGraph Joined(Func<GraphBuilder, GraphBuilder> join) => join(new GraphBuilder("p").Start().Parallel("and").Service("one", "t").Service("two", "t")).End()
            .Flow("start", "and").Flow("and", "one").Flow("and", "two").Flow("one", "join", id: "f1").Flow("two", "join", id: "f2").Flow("join", "end").Build();
    }

    [Fact]
    public void Work_done_whose_undoing_the_new_version_does_not_know_is_in_the_verdict_or_undone()
    {
        var one = new GraphBuilder("p").Start().Service("book", "t").Undo("unbook", "book", "u").Service("work", "t").Compensate("undo").End().Path("start", "book", "work", "undo", "end").Build();
        var two = new GraphBuilder("p").Start().Service("book", "t").Service("work", "t").Compensate("undo").End().Path("start", "book", "work", "undo", "end").Build();
        var s = Started(one);
        s.CompleteJob("book");
        var verdict = Migration.Of(one, two, s.Live, Unchanged);
        verdict.Possible.ShouldBeFalse("the booking would never be undone");
        verdict.Findings.Single().Sentence.ShouldContain("undo");
    }

    [Fact]
    public void An_added_event_that_cannot_be_listened_for_yet_stops_nothing_that_is_under_way_and_begins_nothing_twice()
    {
        var one = new GraphBuilder("p").Start().Service("work", "t").End().Path("start", "work", "end").Build();
        var two = new GraphBuilder("p").Start().Service("work", "t").BoundaryMessage("recall", "work", "recalled", correlationKey: "=order").End().Exclusive("x").Path("start", "work", "x", "end").Path("recall", "x").Build();
        var migrated = Migrate(Started(one), two);
        var job = migrated.Job("work").Id;
        migrated.Incident().Incident.Code.ShouldBe("migration.event");
        migrated.RetryIncident();
        migrated.Incident().Incident.ElementId.ShouldBe("recall", "nothing was corrected yet");
        migrated.Set(("order", "A-1"));
        migrated.RetryIncident();
        migrated.Job("work").Id.ShouldBe(job, "the work under way is not begun a second time");
        migrated.Live.Subscriptions.Values.Single().CorrelationKey.ShouldBe("A-1");
        migrated.CompleteJob("work");
        migrated.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void An_added_event_can_be_done_without_and_the_work_goes_on()
    {
        var one = new GraphBuilder("p").Start().Service("work", "t").End().Path("start", "work", "end").Build();
        var two = new GraphBuilder("p").Start().Service("work", "t").BoundaryMessage("recall", "work", "recalled", correlationKey: "=order").End().Exclusive("x").Path("start", "work", "x", "end").Path("recall", "x").Build();
        var migrated = Migrate(Started(one), two);
        migrated.Do(new SkipIncident("acmefinance", Scenario.Id, Scenario.Otto, migrated.Incident().Id, Scenario.Vars(), "no order yet"));
        migrated.Live.Incidents.ShouldBeEmpty();
        migrated.CompleteJob("work");
        migrated.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    private static Scenario Started(ProcessGraph graph)
    {
        var s = new Scenario(graph);
        s.Start();
        return s;
    }

    private static Scenario Migrate(Scenario s, ProcessGraph to)
    {
        Migration.Of(s.Graph, to, s.Live, Unchanged).Findings.ShouldBeEmpty();
        var migrated = new Scenario(to) { Now = s.Now };
        migrated.Take(s.History);
        var outcome = Engine.Decide(s.Graph, s.Live, new MigrateInstance("acmefinance", Scenario.Id, Scenario.Otto, "p:2", Unchanged, "new law"), s.Context with { Target = to }, s.Now);
        migrated.Take(((Outcome.Facts)outcome).Events.Cast<IInstanceEvent>());
        return migrated;
    }
}
