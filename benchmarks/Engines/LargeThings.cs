using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Countersign.Domain;
using Countersign.Domain.Instances;
using Countersign.Domain.Tenants;
using Countersign.Projections.Databases;
using Countersign.Projections.Store;
using Marten;
using Microsoft.Extensions.DependencyInjection;

namespace Countersign.Benchmarks.Engines;

/// <summary>An instance of ten thousand events; a hundred thousand instances that wait, each with a timer.</summary>
internal static class LargeThings
{
    private const string Many = "many";
    private static readonly Actor Otto = new("otto", ActorKind.Person, ["operator"], []);
    private static readonly ImmutableDictionary<string, JsonElement> Again = ImmutableDictionary<string, JsonElement>.Empty.Add("finished", JsonSerializer.SerializeToElement(false));

    public static async Task Run(EngineRun run)
    {
        await LongInstance(run);
        await Waiting(run);
    }

    private static async Task LongInstance(EngineRun run)
    {
        var node = await run.Node();
        await node.Publish(BenchProcesses.Loop);
        var tenant = BenchNode.Tenant(0);
        var cold = await Prepared(node, tenant, 10_000);
        await node.Execute(Next(tenant, await Prepared(node, tenant, 1_000)));
        var from = Stopwatch.GetTimestamp();
        var loaded = await node.Execute(Next(tenant, cold));
        var milliseconds = Stopwatch.GetElapsedTime(from).TotalMilliseconds;
        run.Detail("large", string.Create(CultureInfo.InvariantCulture, $"an instance of {loaded.Version} events, never seen and without a snapshot: read, replayed and answered in {milliseconds:F0} ms"));
        run.Judge("An instance of 10,000 events loads, without a snapshot", "under 1,000 ms", milliseconds, "ms", most: 999);
        var (young, old) = (await Prepared(node, tenant, 10), loaded.State!);
        var (early, late) = (new List<double>(), new List<double>());
        for (var i = 0; i < (run.Quick ? 60 : 200); i++)
        {
            young = await Timed(node, tenant, young, early);
            old = await Timed(node, tenant, old, late);
        }

        run.Detail("large", string.Create(CultureInfo.InvariantCulture, $"a command through the runner: {Turns.Median(early):F2} ms from event 10 on, {Turns.Median(late):F2} ms from event 10,000 on"));
        run.Judge("Cost of a command, event 10,000 against event 10 (runner)", "flat: at most 1.3x", Turns.Median(late) / Turns.Median(early), "x", most: 1.3);
    }

    private static async Task<InstanceState> Timed(BenchNode node, string tenant, InstanceState state, List<double> times)
    {
        var from = Stopwatch.GetTimestamp();
        var result = await node.Execute(Next(tenant, state));
        times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
        return result.State!;
    }

    private static CompleteJob Next(string tenant, InstanceState state) => new(tenant, state.Id, Actor.System, state.Jobs.Keys.Single(), 1, Again);

    // Decided by the engine and stored as the runner stores it, but all at once.
    private static async Task<InstanceState> Prepared(BenchNode node, string tenant, int events)
    {
        var graph = BenchNode.Compile(BenchProcesses.Loop);
        var id = Guid.CreateVersion7();
        var (state, facts) = ((InstanceState?)null, new List<object>());
        InstanceCommand command = new StartInstance(tenant, id, Otto, "loop:1", Again);
        while (state is null || state.Events < events)
        {
            var outcome = (Outcome.Facts)Engine.Decide(graph, state, command, DecideContext.Empty, TimeProvider.System.GetUtcNow());
            foreach (var fact in outcome.Events)
            {
                facts.Add(fact);
                state = InstanceState.Evolve(state, (IInstanceEvent)fact);
            }

            command = Next(tenant, state!);
        }

        await using var session = node.Services.GetRequiredService<IDocumentStore>().LightweightSession(tenant);
        session.Events.StartStream<InstanceState>(StreamsOf.Instance(id), facts);
        foreach (var row in InstanceRows.Between(null, state).Upserts)
            session.StoreObjects([row]);
        await session.SaveChangesAsync();
        return state!;
    }

