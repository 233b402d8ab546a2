using System.Globalization;
using Countersign.Workers.Trail;
using Npgsql;

namespace Countersign.Benchmarks.Engines;

/// <summary>What one part costs the others: a tenant with a crowd the tenant beside it, the trail the commands.</summary>
internal static class Sharing
{
    private const string Kept = "kept";

    public static async Task Run(EngineRun run)
    {
        await Neighbour(run);
        await Trail(run);
    }

    private static async Task Neighbour(EngineRun run)
    {
        var node = await run.Node();
        Task Quiet(int number) => node.W1(number * BenchNode.Tenants);
        Task Loud(int number) => node.W1((number * BenchNode.Tenants) + 1);
        var crowds = new List<Measured>();
        async Task<Measured> Beside()
        {
            var loud = run.Load.Closed(run.Seconds + 2, run.Saturating, Loud);
            await Task.Delay(TimeSpan.FromSeconds(1));
            var measured = await run.Load.Open(run.Seconds, 20, Quiet);
            crowds.Add(await loud);
            return measured;
        }

        // Of a hundred answers in a round one pause of the machine makes the p99: so several rounds, by turns.
        var rounds = await Turns.Take(run.Rounds + 2, () => run.Load.Open(run.Seconds, 20, Quiet), Beside);
        run.Detail("neighbour", $"a tenant at 20/s, alone:                     {rounds.Of(0)}");
        run.Detail("neighbour", $"the same beside one that sends all it can:   {rounds.Of(1)}");
        run.Detail("neighbour", $"that one, {run.Saturating} clients:                    {crowds[^1]}");
        run.Judge("Noisy neighbour: another tenant's p99, against its quiet value", "at most 2.0", Turns.Median(rounds.Select(r => r[1].P99 / r[0].P99)), "x", most: 2);
    }

    private static async Task Trail(EngineRun run)
    {
        var without = await run.Node();
        await using var database = await run.Server.Open(Kept, writers: 46, more: new TrailTables());
        var folder = Path.Combine(run.Server.Folder, Kept);
        await using var with = await BenchNode.Start(database, acts: false, projects: false,
            trail: new TrailOptions { SecondPlace = Path.Combine(folder, "trail"), KeyFile = Path.Combine(folder, "trail.key") });
        await with.Publish(BenchProcesses.W1);
        var load = new Load(run.Server, Kept);
        await load.Closed(3, run.Saturating, with.W1);
        await Caught(database.Connections.Writer);
        var peak = (await run.Load.Closed(run.Seconds, run.Saturating, without.W1)).PerSecond;
        var rounds = await Turns.Take(run.Rounds, () => run.Load.Open(run.Round * 2, peak / 2, without.W1), () => load.Open(run.Round * 2, peak / 2, with.W1));
        run.Detail("trail", $"half of the peak, no trail:   {rounds.Of(0)}");
        run.Detail("trail", $"half of the peak, with trail: {rounds.Of(1)}");
        run.Judge("W1 at half of the peak with the trail, against without", "at least 0.9", rounds.Ratio(1, 0), "x", least: 0.9);
        var full = await Turns.Take(run.Rounds, () => run.Load.Closed(run.Round, run.Saturating, without.W1), () => load.Closed(run.Round, run.Saturating, with.W1));
        var behind = await Behind(database.Connections.Writer);
        var caught = await Caught(database.Connections.Writer);
        run.Detail("trail", $"all it can, no trail:         {full.Of(0)}");
        run.Detail("trail", string.Create(CultureInfo.InvariantCulture, $"all it can, with trail:       {full.Of(1)}; {behind} events behind at the end, none {caught.TotalSeconds:F1} s later"));
        run.Judge("W1 at the peak with the trail, against without", "", EngineRun.Short(full.Ratio(1, 0)) + " x", null);
        run.Judge("Events without a leaf, once the load is over", "none", await Behind(database.Connections.Writer), "", most: 0);
    }

    private static async Task<long> Behind(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select (select count(*) from cs.mt_events) - (select count(*) from cs.trail_leaves)");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static Task<TimeSpan> Caught(NpgsqlDataSource source) => Until(() => Behind(source));

    /// <summary>Waits until trail and projections have all events, so that what one load left to do is not charged to the next.</summary>
    internal static Task<TimeSpan> Settled(NpgsqlDataSource source) => Until(async () =>
    {
        await using var command = source.CreateCommand("""
            select greatest((select count(*) from cs.mt_events) - (select count(*) from cs.trail_leaves),
                (select max(seq_id) from cs.mt_events) - (select min(last_seq_id) from cs.mt_event_progression where name like '%:All'))
            """);
        return (long)(await command.ExecuteScalarAsync())!;
    });

    private static async Task<TimeSpan> Until(Func<Task<long>> behind)
    {
        var from = TimeProvider.System.GetTimestamp();
        while (await behind() > 0)
        {
            if (TimeProvider.System.GetElapsedTime(from) > TimeSpan.FromMinutes(2))
                throw new InvalidOperationException("The trail or a projection stands still: look at the node's log.");
            await Task.Delay(200);
        }

        return TimeProvider.System.GetElapsedTime(from);
    }
}
