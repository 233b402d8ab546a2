using System.Collections.Concurrent;
using System.Diagnostics;

namespace Countersign.Benchmarks.Engines;

/// <summary>What one load came to; everything after <see cref="P99"/> is for each instance.</summary>
internal sealed record Measured(double PerSecond, double P50, double P95, double P99, double Cpu, double Wal, double Rows, double Transactions, double Commits, int Count)
{
    public override string ToString() => $"{PerSecond,7:F0}/s  p50 {P50,6:F1}  p95 {P95,6:F1}  p99 {P99,6:F1} ms  CPU {Cpu,6:F2} ms  WAL {Wal,7:F0} B  rows {Rows,6:F1}  transactions {Transactions,6:F2}"
        + (Commits < 0 ? "" : $"  write commits {Commits,6:F3}");
}

/// <summary>Drives a load and reads what it cost, of this process and of the server.</summary>
internal sealed class Load(BenchServer server, string database)
{
    /// <summary>Each client sends its next instance as soon as the last has ended.</summary>
    /// <param name="seconds">How long.</param>
    /// <param name="clients">How many at once.</param>
    /// <param name="instance">One instance from start to end.</param>
    /// <param name="commits">Write commits so far; null when they are not counted.</param>
    /// <param name="alsoCpu">Processor time of other processes that take part.</param>
    public Task<Measured> Closed(double seconds, int clients, Func<int, Task> instance, Func<long>? commits = null, Func<TimeSpan>? alsoCpu = null) =>
        Measure(commits, alsoCpu, async latencies =>
        {
            var clock = Stopwatch.StartNew();
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
            {
                while (clock.Elapsed.TotalSeconds < seconds)
                    latencies.Add(await Timed(instance, Interlocked.Increment(ref next)));
            })));
        });

    /// <summary>Instances begin at a fixed rate, whether the last has ended or not.</summary>
    public Task<Measured> Open(double seconds, double perSecond, Func<int, Task> instance, Func<TimeSpan>? alsoCpu = null) => Measure(null, alsoCpu, async latencies =>
    {
        var clock = Stopwatch.StartNew();
        var running = new List<Task>();
        for (var i = 0; i < seconds * perSecond; i++)
        {
            var wait = TimeSpan.FromSeconds(i / perSecond) - clock.Elapsed;
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait);
            var number = i;
            running.Add(Task.Run(async () => latencies.Add(await Timed(instance, number))));
        }

        await Task.WhenAll(running);
    });

    private async Task<Measured> Measure(Func<long>? commits, Func<TimeSpan>? alsoCpu, Func<ConcurrentBag<double>, Task> load)
    {
        var latencies = new ConcurrentBag<double>();
        GC.Collect();
        var before = await Reading.Take(server, database, commits, alsoCpu);
        var clock = Stopwatch.StartNew();
        await load(latencies);
        var seconds = clock.Elapsed.TotalSeconds;
        var after = await Reading.Take(server, database, commits, alsoCpu);
        var sorted = latencies.Order().ToArray();
        double At(double part) => sorted.Length == 0 ? 0 : sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * part)];
        double Each(double amount) => amount / Math.Max(1, sorted.Length);
        return new Measured(sorted.Length / seconds, At(.5), At(.95), At(.99), Each((after.Cpu - before.Cpu).TotalMilliseconds), Each(after.Wal - before.Wal), Each(after.Rows - before.Rows),
            Each(after.Transactions - before.Transactions), commits is null ? -1 : Each(after.Commits - before.Commits), sorted.Length);
    }

    private static async Task<double> Timed(Func<int, Task> instance, int number)
    {
        var from = Stopwatch.GetTimestamp();
        await instance(number);
        return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }
}

/// <summary>What has been used so far.</summary>
internal sealed record Reading(TimeSpan Cpu, long Wal, long Rows, long Transactions, long Commits)
{
    public static async Task<Reading> Take(BenchServer server, string database, Func<long>? commits, Func<TimeSpan>? alsoCpu)
    {
        // A backend publishes its counts when it is idle, at most once a second.
        await Task.Delay(1_100);
        using var self = Process.GetCurrentProcess();
        return new Reading(self.TotalProcessorTime + server.Cpu() + (alsoCpu?.Invoke() ?? TimeSpan.Zero), await server.Wal(), await server.Rows(database), await server.Transactions(database), commits?.Invoke() ?? 0);
    }
}
