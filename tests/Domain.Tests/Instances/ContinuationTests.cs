using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>Going on in a successor: nothing that was open is lost, done twice or done otherwise.</summary>
public sealed class ContinuationTests(ITestOutputHelper output)
{
    private const string Tenant = "acmefinance";
    private static readonly Guid Second = Continuation.SuccessorOf(Scenario.Id);

    [Fact]
    public void Wherever_a_random_history_is_continued_it_goes_on_as_if_it_had_not_been() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 14], Gen.Int[0, 25]).Sample((seed, size, at) => Compare(seed, size, at), output.WriteLine, iter: 300, threads: 1);

    [Fact]
    public void The_predecessor_ends_naming_its_successor_and_asked_twice_adds_nothing()
    {
        var s = Loop();
        s.CompleteJob("work");
        Refusals.Of(s.Do(new ContinueInstance(Tenant, Scenario.Id, Scenario.Ana, "x"))).ShouldBe((RefusalKind.Denied, "instance.operators_only"));
        Refusals.Of(s.Do(new ContinueInstance(Tenant, Scenario.Id, Scenario.Otto, " "))).ShouldBe((RefusalKind.Invalid, "instance.reason_required"));
        var job = s.Job("work").Id;
        s.Context = DecideContext.Empty with { Held = new OpenAttempt(job, s.Now.AddMinutes(1)) };
        Refusals.Of(s.Do(new ContinueInstance(Tenant, Scenario.Id, Scenario.Otto, "long"))).ShouldBe((RefusalKind.Conflict, "instance.attempts_open"));
        s.Context = DecideContext.Empty;
        var end = ((Outcome.Facts)s.Do(new ContinueInstance(Tenant, Scenario.Id, Scenario.Otto, "long"))).Events.ShouldHaveSingleItem();
        end.ShouldBe(new InstanceContinued(Second, "otto", "long", s.Now));
        (s.Live.Status, s.Live.Successor, s.Live.HasEnded, s.Live.EndedAt).ShouldBe((InstanceStatus.Continued, Second, true, s.Now));
        s.Do(new ContinueInstance(Tenant, Scenario.Id, Scenario.Otto, "again")).ShouldBe(Outcome.Nothing);
        // What a program sends is forwarded by the runner, and changes nothing here.
        s.Do(new CompleteJob(Tenant, Scenario.Id, Actor.System, job, 1, Scenario.Vars())).ShouldBe(Outcome.Nothing);
        // What a person does is refused with the place where to do it.
        foreach (var (command, says) in new (InstanceCommand, string)[]
        {
            (new ClaimTask(Tenant, Scenario.Id, Scenario.Ben, InsideId.Of(Scenario.Id, 7)), InsideId.Of(Second, 7)),
            (new RetryIncident(Tenant, Scenario.Id, Scenario.Otto, InsideId.Of(Scenario.Id, 8), "x"), InsideId.Of(Second, 8)),
            (new SetVariables(Tenant, Scenario.Id, Scenario.Otto, Scenario.Vars(("a", 1)), "x"), Second.ToString("D")),
            (new CancelInstance(Tenant, Scenario.Id, Scenario.Otto, "x"), Second.ToString("D")),
            (new RaiseInstanceLimit(Tenant, Scenario.Id, Scenario.Otto, 60_000, "x"), Second.ToString("D")),
        })
        {
            var refused = s.Do(command).ShouldBeOfType<Outcome.Refused>().Refusal;
            (refused.Kind, refused.Code).ShouldBe((RefusalKind.Conflict, "instance.continued"));
            refused.Detail.ShouldContain(says);
        }

        var ended = Loop();
        ended.Do(new CancelInstance(Tenant, Scenario.Id, Scenario.Otto, "over"));
        Refusals.Of(ended.Do(new ContinueInstance(Tenant, Scenario.Id, Scenario.Otto, "x"))).ShouldBe((RefusalKind.Conflict, "instance.ended"));
    }

    [Fact]
    public void What_stopped_at_the_limit_goes_on_by_itself_and_the_effect_of_an_open_job_keeps_its_name()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("and").Exclusive("top").Service("work", "t").End("never").Service("other", "t").End()
            .Path("start", "and", "top", "work").Flow("work", "top", id: "again").Flow("work", "never", "=false").Path("and", "other", "end").Build())
        {
            Context = DecideContext.Empty with { Limits = DecideLimits.Default with { Events = 60 } },
        };
        s.Start();
        while (s.Live.Incidents.IsEmpty)
            s.CompleteJob("work");
        var other = s.Job("other").Id;
        var next = Continue(s);
        next.Live.Incidents.ShouldBeEmpty();
        next.Facts<IncidentResolved>().Count().ShouldBe(1);
        string.Join(" ", next.Live.Jobs.Values.Select(j => j.ElementId).Order(StringComparer.Ordinal)).ShouldBe("other work", "what could not begin at the limit has begun");
        next.Live.Events.ShouldBeLessThan(10);
        next.Job("other").Id.ShouldBe(Continuation.Renamed(other, Second));
        var rows = InstanceRows.Between(null, next.Live).Upserts.OfType<JobRow>().ToDictionary(r => r.ElementId, StringComparer.Ordinal);
        (rows["other"].FirstId, rows["other"].FirstInstanceId).ShouldBe((other, Scenario.Id));
        (rows["work"].FirstId, rows["work"].FirstInstanceId).ShouldBe((null, Scenario.Id));
        var third = Continue(next);
        third.Job("other").Job.FirstId.ShouldBe(other, "however often it goes on");
        third.Live.Earlier.ShouldBe([Scenario.Id, Second]);
        third.Live.FirstId.ShouldBe(Scenario.Id);
    }

    [Fact]
    public void What_stopped_because_its_facts_were_large_goes_on_as_well()
    {
        var s = Loop();
        s.Context = DecideContext.Empty with { StoredBytes = 51L * 1024 * 1024 };
        s.CompleteJob("work");
        s.Incident().Incident.Code.ShouldBe(InstanceLimits.SizeIncident);
        var next = Continue(s);
        next.Live.Incidents.ShouldBeEmpty();
        next.Job("work").Job.Attempt.ShouldBe(1);
    }

    [Fact]
    public void Who_acted_before_may_not_countersign_after_and_the_decision_keeps_its_id()
    {
        var s = new Scenario(new GraphBuilder("p").Start().User("first", groups: "approvers").User("second", groups: "approvers", separateFrom: ["first", "initiator"]).End()
            .Path("start", "first", "second", "end").Build());
        s.Start();
        s.CompleteTask("first", Scenario.Ben);
        var next = Continue(s);
        var (task, _) = next.Task("second");
        Refusals.Of(next.Do(new CompleteTask(Tenant, Second, Scenario.Ben, task, "complete", null, null, Scenario.Vars()))).Code.ShouldBe("task.separation_of_duties");
        next.Do(new CompleteTask(Tenant, Second, Scenario.Cleo, task, "complete", null, null, Scenario.Vars())).ShouldBeOfType<Outcome.Facts>();
        next.Live.Status.ShouldBe(InstanceStatus.Completed);
        next.Live.StartedBy.ShouldBe("ana");
    }

    [Fact]
    public void A_child_begun_before_is_cancelled_by_its_own_id_and_a_signal_of_the_predecessor_is_not_heard_twice()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Parallel("and").Call("call", "child").Service("work", "t").ThrowSignal("say", "go").BoundarySignal("hear", "call", "go", interrupting: false).End().Exclusive("x")
            .Path("start", "and", "call", "x", "end").Path("and", "work", "say", "x").Path("hear", "x").Build());
        s.Start();
        var (callId, call) = s.Live.Calls.Single();
        s.CompleteJob("work");
        var thrown = s.Facts<EventThrown>().Single().ThrowId;
        var next = Continue(s);
        var subscription = next.Live.Subscriptions.Single().Key;
        next.Do(new CorrelateMessage(Tenant, Second, Actor.System, subscription, thrown, Scenario.Vars())).ShouldBe(Outcome.Nothing);
        var before = next.Live;
        var facts = ((Outcome.Facts)next.Do(new CancelInstance(Tenant, Second, Scenario.Otto, "over"))).Events.Cast<IInstanceEvent>();
        InstanceMail.Of(Tenant, facts, next.Live, before).OfType<CancelInstance>().ShouldHaveSingleItem().InstanceId.ShouldBe(call.ChildId);
        Continuation.Forwarded(new ReportCall(Tenant, Scenario.Id, Actor.System, callId, CallReport.Completed, "completed", null, null, Scenario.Vars()), Second)
            .ShouldBeOfType<ReportCall>().CallId.ShouldBe(Continuation.Renamed(callId, Second));
    }

    /// <summary>Two copies of one history, of which one goes on in a successor at some point, and now and then again.</summary>
    private static void Compare(int seed, int size, int at)
    {
        var plain = new Scenario(RandomProcess.Of(seed, size));
        plain.Start(("a", 1));
        var random = new Random(seed ^ size);
        for (var step = 0; step < at && !plain.Live.HasEnded; step++)
            plain.Do(RandomHistoryTests.Choose(plain, random, wild: true));
        if (plain.Live.HasEnded)
            return;
        var next = Continue(plain.Copy());
        for (var step = 0; step < 60 && !plain.Live.HasEnded && plain.Live.Tokens.Count <= 60; step++)
        {
            var command = RandomHistoryTests.Choose(plain, random, wild: step < 20);
            var (known, knownThere) = (plain.History.Count, next.History.Count);
            next.Now = plain.Now;
            var outcome = plain.Do(command);
            var there = next.Do(Moved(command, next.Live.Id));
            there.GetType().ShouldBe(outcome.GetType(), command.ToString());
            Facts(next, knownThere).ShouldBe(Facts(plain, known), command.ToString());
            if (step % 20 == 10 && !next.Live.HasEnded)
                next = Continue(next);
        }

        next.Live.Status.ShouldBe(plain.Live.Status);
        JsonSerializer.Serialize(next.Live.Variables.OrderBy(v => v.Key, StringComparer.Ordinal)).ShouldBe(JsonSerializer.Serialize(plain.Live.Variables.OrderBy(v => v.Key, StringComparer.Ordinal)));
        next.Live.Sequence.ShouldBe(plain.Live.Sequence);
    }

    private static List<string> Facts(Scenario s, int from) => [.. s.History.Skip(from).Select(f =>
    {
        var json = (JsonObject)JsonSerializer.SerializeToNode(f, f.GetType())!;
        // Both follow from the job's or the call's own id.
        if (f is JobRetried)
            json.Remove("DueAt");
        if (f is CallStarted)
            json.Remove("ChildId");
        return f.GetType().Name + " " + json.ToJsonString().Replace(s.Live.Id.ToString("N"), "ID", StringComparison.Ordinal);
    })];

    private static InstanceCommand Moved(InstanceCommand command, Guid to)
    {
        string New(string id) => Continuation.Renamed(id, to);
        return Continuation.Forwarded(command, to) ?? command switch
        {
            ClaimTask c => c with { InstanceId = to, TaskId = New(c.TaskId) },
            ReleaseTask c => c with { InstanceId = to, TaskId = New(c.TaskId) },
            ReassignTask c => c with { InstanceId = to, TaskId = New(c.TaskId) },
            CompleteTask c => c with { InstanceId = to, TaskId = New(c.TaskId) },
            RetryIncident c => c with { InstanceId = to, IncidentId = New(c.IncidentId) },
            SkipIncident c => c with { InstanceId = to, IncidentId = New(c.IncidentId) },
            RerouteIncident c => c with { InstanceId = to, IncidentId = New(c.IncidentId) },
            _ => command with { InstanceId = to },
        };
    }

    /// <summary>Ends an instance as the runner does, and gives its successor.</summary>
    private static Scenario Continue(Scenario s)
    {
        var before = s.Live;
        var end = (InstanceContinued)((Outcome.Facts)s.Do(new ContinueInstance(Tenant, before.Id, Scenario.Otto, "long"))).Events.Single();
        var link = new InstanceLink(before.Id, s.History.Count, "hash");
        var next = new Scenario(s.Graph) { Now = s.Now };
        var outcome = (Outcome.Facts)Engine.TakeOver(s.Graph, before, end, link, DecideContext.Empty, Scenario.Otto);
        next.Take(outcome.Events.Cast<IInstanceEvent>());
        (next.Live.Id, next.Live.Predecessor).ShouldBe((end.SuccessorId, link));
        // A stored fact holds all of it.
        var stored = JsonSerializer.Deserialize<InstanceTakenOver>(JsonSerializer.Serialize((InstanceTakenOver)outcome.Events[0]))!;
        JsonSerializer.Serialize(InstanceState.Evolve(null, stored)).ShouldBe(JsonSerializer.Serialize(InstanceState.Evolve(null, (InstanceTakenOver)outcome.Events[0])));
        InstanceRows.Between(null, s.Live).Upserts.ShouldBeEmpty("nothing of the predecessor is open");
        if (outcome.Events.Length == 1)
            InstanceRows.Between(null, next.Live).Upserts.Length.ShouldBe(InstanceRows.Between(null, before).Upserts.Length, "and everything is in the successor");
        return next;
    }

    private static Scenario Loop()
    {
        var s = new Scenario(new GraphBuilder("p").Start().Exclusive("top").Service("work", "t").End("never").Path("start", "top", "work").Flow("work", "top", id: "again").Flow("work", "never", "=false").Build());
        s.Start();
        return s;
    }
}
