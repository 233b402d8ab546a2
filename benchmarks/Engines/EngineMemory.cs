using System.Diagnostics;
using System.Globalization;
using Countersign.Projections.Databases;
using Countersign.Workers.Hosting;

namespace Countersign.Benchmarks.Engines;

/// <summary>
/// Memory of the engine under saturation, in a process that does nothing else: beside the hand-written loops, other nodes and what earlier loads left, nobody could say whose it is.
/// The clients are still in it.
/// </summary>
internal static class EngineMemory
{
    public const string Verb = "engine-memory";
    private const string Name = "memory";

    public static async Task Run(EngineRun run)
    {
        var memory = await Measure(run);
        run.Detail("memory", string.Create(CultureInfo.InvariantCulture, $"the engine and {run.Saturating} clients in a process of its own: {memory.PerSecond:F0}/s, working set at most {memory.Peak:F0} MB, managed heap {memory.Heap:F0} MB at the end"));
        run.Judge("Memory of the engine's process under W1 saturation, load generator included", "at most 250 MB", memory.Peak, "MB", most: 250);
    }

    /// <summary>What a process of its own used at most.</summary>
    private static async Task<EngineMemoryFigures> Measure(EngineRun run)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        // Started by dotnet, that is the program; the assembly is its first argument.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(typeof(EngineMemory).Assembly.Location);
        foreach (var argument in (string[])[Verb, run.Server.ConnectionString(Name), run.Server.Folder, run.Saturating.ToString(CultureInfo.InvariantCulture), run.Quick ? "15" : "40"])
            start.ArgumentList.Add(argument);
        // As the service has it.
        start.Environment["DOTNET_gcServer"] = "1";
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0 || text.Split('\n', StringSplitOptions.RemoveEmptyEntries) is not [.., var last] || last.Split(' ') is not [var rate, var peak, var heap])
            throw new InvalidOperationException("The engine in a process of its own gave no figures: " + text);
        return new EngineMemoryFigures(Number(rate), Number(peak), Number(heap));
    }

    /// <summary>The process of its own: connection string, folder of secrets, clients, seconds.</summary>
    public static async Task<int> Child(string[] args)
    {
        var options = new DatabaseOptions { ConnectionString = args[0], DataFolder = args[1], Pools = new PoolSizes { Writer = 23, Statements = 6, Reader = 4, Hangfire = 8, Migrator = 2 } };
        await using var database = await Database.Open(options, _ => { }, CancellationToken.None);
        await database.Migrate(CountersignWorkers.DatabaseParts(), _ => { }, CancellationToken.None);
        await using var node = await BenchNode.Start(database, acts: false, projects: false);
        await node.Publish(BenchProcesses.W1);
        var clients = int.Parse(args[2], CultureInfo.InvariantCulture);
        var peak = 0L;
        using var self = Process.GetCurrentProcess();
        // The first half compiles code and counts for the peak alone; the rate is that of the second, so that it can be compared with that of the other loads.
        var (done, seconds) = (0, double.Parse(args[3], CultureInfo.InvariantCulture));
        var clock = Stopwatch.StartNew();
        var next = -1;
        var loads = Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                await node.W1(Interlocked.Increment(ref next));
                if (clock.Elapsed.TotalSeconds > seconds / 2)
                    Interlocked.Increment(ref done);
            }
        })).ToArray();
        var all = Task.WhenAll(loads);
        while (!all.IsCompleted)
        {
            self.Refresh();
            peak = Math.Max(peak, self.WorkingSet64);
            await Task.WhenAny(all, Task.Delay(100));
        }

        await all;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done / (seconds / 2):F0} {peak / 1024.0 / 1024:F0} {GC.GetTotalMemory(forceFullCollection: false) / 1024.0 / 1024:F0}"));
        return 0;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>Instances a second, largest working set and managed heap in MB.</summary>
internal sealed record EngineMemoryFigures(double PerSecond, double Peak, double Heap);
