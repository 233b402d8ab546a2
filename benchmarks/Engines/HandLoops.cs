using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Benchmarks.Engines;

/// <summary>What a transaction does to one stream: facts at an expected version, and a row that others read at once.</summary>
internal sealed record HandStep(int Expected, string[] Types, string? Opens = null, string? Closes = null);

/// <summary>A step of one stream on its way.</summary>
internal sealed record HandWork(string Tenant, Guid Stream, HandStep Step)
{
    public int Expected => Step.Expected;

    public string[] Types => Step.Types;

    public string? Opens => Step.Opens;

    public string? Closes => Step.Closes;

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// What a careful programmer would write with Npgsql alone, without engine, tenants' rules, retries or anything else: the floor. One
/// statement and one round trip for each transaction, versions checked, prepared.
/// </summary>
internal sealed class HandLoops : IAsyncDisposable
{
    private const string Tables = """
        create table streams(tenant text not null, id uuid not null, version integer not null, primary key (tenant, id));
        create table events(seq bigint generated always as identity primary key, tenant text not null, stream uuid not null, version integer not null, type text not null, data jsonb not null,
            at timestamptz not null default now(), unique (tenant, stream, version));
        create table waiting(tenant text not null, id text not null, data jsonb not null, primary key (tenant, id));
        """;

    private const string Write = """
        with s as (select * from unnest($1, $2, $3, $4) as s(tenant, id, expected, version)),
        written as (
            insert into streams as t (tenant, id, version) select tenant, id, version from s
            on conflict (tenant, id) do update set version = excluded.version where t.version = (select expected from s where s.tenant = excluded.tenant and s.id = excluded.id)
            returning 1),
        facts as (insert into events (tenant, stream, version, type, data) select * from unnest($5, $6, $7, $8, $9)),
        opened as (insert into waiting (tenant, id, data) select * from unnest($10, $11, $12)),
        closed as (delete from waiting w using unnest($13, $14) as c(tenant, id) where w.tenant = c.tenant and w.id = c.id)
        select count(*) from written
        """;

    private static readonly string Payload = JsonSerializer.Serialize(new { text = new string('x', 190) });
    private readonly NpgsqlDataSource _source;

    // Open for good: a connection that goes back to a pool is reset, which costs as much as the statement.
    private readonly ConcurrentBag<NpgsqlConnection> _connections = [];
    private readonly Channel<HandWork>[] _queues = [Channel.CreateBounded<HandWork>(4_000), Channel.CreateBounded<HandWork>(4_000)];
    private readonly Task[] _writers;
    private long _commits;

    private HandLoops(NpgsqlDataSource source)
    {
        _source = source;
        _writers = [.. _queues.Select(q => Task.Run(() => WriteGroups(q.Reader)))];
    }

    public long Commits => Interlocked.Read(ref _commits);

    public static async Task<HandLoops> Start(BenchServer server, string database)
    {
        var source = await server.Plain(database, 64);
        await using var command = source.CreateCommand(Tables);
        await command.ExecuteNonQueryAsync();
        return new HandLoops(source);
    }

    /// <summary>Start, three steps, end.</summary>
    /// <param name="number">Which instance.</param>
    /// <param name="grouped">Steps fused and many instances in one commit; else one commit for each step.</param>
    public Task W1(int number, bool grouped) => grouped
        ? Run(number, true, new HandStep(0, ["started", "one", "two", "three", "ended"]))
        : Run(number, false, new HandStep(0, ["started", "one"]), new HandStep(2, ["two"]), new HandStep(3, ["three", "ended"]));

    /// <summary>Start, a step, a person's answer, a step, end.</summary>
    public Task W2(int number, bool grouped) => grouped
        ? Run(number, true, new HandStep(0, ["started", "one", "asked"], Opens: "task"), new HandStep(3, ["answered", "two", "ended"], Closes: "task"))
        : Run(number, false, new HandStep(0, ["started", "one", "asked"], Opens: "task"), new HandStep(3, ["answered"], Closes: "task"), new HandStep(4, ["two", "ended"]));

