using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Countersign.Testing;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>Multi-instances with more repetitions than one instance holds: the same outcome, by instances of their own. The bound is 4 here instead of 1,000.</summary>
public sealed class SliceTests
{
    private const int Most = 4;

    public static TheoryData<bool, int> Counts => new(from sequential in (bool[])[false, true] from count in (int[])[4, 5, 8, 11, 40] select (sequential, count));

    [Theory]
    [MemberData(nameof(Counts))]
    public void What_comes_out_is_the_same_as_in_one_instance(bool sequential, int count)
    {
        var graph = new GraphBuilder("p").Start().Script("double", "=item * 2 + loopCounter", "twice").End().Path("start", "double", "end")
            .ForEach("double", "=items", sequential, outputs: ("results", "=twice")).Build();
        var whole = Run(graph, 1_000, new { items = Enumerable.Range(1, count) });
        var sliced = Run(graph, Most, new { items = Enumerable.Range(1, count) });
        whole.Called.ShouldBeEmpty();
        sliced.Called.Length.ShouldBe(count <= Most ? 0 : (count + Most - 1) / Most);
        sliced.Variable<int[]>("results").ShouldBe(Enumerable.Range(1, count).Select(i => 3 * i));
        sliced.Variable<int[]>("results").ShouldBe(whole.Variable<int[]>("results"));
        // The last to write a variable of the process has written it, there as here.
        sliced.Variable<int>("twice").ShouldBe(whole.Variable<int>("twice"));
        (sliced.Status, sliced.EndedAt).ShouldBe((InstanceStatus.Completed, "end"));
        sliced.Called.ShouldAllBe(c => c.Status == InstanceStatus.Completed && c.Graph == graph);
        sliced.Facts.Aggregate((InstanceState?)null, InstanceState.Evolve)!.Variables.Count.ShouldBe(sliced.State.Variables.Count);
    }

