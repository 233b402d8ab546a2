using System.Threading.Channels;
using Countersign.Domain.Instances;
using Countersign.Projections.Databases;
using Countersign.Projections.Store;
using Countersign.Workers.Instances;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Jobs;

/// <summary>
/// Takes attempts for built-in workers, many at a time in one transaction: whatever waits is asked for at once, without a timer. Each alone
/// cost as much as the commit of its result.
/// </summary>
internal sealed class AttemptTaker(DatabaseConnections connections)
{
    private const int Most = 100;
    private readonly Channel<Wish> _wishes = Channel.CreateBounded<Wish>(10_000);
    private int _busy;

    /// <summary>The job's row when this worker now has the attempt; null when it is gone or somebody else has it.</summary>
    public async Task<JobRow?> Take(string tenantId, string jobId, int attempt, string worker, TimeSpan lease, CancellationToken cancellation)
    {
        var wish = new Wish(tenantId, jobId, attempt, worker, lease);
        await _wishes.Writer.WriteAsync(wish, cancellation);
        await Serve();
        return await wish.Got.Task.WaitAsync(cancellation);
    }

    // Whoever comes while nobody is at it serves all that wait; the others only wait.
    private async Task Serve()
    {
        while (_wishes.Reader.Count > 0 && Interlocked.CompareExchange(ref _busy, 1, 0) == 0)
        {
            try
            {
                await ServeWaiting();
            }
            finally
            {
                Volatile.Write(ref _busy, 0);
            }
        }
    }

    private async Task ServeWaiting()
    {
        var later = new List<Wish>();
        do
        {
            // Two wishes for one job cannot be in one statement.
            var batch = new Dictionary<(string, string), Wish>();
            later.RemoveAll(w => batch.Count < Most && batch.TryAdd((w.TenantId, w.JobId), w));
            while (batch.Count < Most && _wishes.Reader.TryRead(out var wish))
            {
                if (!batch.TryAdd((wish.TenantId, wish.JobId), wish))
                    later.Add(wish);
            }

            if (batch.Count > 0)
                await Ask([.. batch.Values]);
        }
        while (later.Count > 0);
    }

    private async Task Ask(Wish[] batch)
    {
        try
        {
            await using var command = connections.Statements.CreateCommand($"select place, data from {JobTables.Take}($1, $2, $3, $4, $5)");
            Add(command, NpgsqlDbType.Varchar, batch.Select(w => w.TenantId));
            Add(command, NpgsqlDbType.Varchar, batch.Select(w => w.JobId));
            Add(command, NpgsqlDbType.Integer, batch.Select(w => w.Attempt));
            Add(command, NpgsqlDbType.Varchar, batch.Select(w => w.Worker));
            Add(command, NpgsqlDbType.Interval, batch.Select(w => w.Lease));
            await using (var reader = await command.ExecuteReaderAsync())
            {
                while (await reader.ReadAsync())
                    batch[reader.GetInt32(0) - 1].Got.TrySetResult(System.Text.Json.JsonSerializer.Deserialize<JobRow>(reader.GetString(1), StoreJson.Options)!);
            }

            foreach (var wish in batch)
                wish.Got.TrySetResult(null);
        }
        catch (Exception error)
        {
            // Each of those who asked hears why.
            foreach (var wish in batch)
                wish.Got.TrySetException(error);
        }
    }

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
        command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });

    private sealed record Wish(string TenantId, string JobId, int Attempt, string Worker, TimeSpan Lease)
    {
        public TaskCompletionSource<JobRow?> Got { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