    /// <summary>Three effects, each with intent and result recorded; the next begins when the result is durable.</summary>
    public Task W1e(int number, bool grouped) => Run(number, grouped,
        new HandStep(0, ["started", "intent"], Opens: "job1"),
        new HandStep(2, ["result", "intent"], Opens: "job2", Closes: "job1"),
        new HandStep(4, ["result", "intent"], Opens: "job3", Closes: "job2"),
        new HandStep(6, ["result", "ended"], Closes: "job3"));

    public async ValueTask DisposeAsync()
    {
        foreach (var queue in _queues)
            queue.Writer.Complete();
        await Task.WhenAll(_writers);
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async Task Run(int number, bool grouped, params HandStep[] steps)
    {
        var (tenant, stream) = (BenchNode.Tenant(number), Guid.CreateVersion7());
        foreach (var step in steps)
        {
            var work = new HandWork(tenant, stream, step);
            if (!grouped)
            {
                await Commit([work]);
                continue;
            }

            await _queues[(uint)stream.GetHashCode() % (uint)_queues.Length].Writer.WriteAsync(work);
            await work.Done.Task;
        }
    }

    private async Task WriteGroups(ChannelReader<HandWork> queue)
    {
        var batch = new List<HandWork>();
        while (await queue.WaitToReadAsync())
        {
            while (batch.Count < 100 && queue.TryRead(out var work))
                batch.Add(work);
            try
            {
                await Commit(batch);
                batch.ForEach(w => w.Done.SetResult());
            }
            catch (Exception error) when (error is NpgsqlException or InvalidOperationException)
            {
                batch.ForEach(w => w.Done.SetException(error));
            }

            batch.Clear();
        }
    }

    private async Task Commit(List<HandWork> batch)
    {
        if (!_connections.TryTake(out var connection))
            connection = await _source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(Write, connection);
        Add(command, NpgsqlDbType.Text, batch.Select(w => w.Tenant));
        Add(command, NpgsqlDbType.Uuid, batch.Select(w => w.Stream));
        Add(command, NpgsqlDbType.Integer, batch.Select(w => w.Expected));
        Add(command, NpgsqlDbType.Integer, batch.Select(w => w.Expected + w.Types.Length));
        var facts = batch.SelectMany(w => w.Types.Select((type, i) => (Work: w, Type: type, Version: w.Expected + i + 1))).ToArray();
        Add(command, NpgsqlDbType.Text, facts.Select(f => f.Work.Tenant));
        Add(command, NpgsqlDbType.Uuid, facts.Select(f => f.Work.Stream));
        Add(command, NpgsqlDbType.Integer, facts.Select(f => f.Version));
        Add(command, NpgsqlDbType.Text, facts.Select(f => f.Type));
        Add(command, NpgsqlDbType.Jsonb, facts.Select(_ => Payload));
        var opened = batch.Where(w => w.Opens is not null).ToArray();
        Add(command, NpgsqlDbType.Text, opened.Select(w => w.Tenant));
        Add(command, NpgsqlDbType.Text, opened.Select(w => RowId(w, w.Opens!)));
        Add(command, NpgsqlDbType.Jsonb, opened.Select(_ => Payload));
        var closed = batch.Where(w => w.Closes is not null).ToArray();
        Add(command, NpgsqlDbType.Text, closed.Select(w => w.Tenant));
        Add(command, NpgsqlDbType.Text, closed.Select(w => RowId(w, w.Closes!)));
        if (await command.ExecuteScalarAsync() is not long written || written != batch.Count)
            throw new InvalidOperationException("A stream was not at its expected version.");
        _connections.Add(connection);
        Interlocked.Increment(ref _commits);
    }

    private static string RowId(HandWork work, string name) => string.Create(CultureInfo.InvariantCulture, $"{work.Stream:N}-{name}");

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
        command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
}
