using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>
/// G11 in process: twelve reference processes run to their end; then each again with a crash after every fact, in three ways: before the commit (the
/// command is lost and comes again), after it (the command comes twice, the state is read from what was stored), and after an effect (a job's work is
/// done and reported a second time). The facts must be those of the run without a crash.
/// </summary>
public sealed class CrashTests
{
    private const string Tenant = "acmefinance";

    public static TheoryData<string> Names => [.. Processes.Keys.Order(StringComparer.Ordinal)];

    internal static Dictionary<string, ProcessGraph> Processes { get; } = new()
    {
        ["straight"] = new GraphBuilder("straight").Start().Task("a").Service("b", "t").End().Path("start", "a", "b", "end").Build(),
        ["approval"] = new GraphBuilder("approval").Start().Service("read", "t").User("sign").Service("book", "t").End().Path("start", "read", "sign", "book", "end").Build(),
        ["parallel"] = new GraphBuilder("parallel").Start().Parallel("and").Service("a", "t").Service("b", "t").Parallel("join").End().Path("start", "and", "a", "join", "end").Path("and", "b", "join").Build(),
        ["inclusive"] = new GraphBuilder("inclusive").Start().Inclusive("or").Service("a", "t").Service("b", "t").Inclusive("join").End().Path("start", "or", "a", "join", "end").Path("or", "b", "join").Build(),
        ["timer"] = new GraphBuilder("timer").Start().User("sign").BoundaryTimer("nag", "sign", "R2/PT1H", false).Task("remind").End("reminded").End().Path("start", "sign", "end").Path("nag", "remind", "reminded").Build(),
        ["message"] = new GraphBuilder("message").Start().EventBased("first").Message("news", "news").Timer("late", "PT1H").Exclusive("x").End().Path("start", "first", "news", "x", "end").Path("first", "late", "x").Build(),
        ["each"] = new GraphBuilder("each").Start().Service("check", "t").ForEach("check", "=[1, 2, 3]", sequential: true, outputs: ("all", "=item")).Service("sum", "t").ForEach("sum", "=[4, 5]").End().Path("start", "check", "sum", "end").Build(),
        ["loop"] = new GraphBuilder("loop").Start().Service("try", "t").While("try", "=true", most: 3).End().Path("start", "try", "end").Build(),
        ["undo"] = new GraphBuilder("undo").Start().Service("book", "t").Undo("unbook", "book", "u").Sub("trip", b => b.Start("in").Service("fly", "t").Undo("unfly", "fly", "u").End("out").Path("in", "fly", "out"))
            .Compensate("back").End().Path("start", "book", "trip", "back", "end").Build(),
        ["cancel"] = new GraphBuilder("cancel").Start().Transaction("tx", b => b.Start("in").Service("hold", "t").Undo("release", "hold", "u").CancelEnd("no").Path("in", "hold", "no"))
            .BoundaryCancel("over", "tx").Exclusive("x").End().Path("start", "tx", "x", "end").Path("over", "x").Build(),
        ["events"] = new GraphBuilder("events").Start().Service("slow", "t").Condition("until", "=n > 1").ThrowSignal("shout", "go").End().Path("start", "slow", "until", "shout", "end")
            .On("ask", ElementKind.MessageStart, "question", false, i => i.User("answer").End("answered").Path("ask-start", "answer", "answered")).Build(),
        ["call"] = new GraphBuilder("call").Start().Call("pay", "payment").BoundaryEscalation("told", "pay", null, false).Task("tell").End("informed").End().Path("start", "pay", "end").Path("told", "tell", "informed").Build(),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_crash_after_any_fact_ends_as_a_run_without_one(string name)
    {
        var graph = Processes[name];
        var (whole, commands) = Run(graph, -1);
        whole[^1].ShouldStartWith(nameof(InstanceCompleted));
        for (var crash = 0; crash < whole.Count; crash++)
        {
            var (again, _) = Run(graph, crash);
            again.ShouldBe(whole, $"crash after fact {crash} of {whole.Count}");
        }

        commands.ShouldBeGreaterThan(1);
    }

    /// <summary>Runs to the end; the crash comes after the fact with this number, wherever in its command that is.</summary>
    private static (List<string> Log, int Commands) Run(ProcessGraph graph, int crashAfter)
    {
        var (log, now, state) = (new List<string>(), Scenario.Monday, (InstanceState?)null);
        InstanceCommand? command = new StartInstance(Tenant, Scenario.Id, Scenario.Ana, graph.Key + ":1", Scenario.Vars(("n", 1)));
        var commands = 0;
        while (command is not null && ++commands < 100)
        {
            var facts = Decide(graph, state, command, now);
            var crashesHere = crashAfter >= log.Count && crashAfter < log.Count + facts.Count;
            // Before the commit: what was decided is gone, and the same command comes again to a node that reads what was stored.
            if (crashesHere)
                facts = Decide(graph, Scenario.Reloaded(state), command, now);
            foreach (var fact in facts)
            {
                state = InstanceState.Evolve(state, fact);
                log.Add(fact.GetType().Name + " " + JsonSerializer.Serialize(fact, fact.GetType()));
            }

            // After the commit, before the answer: the command comes again, for jobs this is the effect done twice.
            if (crashesHere)
            {
                state = Scenario.Reloaded(state);
                Engine.Decide(graph, state, command, DecideContext.Empty, now).ShouldNotBeOfType<Outcome.Facts>($"{command} came twice");
            }

            (command, now) = Next(state!, now);
        }

        return (log, commands);
    }

    private static List<IInstanceEvent> Decide(ProcessGraph graph, InstanceState? state, InstanceCommand command, DateTimeOffset now) =>
        Engine.Decide(graph, state, command, DecideContext.Empty, now) is Outcome.Facts facts ? [.. facts.Events.Cast<IInstanceEvent>()] : [];

    /// <summary>What the world does next: always the oldest thing that waits.</summary>
    private static (InstanceCommand? Command, DateTimeOffset Now) Next(InstanceState state, DateTimeOffset now)
    {
        if (state.HasEnded)
            return (null, now);
        var open = state.Jobs.Select(j => (j.Key, At: now, Command: (InstanceCommand)new CompleteJob(Tenant, Scenario.Id, Actor.System, j.Key, j.Value.Attempt, Scenario.Vars(("n", 2)))))
            .Concat(state.Timers.Select(t => (t.Key, At: t.Value.DueAt, Command: (InstanceCommand)new FireTimer(Tenant, Scenario.Id, Actor.System, t.Key))))
            .Concat(state.Subscriptions.Where(s => s.Value.Kind == SubscriptionKind.Message && s.Value.Seen.IsEmpty).Select(s => (s.Key, At: now, Command: (InstanceCommand)new CorrelateMessage(Tenant, Scenario.Id, Actor.System, s.Key, "m", Scenario.Vars()))))
            .Concat(state.Calls.Select(c => (c.Key, At: now, Command: (InstanceCommand)new ReportCall(Tenant, Scenario.Id, Actor.System, c.Key, c.Value.Seen.IsEmpty ? CallReport.Escalation : CallReport.Completed, c.Value.Seen.IsEmpty ? "1" : "2", null, null, Scenario.Vars()))))
            .OrderBy(c => c.At).ThenBy(c => InsideId.SequenceOf(c.Key)).ToList();
        // People come last, so that reminders are sent.
        if (open.Count == 0 && state.Tasks.Keys.OrderBy(InsideId.SequenceOf).FirstOrDefault() is { } task)
            return (new CompleteTask(Tenant, Scenario.Id, Scenario.Ben, task, "complete", null, null, Scenario.Vars()), now);
        return open.Count == 0 ? (null, now) : (open[0].Command, open[0].At > now ? open[0].At : now);
    }
}
