using System.Globalization;

namespace Countersign.Benchmarks.Engines;

/// <summary>W1e: three effects by workers in the process, intent and result recorded. W4: an inference through Hangfire to a null model.</summary>
internal static class EffectLoads
{
    // What peers reached beside a floor of 3,100 W1 a second (performance.md of the design): Restate 778, DBOS 270, Elsa a commit for each activity 19, n8n 22.
    private const double Floor = 3_100;

    public static async Task Run(EngineRun run)
    {
        await (await run.Node()).Publish(BenchProcesses.W1e);
        var hand = await run.Hand();
        await run.Release();
        await using var node = await BenchNode.Start(await run.Database(), acts: true, projects: false);
        Func<long> commits = () => node.Runner.Statistics.Commits;
        await run.Load.Closed(2, 32, i => node.Worked(i, "w1e:1"));
        var rounds = await Turns.Take(run.Rounds,
            () => run.HandLoad.Closed(run.Round, run.Connections, i => hand.W1(i, false), () => hand.Commits),
            () => run.HandLoad.Closed(run.Round, run.Connections, i => hand.W1e(i, false), () => hand.Commits),
            () => run.HandLoad.Closed(run.Round, run.Saturating, i => hand.W1e(i, true), () => hand.Commits),
            () => run.Load.Closed(run.Round, run.Saturating, i => node.Worked(i, "w1e:1"), commits));
        run.Detail("W1e", $"by hand, W1, a commit for each step:   {rounds.Of(0)}");
        run.Detail("W1e", $"by hand, a commit for each outside event: {rounds.Of(1)}");
        run.Detail("W1e", $"by hand, grouped commits:              {rounds.Of(2)}");
        run.Detail("W1e", $"engine, {run.Saturating} clients:                   {rounds.Of(3)}");
        run.Judge("W1e, against grouped commits by hand", "at least 0.5", rounds.Ratio(3, 2), "x", least: 0.5);
        run.Judge("W1e, against a commit for each outside event by hand", "", EngineRun.Short(rounds.Ratio(3, 1)) + " x", null);
        var ofFloor = rounds.Ratio(3, 0);
        foreach (var (peer, rate, times) in new[] { ("Restate", 778.0, 1.0), ("DBOS", 270, 3), ("Elsa, a commit for each activity", 19, 10), ("n8n", 22, 10) })
            run.Judge($"W1e, against {peer} (its rate beside the floor)", string.Create(CultureInfo.InvariantCulture, $"at least {times:0.0}"), ofFloor * Floor / rate, "x", least: times);
        var alone = await run.Load.Closed(run.Seconds / 3, 1, i => node.Worked(i, "w1e:1"), commits);
        run.Detail("W1e", $"alone: {alone}");
        var calm = await run.Load.Open(Math.Max(5, run.Seconds), 20, i => node.Worked(i, "w1e:1"));
        run.Detail("W1e", $"20/s: {calm}");
        run.Judge("W1e at 20/s, p50 / p99", "", string.Create(CultureInfo.InvariantCulture, $"{calm.P50:0.0} / {calm.P99:0.0} ms"), null);
    }

    public static async Task Models(EngineRun run)
    {
        await (await run.Node()).Publish(BenchProcesses.W4);
        await run.Release();
        await using var node = await BenchNode.Start(await run.Database(), acts: true, projects: false);
        Func<long> commits = () => node.Runner.Statistics.Commits;
        await run.Load.Closed(1, 8, i => node.Worked(i, "w4:1"));
        var w4 = await run.Load.Closed(run.Seconds, 32, i => node.Worked(i, "w4:1"), commits);
        run.Detail("W4", $"32 clients: {w4}");
        run.Judge("W4 (Hangfire, null model)", "at least 100/s", w4.PerSecond, "/s", least: 100);
        var calm = await run.Load.Open(Math.Max(5, run.Seconds), 20, i => node.Worked(i, "w4:1"));
        run.Detail("W4", $"20/s: {calm}");
        run.Judge("W4 at 20/s, p99", "at most 2 s", calm.P99 / 1_000, "s", most: 2);
    }
}
