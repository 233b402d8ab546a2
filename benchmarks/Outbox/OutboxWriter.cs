using System.Threading.Channels;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Countersign.Benchmarks.Outbox;

internal sealed record OutboxWork(string Tenant, Guid Instance, string Job, TaskCompletionSource Done);

/// <summary>Group commit as the runner does it: whatever waits, up to 100 commands of many tenants, in one Marten session.</summary>
internal sealed class OutboxWriter : IAsyncDisposable
{
    private static readonly string Pad = new('x', 200);
    private readonly Channel<OutboxWork> _waiting = Channel.CreateBounded<OutboxWork>(4096);
    private readonly IDocumentStore _store;
    private readonly IWolverineRuntime _runtime;
    private readonly OutboxMode _mode;
    private readonly Action<string>? _fault;
    private readonly Task[] _writers;

    public OutboxWriter(IServiceProvider services, OutboxMode mode, Action<string>? fault = null)
    {
        (_store, _runtime, _mode, _fault) = (services.GetRequiredService<IDocumentStore>(), services.GetRequiredService<IWolverineRuntime>(), mode, fault);
        _writers = [Task.Run(Write), Task.Run(Write)];
    }

    public int Commits;

    public async Task Execute(string tenant, Guid instance)
    {
        var work = new OutboxWork(tenant, instance, $"{instance:N}-1", new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await _waiting.Writer.WriteAsync(work);
        await work.Done.Task;
    }

    private async Task Write()
    {
        var batch = new List<OutboxWork>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < 100 && _waiting.Reader.TryRead(out var work))
                batch.Add(work);
            if (batch.Count == 0)
                continue;
            try
            {
                await Commit(batch);
                foreach (var work in batch)
                    work.Done.TrySetResult();
            }
            catch (Exception error)
            {
                foreach (var work in batch)
                    work.Done.TrySetException(error);
            }
        }
    }

    private async Task Commit(List<OutboxWork> batch)
    {
        await using var session = _store.LightweightSession(batch[0].Tenant);
        session.Listeners.Add(new Faults(_fault));
        var outbox = _mode == OutboxMode.Wolverine ? new MartenOutbox(_runtime, session) : null;
        foreach (var work in batch)
        {
            session.ForTenant(work.Tenant).Events.StartStream(work.Instance, new SpikeStarted("invoice", 1, Pad), new SpikeJobCreated(work.Job, Pad));
            if (outbox is not null)
                await outbox.PublishAsync(new JobReady(work.Tenant, work.Instance, work.Job), new DeliveryOptions { TenantId = work.Tenant });
            else if (_mode == OutboxMode.Rows)
                session.QueueSqlCommand("insert into spike_outbox(tenant, instance, job) values (?, ?, ?)", work.Tenant, work.Instance, work.Job);
        }

        if (_mode == OutboxMode.Rows)
            session.QueueSqlCommand("select pg_notify('spike_outbox', '')");
        _fault?.Invoke("before-commit");
        await session.SaveChangesAsync();
        Interlocked.Increment(ref Commits);
        _fault?.Invoke("after-commit-and-send");
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAll(_writers);
    }

    // Runs before Wolverine's own listener: the commit is durable, nothing was handed to a queue in memory.
    private sealed class Faults(Action<string>? fault) : DocumentSessionListenerBase
    {
        public override Task AfterCommitAsync(IDocumentSession session, Marten.Services.IChangeSet commit, CancellationToken token)
        {
            fault?.Invoke("after-commit-before-send");
            return Task.CompletedTask;
        }
    }
}

/// <summary>The relay over rows of our own: woken by NOTIFY, takes what waits with SKIP LOCKED, deletes in the transaction that held it.</summary>
internal sealed class OutboxRelay : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlDataSource _source;
    private readonly SpikeEffects _effects;
    private readonly Task _task;

    public OutboxRelay(IServiceProvider services)
    {
        (_source, _effects) = (services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<SpikeEffects>());
        _task = Task.Run(Run);
    }

    private async Task Run()
    {
        await using var listening = await _source.OpenConnectionAsync();
        await using (var listen = new NpgsqlCommand("listen spike_outbox", listening))
            await listen.ExecuteNonQueryAsync();
        while (!_stop.IsCancellationRequested)
        {
            while (await Take() > 0)
            {
            }

            await listening.WaitAsync(TimeSpan.FromSeconds(1), _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task<int> Take()
    {
        await using var connection = await _source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var rows = new List<(long Id, JobReady Message)>();
        await using (var select = new NpgsqlCommand("select id, tenant, instance, job from spike_outbox order by id limit 100 for update skip locked", connection, transaction))
        await using (var reader = await select.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                rows.Add((reader.GetInt64(0), new JobReady(reader.GetString(1), reader.GetGuid(2), reader.GetString(3))));
        }

        if (rows.Count == 0)
            return 0;
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (row, token) => await _effects.Apply(row.Message, token));
        await using (var delete = new NpgsqlCommand("delete from spike_outbox where id = any($1)", connection, transaction))
        {
            delete.Parameters.AddWithValue(rows.Select(r => r.Id).ToArray());
            await delete.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return rows.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _stop.Dispose();
    }
}
