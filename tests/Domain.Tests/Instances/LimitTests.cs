using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>How long an instance may get: the warning, the stop, and how an operator lets it go on.</summary>
public sealed class LimitTests
{
    private const string Tenant = "acmefinance";

    private static DecideContext Limited(int events) => DecideContext.Empty with { Limits = DecideLimits.Default with { Events = events } };

    [Fact]
    public void An_instance_warns_once_at_four_fifths_of_its_limit_and_stops_at_it_naming_both_ways_out()
    {
        var s = Loop(100);
        while (s.Live.LimitNeared is null)
            s.CompleteJob("work");
        var warning = s.Facts<InstanceLimitNeared>().ShouldHaveSingleItem();
        (warning.Limit, s.History[^1]).ShouldBe((100, warning));
        warning.Facts.ShouldBeInRange(80, 90);
        while (s.Live.Incidents.IsEmpty)
            s.CompleteJob("work");
        s.Facts<InstanceLimitNeared>().Count().ShouldBe(1, "once is enough for one limit");
        s.Incident().Incident.Code.ShouldBe(InstanceLimits.Incident);
        s.Incident().Incident.Message.ShouldContain("Raise its limit (to 90000 at most)");
        s.Incident().Incident.Message.ShouldContain("continue the instance in a successor");
        s.Live.Events.ShouldBeInRange(100, 106);
    }

    [Theory]
    [InlineData(50L * 1024 * 1024 - 1, false)]
    [InlineData(50L * 1024 * 1024, true)]
    [InlineData(50L * 1024 * 1024 + 1, true)]
    public void At_50_MB_of_facts_an_instance_stops_and_loses_nothing(long bytes, bool stops)
    {
        var s = Loop(10_000);
        s.Context = s.Context with { StoredBytes = bytes };
        s.CompleteJob("work");
        s.Live.Incidents.Count.ShouldBe(stops ? 1 : 0);
        if (!stops)
            return;
        s.Incident().Incident.Code.ShouldBe("engine.size_limit");
        s.Incident().Incident.Message.ShouldContain("50 MB are allowed. Continue the instance in a successor");
        s.RetryIncident();
        s.Incident().Incident.Code.ShouldBe("engine.size_limit", "a retry alone makes it no smaller");
        s.Context = DecideContext.Empty;
        s.RetryIncident();
        s.Live.Jobs.ShouldHaveSingleItem().Value.ElementId.ShouldBe("work");
    }

    [Fact]
    public void A_run_of_steps_counts_as_the_one_fact_as_which_it_is_stored()
    {
        var b = new GraphBuilder("p").Start();
        for (var i = 0; i < 30; i++)
            b = b.Task("t" + i);
        var s = new Scenario(b.User("ask").End().Path(["start", .. Enumerable.Range(0, 30).Select(i => "t" + i), "ask", "end"]).Build()) { Context = Limited(100) };
        s.Start();
        s.History.Count.ShouldBeGreaterThan(30);
        var stored = Steps.Pack(s.History).Aggregate((InstanceState?)null, InstanceState.Evolve)!;
        stored.Events.ShouldBeLessThan(6);
        var waiting = stored with { Events = 78 };
        // One fact more, and the claim's own warning is due with the second.
        ((Outcome.Facts)Engine.Decide(s.Graph, waiting, new ClaimTask(Tenant, Scenario.Id, Scenario.Ben, stored.Tasks.Keys.Single()), s.Context, s.Now)).Events.ShouldHaveSingleItem();
        ((Outcome.Facts)Engine.Decide(s.Graph, waiting with { Events = 79 }, new ClaimTask(Tenant, Scenario.Id, Scenario.Ben, stored.Tasks.Keys.Single()), s.Context, s.Now)).Events[1]
            .ShouldBe(new InstanceLimitNeared(80, 100, s.Now));
    }

    [Fact]
    public void What_ends_does_not_warn()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Service("work", "t").End().Path("start", "work", "end").Build()) { Context = Limited(100) };
        s.Start();
        var (id, job) = s.Job("work");
        var facts = ((Outcome.Facts)Engine.Decide(s.Graph, s.Live with { Events = 90 }, new CompleteJob(Tenant, Scenario.Id, Countersign.Domain.Tenants.Actor.System, id, job.Attempt, Scenario.Vars()), s.Context, s.Now)).Events;
        facts[^1].ShouldBeOfType<InstanceCompleted>();
        facts.OfType<InstanceLimitNeared>().ShouldBeEmpty();
    }

    [Fact]
    public void An_operator_raises_the_limit_with_a_reason_and_the_incident_is_retried()
    {
        var s = Loop(100);
        while (s.Live.Incidents.IsEmpty)
            s.CompleteJob("work");
        Refusals.Of(s.Do(Raise(200, by: Scenario.Ana))).ShouldBe((RefusalKind.Denied, "instance.operators_only"));
        Refusals.Of(s.Do(Raise(200, " "))).ShouldBe((RefusalKind.Invalid, "instance.reason_required"));
        Refusals.Of(s.Do(Raise(100))).ShouldBe((RefusalKind.Invalid, "instance.limit_range"));
        Refusals.Of(s.Do(Raise(DecideLimits.MostEvents + 1))).ShouldBe((RefusalKind.Invalid, "instance.limit_range"));
        s.Do(Raise(200)).ShouldBeOfType<Outcome.Facts>();
        s.Facts<InstanceLimitRaised>().ShouldHaveSingleItem().ShouldBe(new InstanceLimitRaised("otto", "it is nearly done", 100, 200, s.Now));
        s.Do(Raise(200)).ShouldBe(Outcome.Nothing);
        Refusals.Of(s.Do(Raise(150))).ShouldBe((RefusalKind.Invalid, "instance.limit_range"), "it is raised, never lowered: what happened stays");
        s.Live.LimitNeared.ShouldBeNull("it is far from its limit again");
        s.RetryIncident();
        s.Live.Incidents.ShouldBeEmpty();
        while (s.Live.Incidents.IsEmpty)
            s.CompleteJob("work");
        s.Facts<InstanceLimitNeared>().Select(w => w.Limit).ShouldBe([100, 200]);
        s.Live.Events.ShouldBeInRange(200, 206);
        s.Do(Raise(DecideLimits.MostEvents));
        Refusals.Of(s.Do(Raise(DecideLimits.MostEvents + 1))).ShouldBe((RefusalKind.Invalid, "instance.limit_range"));
        s.Do(new CancelInstance(Tenant, Scenario.Id, Scenario.Otto, "over"));
        Refusals.Of(s.Do(Raise(300))).ShouldBe((RefusalKind.Conflict, "instance.ended"));
    }

    private static RaiseInstanceLimit Raise(int limit, string reason = "it is nearly done", Countersign.Domain.Tenants.Actor? by = null) => new(Tenant, Scenario.Id, by ?? Scenario.Otto, limit, reason);

    private static Scenario Loop(int events)
    {
        var s = new Scenario(new GraphBuilder("p").Start().Exclusive("top").Service("work", "t").End("never").Path("start", "top", "work").Flow("work", "top", id: "again").Flow("work", "never", "=false").Build()) { Context = Limited(events) };
        s.Start();
        return s;
    }
}
