namespace Countersign.Benchmarks.Engines;

/// <summary>Two nodes on one database, every command to either by chance, against one node that gets all.</summary>
internal static class TwoNodes
{
    public static async Task Run(EngineRun run)
    {
        var one = await run.Node();
        await using var other = await BenchNode.Start(await run.Database(), acts: false, projects: false);
        BenchNode Any() => Random.Shared.Next(2) == 0 ? one : other;
        await run.Load.Closed(1.5, 64, i => Any().W2(i, Any()));
        long Failed() => one.Runner.Statistics.FailedBatches + other.Runner.Statistics.FailedBatches;
        long Batches() => one.Runner.Statistics.Batches + other.Runner.Statistics.Batches;
        var (failed, batches) = (0L, 0L);
        var rounds = await Turns.Take(run.Rounds,
            () => run.Load.Closed(run.Round, run.Saturating, i => one.W2(i), () => one.Runner.Statistics.Commits),
            async () =>
            {
                var (failedBefore, batchesBefore) = (Failed(), Batches());
                var measured = await run.Load.Closed(run.Round, run.Saturating, i => Any().W2(i, Any()), () => one.Runner.Statistics.Commits + other.Runner.Statistics.Commits);
                failed += Failed() - failedBefore;
                batches += Batches() - batchesBefore;
                return measured;
            });
        run.Detail("two nodes", $"one, W2:                 {rounds.Of(0)}");
        run.Detail("two nodes", $"two, W2, random routing: {rounds.Of(1)}; {failed} of {batches} batches failed");
        run.Judge("Two runners with random routing, against one with affinity (W2)", "at least 0.6", rounds.Ratio(1, 0), "x", least: 0.6);
        run.Judge("Batches that failed with random routing", "under 1 %", 100.0 * failed / Math.Max(1, batches), "%", most: 0.999);
    }
}
