using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Countersign.Benchmarks.Outbox;

/// <summary>Kills (SIGKILL) between every two steps of commit, send, effect and acknowledgement; a second process takes over and the books must balance.</summary>
internal static class OutboxKills
{
    private static readonly string[] Points = ["before-commit", "after-commit-before-send", "after-commit-and-send", "in-handler-before-effect", "after-effect-before-ack"];

    public static async Task<int> Run(string connection, string? only)
    {
        var failures = 0;
        foreach (var mode in new[] { OutboxMode.Wolverine, OutboxMode.Rows }.Where(m => only is null || m.ToString().Equals(only, StringComparison.OrdinalIgnoreCase)))
        {
            foreach (var point in Points)
            {
                await OutboxHost.Reset(connection);
                var killed = await Spawn(connection, mode, point, 400);
                var clock = Stopwatch.StartNew();
                var code = await Spawn(connection, mode, "none", 0);
                var books = await Books(connection);
                var good = killed != 0 && code == 0 && books.Missing == 0 && books.Phantom == 0 && books.Unacknowledged == 0 && books.Left == 0;
                failures += good ? 0 : 1;
                Console.WriteLine($"{mode,-10} {point,-26} killed={killed != 0} streams={books.Streams,4} acknowledged={books.Acknowledged,4} effects={books.Effects,4} "
                    + $"missing={books.Missing} phantom={books.Phantom} acknowledged-but-absent={books.Unacknowledged} deliveries={books.Deliveries,4} left={books.Left} "
                    + $"healed in {clock.Elapsed.TotalSeconds:F1} s  {(good ? "ok" : "WRONG")}");
            }
        }

        return failures == 0 ? 0 : 1;
    }

    public static async Task<int> Child(string connection, string modeName, string point, int count)
    {
        var mode = Enum.Parse<OutboxMode>(modeName);
        var calls = 0;
        void Fault(string at)
        {
            // The third batch, or the seventieth message: others are before, in and behind the step.
            if (at == point && Interlocked.Increment(ref calls) == (point.Contains("effect", StringComparison.Ordinal) ? 70 : 3))
                Process.GetCurrentProcess().Kill();
        }

        using var host = await OutboxHost.Start(connection, mode);
        host.Services.GetRequiredService<SpikeEffects>().Fault = Fault;
        await using (var writer = new OutboxWriter(host.Services, mode, Fault))
        {
            await using var relay = mode == OutboxMode.Rows ? new OutboxRelay(host.Services) : null;
            await using var source = NpgsqlDataSource.Create(connection);
            await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, token) =>
            {
                var id = Guid.CreateVersion7();
                await writer.Execute($"tenant{i % 50:00}", id);
                await using var acknowledge = source.CreateCommand("insert into spike_acknowledged(job) values ($1)");
                acknowledge.Parameters.AddWithValue($"{id:N}-1");
                await acknowledge.ExecuteNonQueryAsync(token);
            });
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed.TotalSeconds < 45)
            {
                var books = await Books(connection);
                if (books is { Missing: 0, Left: 0 })
                    break;
                await Task.Delay(100);
            }
        }

        await host.StopAsync();
        return 0;
    }

    private static async Task<int> Spawn(string connection, OutboxMode mode, string point, int count)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        foreach (var argument in new[] { "outbox-child", "--connection", connection, "--mode", mode.ToString(), "--point", point, "--count", $"{count}" })
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static async Task<(long Streams, long Acknowledged, long Effects, long Missing, long Phantom, long Unacknowledged, long Deliveries, long Left)> Books(string connection)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand("""
            with jobs as (select data->>'JobId' as job, tenant_id as tenant from spike.mt_events where type = 'spike_job_created')
            select (select count(*) from spike.mt_streams), (select count(*) from spike_acknowledged), (select count(*) from spike_effects),
                   (select count(*) from jobs j where not exists (select 1 from spike_effects e where e.job = j.job and e.tenant = j.tenant)),
                   (select count(*) from spike_effects e where not exists (select 1 from jobs j where e.job = j.job and e.tenant = j.tenant)),
                   (select count(*) from spike_acknowledged a where not exists (select 1 from jobs j where a.job = j.job)),
                   (select count(*) from spike_deliveries),
                   (select count(*) from spike_outbox) + (select count(*) from spike_wolverine.wolverine_incoming_envelopes where status = 'Incoming')
                     + (select count(*) from spike_wolverine.wolverine_outgoing_envelopes)
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7));
    }
}