    [Fact]
    public void Of_several_steps_inside_a_slice_has_fewer_repetitions_and_a_sum_that_goes_through_all_of_them_is_right()
    {
        var graph = new GraphBuilder("p").Start().Sub("each", i => i.Start("in").Script("add", "=sum + item", "sum").End("out").Path("in", "add", "out")).End().Path("start", "each", "end")
            .ForEach("each", "=items", sequential: true).Build();
        var test = ProcessTest.Of(graph);
        test.Limits = test.Limits with { Repetitions = 12 };
        var instance = test.Start(new { items = Enumerable.Range(1, 30), sum = 0 });
        test.RunToEnd();
        instance.Variable<int>("sum").ShouldBe(465, "each slice begins with what the one before left");
        instance.Called.Length.ShouldBe(10, "three elements inside, so three repetitions in each");
        instance.Facts.OfType<RepetitionStarted>().Single().SliceSize.ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_completion_condition_is_looked_at_after_each_repetition_and_the_rest_is_no_longer_wanted(bool sequential)
    {
        var graph = new GraphBuilder("p").Start().User("ask", "approvers").End().Path("start", "ask", "end")
            .ForEach("ask", "=people", sequential, outputs: ("votes", "=vote"), until: "=numberOfCompletedInstances >= 3 and numberOfInstances = 9").Build();
        var test = ProcessTest.Of(graph);
        test.Limits = test.Limits with { Repetitions = Most };
        test.Person("ben").In("approvers").Completes("ask", values: new { vote = "yes" });
        var instance = test.Start(new { people = Enumerable.Range(1, 9) });
        test.RunToEnd();
        instance.Status.ShouldBe(InstanceStatus.Completed);
        instance.Facts.OfType<RepetitionSliceFinished>().Count().ShouldBe(3);
        instance.Variable<string?[]>("votes")!.Count(v => v == "yes").ShouldBe(3);
        instance.Variable<string?[]>("votes")!.Length.ShouldBe(9);
        instance.Called.ShouldAllBe(c => c.HasEnded);
        instance.Called.Count(c => c.Status == InstanceStatus.Completed).ShouldBe(3);
        instance.Called.Length.ShouldBe(sequential ? 3 : Most + 2, "as many at once as one instance would hold");
    }

    [Fact]
    public void Duties_hold_across_instances()
    {
        var graph = new GraphBuilder("p").Start().User("enter", "clerks").User("check", "clerks", separateFrom: ["enter"]).User("close", "clerks", separateFrom: ["check"]).End()
            .Path("start", "enter", "check", "close", "end").ForEach("check", "=items").Build();
        var test = ProcessTest.Of(graph);
        test.Limits = test.Limits with { Repetitions = Most };
        test.Person("ana").In("clerks");
        test.Person("ben").In("clerks");
        test.Person("cleo").In("clerks");
        var instance = test.Start(new { items = Enumerable.Range(1, 6) });
        instance.Complete("enter", "ana").Refusal.ShouldBeNull();
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        var slice = instance.Called[0];
        slice.Claim("check", "ana").Refusal!.Code.ShouldBe("task.separation_of_duties");
        foreach (var called in instance.Called)
        {
            while (!called.HasEnded)
                called.Complete("check", "ben").Refusal.ShouldBeNull();
        }

        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Claim("close", "ben").Refusal!.Code.ShouldBe("task.separation_of_duties");
        instance.Complete("close", "cleo").Refusal.ShouldBeNull();
        instance.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_thousand_repetitions_one_after_another_are_no_endless_loop()
    {
        var graph = new GraphBuilder("p").Start().Task("each").End().Path("start", "each", "end").ForEach("each", null, sequential: true, count: "=n").Build();
        foreach (var n in (int[])[999, 1_000, 1_001])
            Run(graph, 1_000, new { n }).Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void An_error_that_the_activity_catches_ends_all_slices_and_one_that_nothing_catches_stops_only_its_repetition()
    {
        var caught = Worked(b => b.BoundaryError("failed", "work", "E").Task("by-hand").Path("failed", "by-hand", "end"), out var test);
        test.Worker("t").Throws("E");
        test.RunToEnd();
        caught.Path.ShouldContain("by-hand");
        caught.Status.ShouldBe(InstanceStatus.Completed);
        caught.Called.ShouldAllBe(c => c.HasEnded);

        var open = Worked(b => b, out test);
        test.Worker("t").Throws("E").Completes(new { n = 1 });
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        open.HasEnded.ShouldBeFalse();
        open.Incidents.ShouldBeEmpty("it is the slice's matter");
        var stopped = open.Called.Single(c => !c.HasEnded);
        stopped.Incidents.ShouldHaveSingleItem().Code.ShouldBe("error.not_caught");
        stopped.RetryIncident();
        test.RunToEnd();
        open.Status.ShouldBe(InstanceStatus.Completed);
    }

    [Fact]
    public void A_boundary_event_of_the_activity_waits_once_and_ends_every_slice()
    {
        var instance = Worked(b => b.BoundaryTimer("late", "work", "PT1H").Task("give-up").Path("late", "give-up", "end"), out var test);
        test.AdvanceBy(TimeSpan.FromMinutes(59));
        instance.State.Timers.Count.ShouldBe(1);
        instance.Called.ShouldAllBe(c => !c.HasEnded && c.State.Timers.IsEmpty);
        test.AdvanceBy(TimeSpan.FromMinutes(2));
        instance.Path.ShouldContain("give-up");
        instance.Called.ShouldAllBe(c => c.Status == InstanceStatus.Cancelled);
    }

    [Fact]
    public void A_slice_that_is_cancelled_is_an_incident_whose_retry_hands_it_out_again()
    {
        var instance = Worked(b => b, out var test);
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Called[1].Cancel();
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Incidents.ShouldHaveSingleItem().Code.ShouldBe("call.failed");
        instance.WaitingFor.ShouldHaveSingleItem().IncidentId.ShouldNotBeNull();
        test.Worker("t").Completes(new { n = 1 });
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.HasEnded.ShouldBeFalse("its own part is missing");
        instance.RetryIncident();
        test.RunToEnd();
        instance.Status.ShouldBe(InstanceStatus.Completed);
        instance.Variable<int?[]>("out").ShouldBe(Enumerable.Repeat((int?)1, 10));
        instance.Called.Count(c => c.Status == InstanceStatus.Completed).ShouldBe(3);
    }

    [Fact]
    public void Several_failed_slices_are_one_retry_and_a_skipped_activity_keeps_what_is_there()
    {
        var instance = Worked(b => b, out var test);
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Called[0].Cancel();
        instance.Called[1].Cancel();
        test.Worker("t").Completes(new { n = 1 });
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Incidents.Length.ShouldBe(2);
        instance.RetryIncident();
        instance.Incidents.ShouldBeEmpty();
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Status.ShouldBe(InstanceStatus.Completed);

        var skipped = Worked(b => b, out test);
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        skipped.Called[0].Cancel();
        test.Worker("t").Completes(new { n = 1 });
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        var incident = skipped.State.Incidents.Keys.Single();
        var after = ((Outcome.Facts)Engine.Decide(skipped.Graph, skipped.State, new SkipIncident("testtenant", skipped.Id, Operator, incident, Vars(), "enough"), DecideContext.Empty, test.Now))
            .Events.Cast<IInstanceEvent>().Aggregate(skipped.State, InstanceState.Evolve);
        after.Status.ShouldBe(InstanceStatus.Completed);
        after.Variables[InstanceState.RootScope]["out"].EnumerateArray().Count(v => v.ValueKind == JsonValueKind.Number).ShouldBe(6);
        after.Variables[InstanceState.RootScope]["out"].GetArrayLength().ShouldBe(10);
    }

    [Fact]
    public void A_long_list_is_read_once_for_each_command_of_a_slice_and_many_steps_inside_are_no_endless_loop()
    {
        var graph = new GraphBuilder("p").Start().User("each").End().Path("start", "each", "end").ForEach("each", "=items").Build();
        var test = ProcessTest.Of(graph);
        var instance = test.Start(new { items = Enumerable.Range(1, 20_000) });
        test.AdvanceBy(TimeSpan.FromSeconds(1));
        instance.Called.Sum(c => c.Tasks.Length).ShouldBe(20_000);

        var sub = new GraphBuilder("p").Start().Sub("each", i => i.Start("in").Task("t").End("out").Path("in", "t", "out")).End().Path("start", "each", "end").ForEach("each", null, count: "=n").Build();
        Run(sub, 1_000, new { n = 1_000 }).Called.ShouldBeEmpty();
    }

    [Fact]
    public void A_suspended_instance_has_its_slices_stand_still_and_a_cancelled_one_ends_them()
    {
        var instance = Worked(b => b, out var test);
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Suspend();
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Called.ShouldAllBe(c => c.State.SuspendedAt != null);
        instance.Resume();
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Called.ShouldAllBe(c => c.State.SuspendedAt == null);
        instance.WaitingFor.ShouldHaveSingleItem().Sentence.ShouldBe("Waits until 'work' has been done 10 times: 0 of 10 so far; 3 instances of their own work on 10 more.");
        instance.Cancel();
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        instance.Called.ShouldAllBe(c => c.Status == InstanceStatus.Cancelled);
    }

    [Fact]
    public void What_would_mean_something_else_in_instances_of_their_own_is_refused_by_name()
    {
        Refused(b => b.Service("work", "t").Undo("undo", "work", "u")).ShouldContain("what 'work' did can be undone later");
        Refused(b => b.User("work", "clerks", separateFrom: ["work"])).ShouldContain("signed by another person than those of other repetitions");
        Refused(b => b.Sub("work", i => i.Start("in").User("enter").User("sign", separateFrom: ["enter"]).End("out").Path("in", "enter", "sign", "out"))).ShouldContain("'sign' is to be signed by another person");
        Refused(b => b.Script("work", "=sum + item", "sum")).ShouldContain("adds to the variable 'sum'");
        Refused(b => b.Parallel("both").User("beside").User("work", separateFrom: ["beside"]).Path("start", "both", "beside", "end").Path("both", "work"), from: "both").ShouldContain("which may still be signed beside it");
        Refused(b => b.Transaction("work", i => i.Start("in").Task("t").CancelEnd("out").Path("in", "t", "out")).BoundaryCancel("cancelled", "work").Flow("cancelled", "end")).ShouldContain("it is a transaction");
        Refused(b => b.Task("work"), 401).ShouldContain("would run 401 times, and 400 are allowed");
        Refused(b => b.Task("work"), 41, "=numberOfCompletedInstances > 2").ShouldContain("would run 41 times, and 40 are allowed where a condition is looked at after each");

        static string Refused(Func<GraphBuilder, GraphBuilder> work, int count = 5, string? until = null, string? from = null)
        {
            var test = ProcessTest.Of(work(new GraphBuilder("p").Start()).End().Path(from is null ? ["start", "work", "end"] : ["work", "end"]).ForEach("work", "=items", until: until).Build());
            test.Limits = test.Limits with { Repetitions = Most };
            var s = test.Start(new { items = Enumerable.Range(1, count) });
            s.Called.ShouldBeEmpty();
            return s.Incidents.ShouldHaveSingleItem().Message;
        }
    }

    [Fact]
    public void A_token_is_moved_in_the_whole_and_not_in_a_slice_and_reports_that_come_twice_count_once()
    {
        var instance = Worked(b => b, out var test);
        test.AdvanceBy(TimeSpan.FromMinutes(1));
        var slice = instance.Called[0];
        var moved = Engine.Decide(slice.Graph, slice.State, new ModifyInstance("testtenant", slice.Id, Operator, [], [new TokenPlace("end", null)], "out"), DecideContext.Empty, test.Now);
        Refusals.Of(moved).ShouldBe((RefusalKind.Invalid, "instance.no_place"));

        var (id, call) = instance.State.Calls.OrderBy(c => c.Value.Slice!.From).First();
        var report = new ReportCall("testtenant", instance.Id, Actor.System, id, CallReport.Completed, "completed", null, null, Vars(("out", new[] { 1, 2, 3, 4 }), ("n", 7)), []);
        var limited = DecideContext.Empty with { Limits = DecideLimits.Default with { Repetitions = Most } };
        var once = ((Outcome.Facts)Engine.Decide(instance.Graph, instance.State, report, limited, test.Now)).Events.Cast<IInstanceEvent>().Aggregate(instance.State, InstanceState.Evolve);
        once.Repetitions.Single().Value.Done.ShouldBe(call.Slice!.Count);
        Engine.Decide(instance.Graph, once, report, limited, test.Now).ShouldBe(Outcome.Nothing);
    }

    private static Actor Operator { get; } = new("otto", ActorKind.Person, [Role.Operator], []);

    private static ImmutableDictionary<string, JsonElement> Vars(params (string Name, object Value)[] values) => values.ToImmutableDictionary(v => v.Name, v => JsonSerializer.SerializeToElement(v.Value));

    private static TestInstance Run(ProcessGraph graph, int most, object variables)
    {
        var test = ProcessTest.Of(graph);
        test.Limits = test.Limits with { Repetitions = most };
        var instance = test.Start(variables);
        test.RunToEnd();
        return instance;
    }

    /// <summary>Ten pieces of outside work, in three slices.</summary>
    private static TestInstance Worked(Func<GraphBuilder, GraphBuilder> more, out ProcessTest test)
    {
        test = ProcessTest.Of(more(new GraphBuilder("p").Start().Service("work", "t").End().Path("start", "work", "end").ForEach("work", "=items", outputs: ("out", "=n"))).Build());
        test.Limits = test.Limits with { Repetitions = Most };
        return test.Start(new { items = Enumerable.Range(1, 10) });
    }
}
