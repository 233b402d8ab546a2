using System.Globalization;

namespace Countersign.Benchmarks.Engines;

/// <summary>W1 and W2: steps without outside effect, many in one commit.</summary>
internal static class FusedLoads
{
    public static async Task Run(EngineRun run)
    {
        var hand = await run.Hand();
        var node = await run.Node();
        Func<long> commits = () => node.Runner.Statistics.Commits;
        await run.Server.Checkpoint();
        var size = await Size(run);
        var first = await run.Load.Closed(run.Seconds, run.Saturating, node.W1, commits);
        var grown = (await Size(run) - size) / (double)first.Count;
        var w1 = await Compare(run, "W1", hand.W1, node.W1, hand, commits);
        var w2 = await Compare(run, "W2", hand.W2, i => node.W2(i), hand, commits);
        run.Judge("CPU of W1, all processes", "at most 0.5 ms", w1.Cpu, "ms", most: 0.5);
        run.Judge("CPU of W2, all processes", "at most 0.5 ms", w2.Cpu, "ms", most: 0.5);
        run.Judge("Write commits of W1 under load", "at most 0.2", w1.Commits, "", most: 0.2);
        run.Judge("Write commits of W2 under load", "at most 0.4", w2.Commits, "", most: 0.4);
        run.Judge("Write-ahead log of W1", "at most 4 KB", w1.Wal / 1024, "KB", most: 4);
        run.Judge("Table growth of W1", "at most 4.5 KB", grown / 1024, "KB", most: 4.5);
        await Alone(run, node, commits);
        await Calm(run, node, hand);
        await Crowd(run, node);
    }

    private static async Task<Measured> Compare(EngineRun run, string name, Func<int, bool, Task> byHand, Func<int, Task> ours, HandLoops hand, Func<long> commits)
    {
        var rounds = await Turns.Take(run.Rounds,
            () => run.HandLoad.Closed(run.Round, run.Connections, i => byHand(i, false), () => hand.Commits),
            () => run.HandLoad.Closed(run.Round, run.Saturating, i => byHand(i, true), () => hand.Commits),
            () => run.Load.Closed(run.Round, run.Saturating, ours, commits));
        run.Detail(name, $"by hand, a commit for each step: {rounds.Of(0)}");
        run.Detail(name, $"by hand, grouped commits:        {rounds.Of(1)}");
        run.Detail(name, $"engine, {run.Saturating} clients:             {rounds.Of(2)}");
        run.Judge($"{name}, against the floor with a commit for each step", "at least 1.0", rounds.Ratio(2, 0), "x", least: 1.0);
        run.Judge($"{name}, against grouped commits by hand", "", EngineRun.Short(rounds.Ratio(2, 1)) + " x", null);
        run.Judge($"CPU of {name}, against the floor's", "0.5 of 0.7 ms: at most 0.71", rounds.Of(2).Cpu / rounds.Of(0).Cpu, "x", most: 0.71);
        return rounds.Of(2);
    }

    private static async Task Alone(EngineRun run, BenchNode node, Func<long> commits)
    {
        var w1 = await run.Load.Closed(run.Seconds / 3, 1, node.W1, commits);
        var w2 = await run.Load.Closed(run.Seconds / 3, 1, i => node.W2(i), commits);
        run.Detail("W1", $"alone: {w1}");
        run.Detail("W2", $"alone: {w2}");
        run.Judge("Write commits of W1 and W2 alone", "1 and 2", string.Create(CultureInfo.InvariantCulture, $"{w1.Commits:0.00} and {w2.Commits:0.00}"), w1.Commits <= 1.01 && w2.Commits <= 2.01);
    }

    private static async Task Calm(EngineRun run, BenchNode node, HandLoops hand)
    {
        // Enough of them that the slowest hundredth is more than one or two.
        var seconds = run.Quick ? 15 : 30;
        // What the loads before left to the server to write is not what a lone command waits for; nor is the compiling of its way through the code.
        await run.Server.Checkpoint();
        await run.Load.Open(3, 40, node.W1);
        await run.Load.Open(3, 40, i => node.W2(i));
        var floor = await run.HandLoad.Open(seconds, 20, i => hand.W1(i, false));
        run.Detail("W1", $"20/s, by hand, a commit for each step: {floor}");
        var w1 = await run.Load.Open(seconds, 20, node.W1);
        var w2 = await run.Load.Open(seconds, 20, i => node.W2(i));
        run.Detail("W1", $"20/s: {w1}");
        run.Detail("W2", $"20/s: {w2}");
        run.Judge("W1 at 20/s, p50 / p99", "6 / 18 ms", string.Create(CultureInfo.InvariantCulture, $"{w1.P50:0.0} / {w1.P99:0.0} ms"), w1.P50 <= 6 && w1.P99 <= 18);
        run.Judge("W2 at 20/s, p50 / p99", "7 / 20 ms", string.Create(CultureInfo.InvariantCulture, $"{w2.P50:0.0} / {w2.P99:0.0} ms"), w2.P50 <= 7 && w2.P99 <= 20);
    }

    // Peak and crowd by turns, so that a change of the machine in between hits both.
    private static async Task Crowd(EngineRun run, BenchNode node)
    {
        var rounds = await Turns.Take(run.Rounds, () => run.Load.Closed(run.Round, run.Saturating, node.W1), () => run.Load.Closed(run.Round, run.Saturating * 4, node.W1));
        run.Detail("W1", $"{run.Saturating * 4} clients: {rounds.Of(1)}");
        run.Judge("W1 at four times the saturating clients, against the peak", "at least 0.95", rounds.Ratio(1, 0), "x", least: 0.95);
    }

    private static async Task<long> Size(EngineRun run)
    {
        var database = await run.Database();
        await using var command = database.Connections.Migrator.CreateCommand("""
            select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'cs' and c.relkind in ('r', 'p') and c.relname not like '%high_water%'
            """);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
