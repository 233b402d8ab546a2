using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Workers.Instances;

namespace Countersign.Benchmarks.Engines;

/// <summary>What the runner's bounds were chosen by: batch size and writers on W2, cache and snapshots on instances with a history.</summary>
internal static class Choices
{
    private static readonly ImmutableDictionary<string, JsonElement> Again = ImmutableDictionary<string, JsonElement>.Empty.Add("finished", JsonSerializer.SerializeToElement(false));

    public static async Task Run(EngineRun run)
    {
        await run.Node();
        await run.Release();
        foreach (var (writers, batch) in new[] { (1, 100), (2, 1), (2, 10), (2, 100), (2, 400), (4, 100) })
            await W2(run, writers, batch);
        foreach (var (cached, every) in new[] { (5_000, 100), (0, 10), (0, 100), (0, 1_000_000) })
            await History(run, cached, every);
    }

    private static async Task W2(EngineRun run, int writers, int batch)
    {
        await using var node = await BenchNode.Start(await run.Database(), acts: false, projects: false, new RunnerOptions { Writers = writers, BatchCommands = batch });
        await run.Load.Closed(1, 64, i => node.W2(i));
        var measured = await run.Load.Closed(run.Round, run.Saturating, i => node.W2(i), () => node.Runner.Statistics.Commits);
        run.Choice("batch", string.Create(CultureInfo.InvariantCulture, $"{writers} writers, {batch,3} commands at most"), measured);
    }

    // Instances that come back again and again, each with some hundred events behind it.
    private static async Task History(EngineRun run, int cached, int every)
    {
        await using var node = await BenchNode.Start(await run.Database(), acts: false, projects: false, new RunnerOptions { CachedStates = cached, SnapshotEvery = every });
        var states = new InstanceState[32];
        for (var i = 0; i < states.Length; i++)
            states[i] = (await node.Start(i, "loop:1")).State!;
        async Task Next(int number)
        {
            var client = number % states.Length;
            states[client] = (await node.Execute(new CompleteJob(BenchNode.Tenant(client), states[client].Id, Actor.System, states[client].Jobs.Keys.Single(), 1, Again))).State!;
        }

        // One hand at each instance, so that each goes on from its own last state.
        async Task Round(int rounds)
        {
            for (var i = 0; i < rounds; i++)
                await Task.WhenAll(Enumerable.Range(0, states.Length).Select(Next));
        }

        await Round(50);
        var measured = await run.Load.Closed(0.01, 1, _ => Round(run.Quick ? 20 : 60));
        var commands = (run.Quick ? 20 : 60) * states.Length;
        run.Choice("history", string.Create(CultureInfo.InvariantCulture, $"{(cached == 0 ? "no cache, " : "cache, ")}{(every > 100_000 ? "no snapshots" : $"snapshot every {every} events")}"),
            measured with { PerSecond = measured.PerSecond * commands, Cpu = measured.Cpu / commands, Wal = measured.Wal / commands, Rows = measured.Rows / commands, Transactions = measured.Transactions / commands });
    }
}