    private static async Task Waiting(EngineRun run)
    {
        var few = await run.Node();
        await using var database = await run.Server.Open(Many, writers: 30);
        await using var node = await BenchNode.Start(database, acts: true, projects: false);
        await node.Publish(BenchProcesses.W1, BenchProcesses.Timer);
        var load = new Load(run.Server, Many);
        await load.Closed(1.5, 64, node.W1);
        // A minute: what happens once in a while happens in both.
        var seconds = run.Quick ? 8 : 60;
        // What a start and a load leave to do (code compiled anew, connections that are given up) is over then.
        await Task.Delay(TimeSpan.FromSeconds(run.Quick ? 20 : 75));
        var empty = await Idle(run, Many, seconds);
        var count = run.Quick ? 20_000 : 100_000;
        var sample = (await node.Start(1, "timer:1")).State!.Id;
        var copied = await Multiply(database, sample, count);
        await run.Server.Checkpoint();
        var full = await Idle(run, Many, seconds);
        run.Detail("waiting", $"no instance:                              {empty}");
        run.Detail("waiting", string.Create(CultureInfo.InvariantCulture, $"{count} open instances, {count} timers: {full}"));
        // They are real: one of them can be cancelled, and its timer goes with it.
        var cancelled = await node.Execute(new CancelInstance(BenchNode.Tenant(1), copied, Otto, "measured"));
        if (cancelled.State is not { Status: InstanceStatus.Cancelled })
            throw new InvalidOperationException("A copied instance is not like a real one.");
        run.Judge(string.Create(CultureInfo.InvariantCulture, $"Transactions a second that {count:#,##0} waiting instances and timers add"), "none: at most 1", full.Transactions - empty.Transactions, "/s", most: 1);
        run.Judge("CPU that they add, of one core", "none: at most 1 %", full.Cpu - empty.Cpu, "%", most: 1);
        run.Judge("Memory of the process that they add", "none: at most 10 MB", full.Memory - empty.Memory, "MB", most: 10);
        var rounds = await Turns.Take(run.Rounds, () => run.Load.Closed(run.Round, run.Saturating, few.W1), () => load.Closed(run.Round, run.Saturating, node.W1));
        run.Detail("waiting", $"W1, few instances stored:  {rounds.Of(0)}");
        run.Detail("waiting", $"W1, many instances stored: {rounds.Of(1)}");
        run.Judge("CPU of a start, many stored instances against few", "at most 1.3x", rounds.Of(1).Cpu / rounds.Of(0).Cpu, "x", most: 1.3);
        if (!run.Quick)
            await Stored(run, few, node, database, load);
    }

    private static async Task Stored(EngineRun run, BenchNode few, BenchNode node, Database database, Load load)
    {
        const int Count = 1_000_000;
        var sample = (await node.Start(1, "w1:1")).State!.Id;
        var clock = Stopwatch.StartNew();
        await Multiply(database, sample, Count);
        await run.Server.Checkpoint();
        run.Detail("stored", string.Create(CultureInfo.InvariantCulture, $"{Count} ended instances were put there in {clock.Elapsed.TotalSeconds:F0} s"));
        var rounds = await Turns.Take(run.Rounds, () => run.Load.Closed(run.Round, run.Saturating, few.W1), () => load.Closed(run.Round, run.Saturating, node.W1));
        run.Detail("stored", $"W1, few instances stored:       {rounds.Of(0)}");
        run.Detail("stored", $"W1, 1,000,000 instances stored: {rounds.Of(1)}");
        run.Judge("CPU of a start, 1,000,000 stored instances against few", "at most 1.3x", rounds.Of(1).Cpu / rounds.Of(0).Cpu, "x", most: 1.3);
        run.Judge("W1, 1,000,000 stored instances against few", "at least 1 / 1.3", rounds.Ratio(1, 0), "x", least: 1 / 1.3);
    }

