using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Processes;
using Countersign.Domain.Tenants;

namespace Countersign.Benchmarks.Engines;

/// <summary>The engine alone: decide and fold, no database, one thread.</summary>
internal static class PureEngine
{
    private static readonly Actor Ana = new("ana", ActorKind.Person, [], ["clerks"]);
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly ImmutableDictionary<string, JsonElement> Input = ImmutableDictionary<string, JsonElement>.Empty
        .Add("amount", JsonSerializer.SerializeToElement(100)).Add("text", JsonSerializer.SerializeToElement(new string('x', 180)));

    public static Task Run(EngineRun run)
    {
        var graph = BenchNode.Compile(BenchProcesses.W1);
        var instances = run.Quick ? 20_000 : 60_000;
        Straight(graph, 5_000);
        GC.Collect();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var elements = Straight(graph, instances);
        var seconds = clock.Elapsed.TotalSeconds;
        var each = (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)elements;
        run.Detail("pure", string.Create(CultureInfo.InvariantCulture, $"W1: {elements / seconds:F0} elements/s, {instances / seconds:F0} instances/s, {each:F0} bytes allocated for each element"));
        run.Judge("Pure engine (W1, one thread): elements a second", "", EngineRun.Short(elements / seconds), null);
        run.Judge("Pure engine: bytes allocated for each element", "", EngineRun.Short(each), null);
        Looped(run);
        return Task.CompletedTask;
    }

    private static int Straight(ProcessGraph graph, int instances)
    {
        var elements = 0;
        for (var i = 0; i < instances; i++)
        {
            var state = Apply(graph, null, new StartInstance("tenant0001", new Guid(i, 0, 0, new byte[8]), Ana, graph.Key + ":1", Input), out var entered);
            elements += entered;
            if (!state.HasEnded)
                throw new InvalidOperationException("The instance did not end.");
        }

        return elements;
    }

    // One instance that goes round until it has ten thousand events and more; the same command costs the same early and late.
    private static void Looped(EngineRun run)
    {
        var graph = BenchNode.Compile(BenchProcesses.Loop);
        Loop(graph, 3_000, _ => { });
        var costs = new List<(int Events, double Micros)>();
        // The least of several rounds: a pause of the machine is nobody's cost.
        var (early, late) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round < 5; round++)
        {
            costs.Clear();
            Loop(graph, 11_000, costs.Add);
            early = Math.Min(early, Median(costs, 10, 1_010));
            late = Math.Min(late, Median(costs, 9_500, 10_500));
        }

        run.Detail("pure", string.Create(CultureInfo.InvariantCulture, $"loop: a command costs {early:F1} us between events 10 and 1,010, {late:F1} us between events 9,500 and 10,500"));
        run.Judge("Cost of a command, event 10,000 against event 10 (engine)", "flat: at most 1.3x", late / early, "x", most: 1.3);
    }

    private static void Loop(ProcessGraph graph, int events, Action<(int Events, double Micros)> cost)
    {
        var state = Apply(graph, null, new StartInstance("tenant0001", new Guid(1, 0, 0, new byte[8]), Ana, graph.Key + ":1", Input), out _);
        var again = ImmutableDictionary<string, JsonElement>.Empty.Add("finished", JsonSerializer.SerializeToElement(false));
        while (state.Events < events)
        {
            var from = Stopwatch.GetTimestamp();
            var before = state;
            state = Apply(graph, state, new CompleteJob("tenant0001", state.Id, Actor.System, state.Jobs.Keys.Single(), 1, again), out _);
            InstanceRows.Between(before, state);
            cost((state.Events, Stopwatch.GetElapsedTime(from).TotalMicroseconds));
        }
    }

    private static double Median(List<(int Events, double Micros)> costs, int from, int to)
    {
        var sorted = costs.Where(c => c.Events >= from && c.Events < to).Select(c => c.Micros).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static InstanceState Apply(ProcessGraph graph, InstanceState? state, InstanceCommand command, out int entered)
    {
        if (Engine.Decide(graph, state, command, DecideContext.Empty, Now) is not Outcome.Facts { Events: var facts })
            throw new InvalidOperationException("The engine refused.");
        entered = 0;
        foreach (var fact in facts)
        {
            state = InstanceState.Evolve(state, (IInstanceEvent)fact);
            entered += fact is ElementEntered or ElementPassed ? 1 : 0;
        }

        return state!;
    }
}
