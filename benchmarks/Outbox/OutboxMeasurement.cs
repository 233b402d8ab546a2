using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Countersign.Benchmarks.Outbox;

/// <summary>Throughput and latency of the three ways. The receipt: docs/adr/0009-outbox.md.</summary>
internal static class OutboxMeasurement
{
    public static async Task<int> Run(string connection, string? only)
    {
        foreach (var mode in Enum.GetValues<OutboxMode>().Where(m => only is null || m.ToString().Equals(only, StringComparison.OrdinalIgnoreCase)))
        {
            await OutboxHost.Reset(connection);
            using var host = await OutboxHost.Start(connection, mode);
            await using (var writer = new OutboxWriter(host.Services, mode))
            {
                await using var relay = mode == OutboxMode.Rows ? new OutboxRelay(host.Services) : null;
                await Load(host.Services, writer, mode, 2, 32, "warm", connection);
                await Load(host.Services, writer, mode, 8, 128, "128 clients", connection);
                await Load(host.Services, writer, mode, 3, 1, "alone", connection);
            }

            await host.StopAsync();
        }

        return 0;
    }

    private static async Task Load(IServiceProvider services, OutboxWriter writer, OutboxMode mode, int seconds, int clients, string name, string connection)
    {
        var effects = services.GetRequiredService<SpikeEffects>();
        var (handledBefore, commitsBefore, walBefore) = (effects.Count, writer.Commits, await Wal(connection));
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var latencies = new ConcurrentBag<double>();
        var clock = Stopwatch.StartNew();
        var sent = 0;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            for (var i = client; clock.Elapsed.TotalSeconds < seconds; i += clients)
            {
                var from = Stopwatch.GetTimestamp();
                await writer.Execute($"tenant{i % 50:00}", Guid.CreateVersion7());
                latencies.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
                Interlocked.Increment(ref sent);
            }
        })));
        var acknowledged = clock.Elapsed.TotalSeconds;
        while (mode != OutboxMode.None && effects.Count - handledBefore < sent && clock.Elapsed.TotalSeconds < 40)
            await Task.Delay(5);
        var drained = clock.Elapsed.TotalSeconds;
        if (name == "warm")
            return;
        var sorted = latencies.Order().ToArray();
        Console.WriteLine($"{mode,-10} {name,-12} acknowledged {sent / acknowledged,6:F0}/s  handled {(mode == OutboxMode.None ? 0 : sent / drained),6:F0}/s  "
            + $"p50 {sorted[sorted.Length / 2],6:F1} ms  p99 {sorted[(int)(sorted.Length * .99)],6:F1} ms  commands/commit {(double)sent / (writer.Commits - commitsBefore),5:F1}  "
            + $"CPU {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / sent:F2} ms  WAL {(await Wal(connection) - walBefore) / sent} B each");
    }

    private static async Task<long> Wal(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