    public static async Task<IdleFigures> Idle(EngineRun run, string database, double seconds, Func<TimeSpan>? cpu = null)
    {
        using var self = Process.GetCurrentProcess();
        // Autovacuum and the checkpoint that follow a load are not what waits.
        await Task.Delay(TimeSpan.FromSeconds(2));
        GC.Collect();
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        var (transactions, used) = (await run.Server.Transactions(database), cpu?.Invoke() ?? self.TotalProcessorTime);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        self.Refresh();
        return new IdleFigures((await run.Server.Transactions(database) - transactions) / seconds, ((cpu?.Invoke() ?? self.TotalProcessorTime) - used).TotalSeconds / seconds * 100, memory / 1024.0 / 1024);
    }

    // The stored rows of one instance, again and again under other ids: what a hundred thousand starts leave, without waiting for them.
    private static async Task<Guid> Multiply(Database database, Guid sample, int count)
    {
        await using var connection = await database.Connections.Migrator.OpenConnectionAsync();
        await using var columns = new Npgsql.NpgsqlCommand("""
            select table_name, string_agg(case when column_name = 'seq_id' then 'nextval(''cs.mt_events_sequence'')'
                when column_name = 'id' and table_name = 'mt_events' then 'gen_random_uuid()'
                when column_name in ('id', 'stream_id', 'data', 'instance_id') then format('replace(replace(t.%I::text, $1, c.dashed), $2, c.hex)::%s', column_name, case when udt_name = 'varchar' then 'varchar' else udt_name end)
                else 't.' || quote_ident(column_name) end, ', ' order by ordinal_position), string_agg(quote_ident(column_name), ', ' order by ordinal_position)
            from information_schema.columns where table_schema = 'cs' and table_name in ('mt_streams', 'mt_events', 'mt_doc_timerrow') and is_generated = 'NEVER' group by table_name order by table_name desc
            """, connection);
        var copies = new List<string>();
        await using (var reader = await columns.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                var table = reader.GetString(0);
                var key = table switch { "mt_streams" => "t.id", "mt_events" => "t.stream_id", _ => "t.data ->> 'instanceId'" };
                copies.Add($"insert into cs.{table} ({reader.GetString(2)}) select {reader.GetString(1).Replace("\"", "", StringComparison.Ordinal)} from (select t.* from cs.{table} t where {key} like '%' || $1) t, copies c");
            }
        }

        await Execute(string.Create(CultureInfo.InvariantCulture, $"create temporary table copies as select id::text as dashed, replace(id::text, '-', '') as hex from (select gen_random_uuid() as id from generate_series(1, {count})) g"));
        foreach (var copy in copies)
            await Execute(copy, sample.ToString("D", CultureInfo.InvariantCulture), sample.ToString("N", CultureInfo.InvariantCulture));
        // Otherwise the server does it by itself, while what waits is measured.
        await Execute("vacuum (analyze) cs.mt_events, cs.mt_streams, cs.mt_doc_timerrow");
        await using var one = new Npgsql.NpgsqlCommand("select dashed from copies limit 1", connection);
        return Guid.Parse((string)(await one.ExecuteScalarAsync())!);

        async Task Execute(string sql, params string[] values)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, connection);
            foreach (var value in values)
                command.Parameters.AddWithValue(value);
            await command.ExecuteNonQueryAsync();
        }
    }
}

/// <summary>What a process and its database do while nothing is asked.</summary>
/// <param name="Transactions">Transactions a second in its database.</param>
/// <param name="Cpu">Processor time of the process, percent of one core.</param>
/// <param name="Memory">Managed memory in MB.</param>
internal sealed record IdleFigures(double Transactions, double Cpu, double Memory)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Transactions:F1} transactions/s, CPU {Cpu:F2} % of a core, {Memory:F1} MB");
}
