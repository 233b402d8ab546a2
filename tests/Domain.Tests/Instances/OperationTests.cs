using System.Collections.Immutable;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

public sealed class OperationTests
{
    private const string Tenant = "acmefinance";

    [Fact]
    public void Incidents_of_a_suspended_instance_stay_listed_and_are_marked_whichever_came_first()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("and").Service("one", "t").Service("two", "t").Exclusive("x").End()
            .Path("start", "and", "one", "x", "end").Path("and", "two", "x").Build());
        s.Start();
        s.FailJob("one", retryable: false);
        Listed().ShouldBe([("one", false)]);
        s.Do(new SuspendInstance(Tenant, Scenario.Id, Scenario.Otto, "audit"));
        Listed().ShouldBe([("one", true)]);
        // Work that was under way when it was suspended.
        s.FailJob("two", retryable: false);
        Listed().ShouldBe([("one", true), ("two", true)]);
        s.Do(new RetryIncident(Tenant, Scenario.Id, Scenario.Otto, s.Live.Incidents.Single(i => i.Value.ElementId == "one").Key, "corrected"));
        Listed().ShouldBe([("two", true)], "what is done about it is taken at once");
        InstanceRows.Between(null, s.Live).Upserts.OfType<JobRow>().ShouldBeEmpty("its job is offered when it goes on");
        s.Do(new ResumeInstance(Tenant, Scenario.Id, Scenario.Otto, "audited"));
        Listed().ShouldBe([("two", false)]);
        InstanceRows.Between(null, s.Live).Upserts.OfType<JobRow>().ShouldContain(j => j.ElementId == "one");

        List<(string, bool)> Listed() => [.. InstanceRows.Between(null, s.Live).Upserts.OfType<IncidentRow>().OrderBy(i => i.ElementId, StringComparer.Ordinal).Select(i => (i.ElementId, i.Suspended))];
    }

    [Fact]
    public void A_suspended_instance_offers_nothing_keeps_results_and_goes_on_with_its_clocks_moved()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("and").Service("work", "t").User("sign").BoundaryTimer("late", "sign", "PT2H").Task("after").Exclusive("x").End()
            .Path("start", "and", "work", "after", "x", "end").Path("and", "sign", "x").Path("late", "x").Build());
        s.Start();
        var timer = s.Timer("late").Timer.DueAt;
        s.Do(new SuspendInstance(Tenant, Scenario.Id, Scenario.Otto, "audit"));
        InstanceRows.Between(null, s.Live).Upserts.ShouldBeEmpty();
        Refusals.Of(s.CompleteTask("sign", Scenario.Ben)).ShouldBe((RefusalKind.Conflict, "instance.suspended"));
        s.CompleteJob("work", ("result", 1));
        s.Variable("result").ShouldBe("1", "work under way is not lost");
        s.Path.ShouldNotContain("after");
        WaitReasons.Of(s.Graph, s.Live)[0].Sentence.ShouldStartWith("The instance is suspended since");

        s.Now = s.Now.AddDays(3);
        s.Do(new ResumeInstance(Tenant, Scenario.Id, Scenario.Otto, "audited"));
        s.Path.ShouldContain("after");
        s.Timer("late").Timer.DueAt.ShouldBe(timer.AddDays(3));
        s.Do(new ResumeInstance(Tenant, Scenario.Id, Scenario.Otto, "again")).ShouldBe(Outcome.Nothing);
        s.CompleteTask("sign", Scenario.Ben);
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void An_operator_moves_a_token_into_a_sub_process_that_is_opened_for_it()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("first", "t").Sub("sub", b => b.Start("in").Service("a", "t").Service("b", "t").End("out").Path("in", "a", "b", "out")).BoundaryTimer("late", "sub", "PT1H").End().Exclusive("x")
            .Path("start", "first", "sub", "x", "end").Path("late", "x").Build());
        s.Start();
        var token = s.Live.Tokens.Keys.Single();
        Refusals.Of(s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, ["77"], [], "x"))).ShouldBe((RefusalKind.Invalid, "instance.no_token"));
        Refusals.Of(s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, [token], [new TokenPlace("late")], "x"))).ShouldBe((RefusalKind.Invalid, "instance.no_place"));
        Refusals.Of(s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, [token], [new TokenPlace("b")], " "))).ShouldBe((RefusalKind.Invalid, "instance.reason_required"));
        s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, [token], [new TokenPlace("b")], "done by hand"));
        s.Facts<JobCancelled>().Count().ShouldBe(1);
        s.Timer("late");
        s.CompleteJob("b");
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Every_token_at_an_element_goes_on_elsewhere_in_its_own_scope()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("and").Service("one", "t").Service("two", "t").Exclusive("x").Service("meet", "t").Service("later", "t").End()
            .Path("start", "and", "one", "x", "meet", "later", "end").Path("and", "two", "x").Build());
        s.Start();
        s.CompleteJob("one");
        s.CompleteJob("two");
        Refusals.Of(s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, [], [], "x", [new TokenMove("later", "meet")]))).ShouldBe((RefusalKind.Invalid, "instance.no_token"));
        Refusals.Of(s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, [], [], "x", [new TokenMove("meet", "nowhere")]))).ShouldBe((RefusalKind.Invalid, "instance.no_place"));
        s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, [], [], "both", [new TokenMove("meet", "later")]));
        s.Live.Tokens.Values.Select(t => t.ElementId).ShouldBe(["later", "later"]);
        s.Facts<InstanceModified>().Single().Ended.Length.ShouldBe(2);
        s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, ["later"], [], "over"));
        s.Live.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void Ending_the_last_token_of_a_scope_ends_the_scope()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Sub("sub", b => b.Start("in").Service("a", "t").End("out").Path("in", "a", "out")).Task("after").End().Path("start", "sub", "after", "end").Build());
        s.Start();
        s.Do(new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, [s.Live.Tokens.Single(t => t.Value.ElementId == "a").Key], [], "not needed"));
        s.Path.ShouldEndWith("after end");
    }

    [Fact]
    public void An_incident_is_skipped_with_given_results_or_rerouted()
    {
        var graph = new GraphBuilder("p").Start().Service("work", "t", retries: 1).Task("after").User("by-hand").End().Exclusive("x").Path("start", "work", "after", "x", "end").Path("by-hand", "x").Build();
        var s = new Scenario(graph);
        s.Start();
        s.FailJob("work");
        s.Do(new SkipIncident(Tenant, Scenario.Id, Scenario.Otto, s.Incident().Id, Scenario.Vars(("total", 7)), "known"));
        s.Variable("total").ShouldBe("7");
        s.Path.ShouldEndWith("after x end");

        var r = new Scenario(graph);
        r.Start();
        r.FailJob("work");
        var incident = r.Incident().Id;
        r.Do(new RerouteIncident(Tenant, Scenario.Id, Scenario.Otto, incident, "by-hand", "the bank is closed"));
        r.Task("by-hand");
        r.Do(new RerouteIncident(Tenant, Scenario.Id, Scenario.Otto, incident, "by-hand", "again")).ShouldBe(Outcome.Nothing);
        r.Live.Incidents.ShouldBeEmpty();
    }

    [Fact]
    public void A_migration_is_judged_first_and_then_listens_for_what_the_new_version_adds()
    {
        var one = new GraphBuilder("p").Start().User("sign").BoundaryTimer("old", "sign", "PT1H", interrupting: false).Task("nag").End("nagged").End().Path("start", "sign", "end").Path("old", "nag", "nagged").Build();
        var two = new GraphBuilder("p").Start().User("approve").BoundaryTimer("late", "approve", "PT5H").Service("book", "t").End().Exclusive("x").Path("start", "approve", "x", "book", "end").Path("late", "x").Build();
        var s = new Scenario(one);
        s.Start();
        Migration.Of(one, two, s.Live, ImmutableDictionary<string, string>.Empty).Findings.Single().Sentence.ShouldBe("'sign' is not in the other version. Map it to another element, or end its token first.");
        var wrong = Migration.Of(one, two, s.Live, ImmutableDictionary<string, string>.Empty.Add("sign", "book"));
        wrong.Findings.Single().Sentence.ShouldContain("is a ServiceTask in the other version");

        var mapping = ImmutableDictionary<string, string>.Empty.Add("sign", "approve");
        var context = s.Context with { Target = two };
        var refused = Engine.Decide(one, s.Live, new MigrateInstance(Tenant, Scenario.Id, Scenario.Otto, "p:2", [], "new law"), context, s.Now);
        Refusals.Of(refused).ShouldBe((RefusalKind.Invalid, "instance.not_migratable"));
        var migrated = new Scenario(two);
        migrated.Take(s.History);
        migrated.Take(((Outcome.Facts)Engine.Decide(one, s.Live, new MigrateInstance(Tenant, Scenario.Id, Scenario.Otto, "p:2", mapping, "new law"), context, s.Now)).Events.Cast<IInstanceEvent>());
        migrated.Live.Version.ShouldBe(2);
        migrated.Live.Timers.Values.Single().ElementId.ShouldBe("late", "the old boundary timer ended, the new one began");
        Engine.Decide(two, migrated.Live, new MigrateInstance(Tenant, Scenario.Id, Scenario.Otto, "p:2", mapping, "twice"), context, s.Now).ShouldBe(Outcome.Nothing);
        migrated.CompleteTask("approve", Scenario.Ben);
        migrated.CompleteJob("book");
        migrated.Live.Status.ShouldBe(InstanceStatus.Completed);
    }
}
