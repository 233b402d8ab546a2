using System.Globalization;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using CsCheck;
using Shouldly;
using Xunit;

namespace Countersign.Domain.Tests.Instances;

/// <summary>
/// Random processes and random histories. <see cref="Scenario"/> checks after every command what must always hold; here comes what every history has in
/// common. Each case is named by its seed and size, which CsCheck prints when one fails.
/// </summary>
public sealed class RandomHistoryTests(ITestOutputHelper output)
{
    private const string ByHand = "It does not end by itself.";
    private static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("COUNTERSIGN_RANDOM_CASES"), CultureInfo.InvariantCulture, out var cases) ? cases : 1_000;
    private static readonly Gen<(int Seed, int Size)> Case = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 14]);

    [Fact]
    public void Any_history_keeps_what_must_hold_and_any_process_can_be_brought_to_its_end()
    {
        var seen = new SortedDictionary<string, int>(StringComparer.Ordinal);
        Case.Sample(c =>
        {
            var s = Run(c.Seed, c.Size);
            if (!s.Facts<InstanceCancelled>().Any(e => e.Reason == ByHand))
                s.Live.Status.ShouldBe(InstanceStatus.Completed, string.Join("; ", WaitReasons.Of(s.Graph, s.Live).Select(r => r.ElementId + ": " + r.Sentence)));
            foreach (var fact in s.History)
                seen[fact.GetType().Name] = seen.GetValueOrDefault(fact.GetType().Name) + 1;
        }, output.WriteLine, iter: Cases, threads: 1);
        foreach (var (fact, count) in seen)
            output.WriteLine(FormattableString.Invariant($"{count,7} {fact}"));
        // A generator that no longer reaches a kind of fact would make this test say less than it seems to.
        Type[] elsewhere = [typeof(InstanceMigrated), typeof(DecisionRecorded), typeof(DecisionReviewed), typeof(StepsTaken), typeof(InstanceLimitNeared), typeof(InstanceLimitRaised), typeof(RepetitionSliceFinished), typeof(InstanceContinued), typeof(InstanceTakenOver)];
        seen.Keys.ShouldBe(EventCatalogue.Types.Except(elsewhere).Select(t => t.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    // A token was put into a sub-process that was being undone, and outlived it.
    [InlineData(336524963, 8)]
    // Variables that begin a path by their change were changed back by it.
    [InlineData(1117649046, 9)]
    public void What_once_broke_holds(int seed, int size) => Run(seed, size).Live.HasEnded.ShouldBeTrue();

    [Fact]
    public void The_same_seed_gives_the_same_facts() =>
        Case.Sample(c => Log(Run(c.Seed, c.Size)).ShouldBe(Log(Run(c.Seed, c.Size))), output.WriteLine, iter: Math.Max(20, Cases / 10), threads: 1);

    private static string Log(Scenario s) => string.Join('\n', s.History.Select(e => System.Text.Json.JsonSerializer.Serialize(e, e.GetType())));

    /// <summary>One random history of one random process, to its end.</summary>
    internal static Scenario Run(int seed, int size)
    {
        var s = new Scenario(RandomProcess.Of(seed, size));
        var random = new Random(seed ^ size);
        s.Start(("a", random.Next(5)));
        // First anything goes; then only what leads to the end.
        for (var step = 0; step < 3_000 && !s.Live.HasEnded; step++)
        {
            // Where an operator moved tokens a join may starve or a path begin again and again, and an event that does not interrupt may begin what raises it:
            // such a history is brought to its end by hand.
            var endless = s.Live.Tokens.Count > 60 || (step >= 150 && s.Facts<InstanceModified>().Any());
            var command = endless ? new CancelInstance("acmefinance", Scenario.Id, Scenario.Otto, ByHand) : Choose(s, random, wild: step < 40);
            var outcome = s.Do(command);
            if (s.Live.HasEnded)
                break;
            // What a variable was set to may have begun a path that set it to something else; then the same again is a change.
            if (command is not SetVariables set || set.Variables.All(v => s.Live.Variables[InstanceState.RootScope].TryGetValue(v.Key, out var now) && now.GetRawText() == v.Value.GetRawText()))
                s.Do(command).ShouldNotBeOfType<Outcome.Facts>($"asked twice must add nothing: {command}");
            if (step < 40 && random.Next(8) == 0)
                s.Now = s.Now.AddMinutes(random.Next(1, 60));
            _ = outcome;
        }

        return s;
    }

    internal static InstanceCommand Choose(Scenario s, Random random, bool wild)
    {
        var live = s.Live;
        const string Tenant = "acmefinance";
        var open = new List<Func<InstanceCommand>>();
        foreach (var (id, job) in live.Jobs.Where(j => !j.Value.Failed).OrderBy(j => InsideId.SequenceOf(j.Key)))
        {
            open.Add(() => new CompleteJob(Tenant, Scenario.Id, Actor.System, id, job.Attempt, Scenario.Vars(("a", random.Next(5)), ("out", random.Next(5)))));
            if (!wild)
                continue;
            open.Add(() => new FailJob(Tenant, Scenario.Id, Actor.System, id, job.Attempt, "e", "It failed.", random.Next(4) > 0));
            open.Add(() => new ThrowJobError(Tenant, Scenario.Id, Actor.System, id, job.Attempt, random.Next(2) == 0 ? "E" : "X", "It went wrong.", Scenario.Vars()));
        }

        foreach (var (id, task) in live.Tasks.OrderBy(t => InsideId.SequenceOf(t.Key)))
        {
            var who = task.Assignee == "cleo" ? Scenario.Cleo : Scenario.Ben;
            open.Add(() => new CompleteTask(Tenant, Scenario.Id, who, id, "complete", null, null, Scenario.Vars(("a", random.Next(5)))));
            if (!wild)
                continue;
            open.Add(() => new ClaimTask(Tenant, Scenario.Id, random.Next(2) == 0 ? Scenario.Ben : Scenario.Cleo, id));
            open.Add(() => new ReleaseTask(Tenant, Scenario.Id, Scenario.Otto, id));
            open.Add(() => new ReassignTask(Tenant, Scenario.Id, Scenario.Otto, id, Scenario.Cleo, "random"));
        }

        foreach (var (id, timer) in live.Timers.OrderBy(t => InsideId.SequenceOf(t.Key)))
        {
            open.Add(() =>
            {
                s.Now = timer.DueAt > s.Now ? timer.DueAt : s.Now;
                return new FireTimer(Tenant, Scenario.Id, Actor.System, id);
            });
        }

        foreach (var (id, _) in live.Subscriptions.Where(t => t.Value.Kind != SubscriptionKind.Condition).OrderBy(t => InsideId.SequenceOf(t.Key)))
            open.Add(() => new CorrelateMessage(Tenant, Scenario.Id, Actor.System, id, "m" + random.Next(3), Scenario.Vars(("a", random.Next(5)))));
        foreach (var (id, call) in live.Calls.Where(c => !c.Value.Failed).OrderBy(t => InsideId.SequenceOf(t.Key)))
        {
            open.Add(() => new ReportCall(Tenant, Scenario.Id, Actor.System, id, CallReport.Completed, "completed", null, null, Scenario.Vars(("a", random.Next(5)))));
            if (wild)
                open.Add(() => new ReportCall(Tenant, Scenario.Id, Actor.System, id, (CallReport)(1 + random.Next(3)), "r" + random.Next(3), random.Next(2) == 0 ? "E" : "high", "It ended.", Scenario.Vars()));
        }

        // Somebody may wait until a variable changes, and nothing else would change it.
        if (live.Subscriptions.Values.Any(t => t.Kind == SubscriptionKind.Condition))
            open.Add(() => new SetVariables(Tenant, Scenario.Id, Scenario.Otto, Scenario.Vars(("a", random.Next(5))), "random"));
        foreach (var (id, incident) in live.Incidents.OrderBy(t => InsideId.SequenceOf(t.Key)))
        {
            // A correlation key that was null needs a value before trying again helps.
            open.Add(() => incident.Code is "message.failed" or "multi-instance.count" && random.Next(2) == 0
                ? new SetVariables(Tenant, Scenario.Id, Scenario.Otto, Scenario.Vars(("a", 1 + random.Next(1000))), "correcting")
                : new RetryIncident(Tenant, Scenario.Id, Scenario.Otto, id, "random"));
        }

        if (wild && random.Next(12) == 0)
            open.Add(() => Operation(s, random));
        if (live.SuspendedAt is not null)
            return open.Count > 0 && random.Next(3) == 0 ? open[random.Next(open.Count)]() : new ResumeInstance(Tenant, Scenario.Id, Scenario.Otto, "random");
        if (wild && random.Next(6) == 0)
            open.Add(() => new SetVariables(Tenant, Scenario.Id, Scenario.Otto, Scenario.Vars(("a", random.Next(5)), ("b", null)), "random"));
        open.ShouldNotBeEmpty($"a running instance always waits for something: {string.Join("; ", WaitReasons.Of(s.Graph, live))}");
        return open[random.Next(open.Count)]();
    }

    /// <summary>What an operator does: stops, moves tokens, skips or reroutes an incident. Most of it at random places, so much of it is refused.</summary>
    private static InstanceCommand Operation(Scenario s, Random random)
    {
        const string Tenant = "acmefinance";
        var elements = s.Graph.Nodes;
        var element = elements[random.Next(elements.Length)].Id;
        var tokens = s.Live.Tokens.Keys.OrderBy(InsideId.SequenceOf).ToList();
        var incident = s.Live.Incidents.Keys.OrderBy(InsideId.SequenceOf).FirstOrDefault();
        return random.Next(5) switch
        {
            0 => new SuspendInstance(Tenant, Scenario.Id, Scenario.Otto, "random"),
            1 when incident is not null => new SkipIncident(Tenant, Scenario.Id, Scenario.Otto, incident, Scenario.Vars(("a", random.Next(5))), "random"),
            2 when incident is not null => new RerouteIncident(Tenant, Scenario.Id, Scenario.Otto, incident, element, "random"),
            3 when tokens.Count > 0 => new ModifyInstance(Tenant, Scenario.Id, Scenario.Otto, [tokens[random.Next(tokens.Count)]], [new TokenPlace(element)], "random"),
            _ => new SuspendInstance(Tenant, Scenario.Id, Scenario.Otto, "random"),
        };
    }
}
