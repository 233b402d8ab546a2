using System.Collections.Concurrent;
using Countersign.Projections.Databases;
using Countersign.Workers.Instances;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Countersign.Workers.Jobs;

/// <summary>
/// Keeps the leases of this process: one timer and one statement for all that are held, instead of a timer and a transaction for each. Most attempts are
/// over before their first renewal and cost nothing here.
/// </summary>
public sealed partial class LeaseKeeper(DatabaseConnections connections, TimeProvider time, ILogger<LeaseKeeper> logger) : BackgroundService
{
    /// <summary>
    /// How long a dead node's work waits for somebody else. A live node that is too busy to renew in time only causes a second execution, which the fence keeps out.
    /// </summary>
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Held, long> _held = new();

    /// <summary>How many leases are kept.</summary>
    internal int Count => _held.Count;

    /// <summary>Renews a lease until disposed of. What a worker itself asked for beyond that is never shortened.</summary>
    internal Held Keep(string tenantId, string jobId, int attempt, string worker)
    {
        var held = new Held(this, tenantId, jobId, attempt, worker);
        _held[held] = time.GetTimestamp();
        return held;
    }

    /// <summary>Ends leases now: whoever looks next may have their attempts. The other nodes are told to look.</summary>
    internal async Task GiveBack(IReadOnlyCollection<BornAttempt> attempts, CancellationToken cancellation)
    {
        if (attempts.Count == 0)
            return;
        await using var command = Command($"""
            with given as (
                update {JobTables.Leases} l set until = now() from unnest($1, $2, $3, $4) as k(tenant, job, attempt, worker)
                where l.tenant_id = k.tenant and l.job_id = k.job and l.attempt = k.attempt and l.worker = k.worker returning 1)
            select pg_notify('{Channels.Attempts}', ''), count(*) from given
            """, [.. attempts.Select(a => (a.TenantId, a.Job.Id, a.Job.Attempt, a.Worker))]);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Renews once what is held for a while.</summary>
    internal async Task Renew(CancellationToken cancellation)
    {
        // The young ones have most of their time before them.
        var old = _held.Where(h => time.GetElapsedTime(h.Value) > Lease / 6).Select(h => (h.Key.TenantId, h.Key.JobId, h.Key.Attempt, h.Key.Worker)).ToArray();
        if (old.Length == 0)
            return;
        await using var command = Command($"""
            update {JobTables.Leases} l set until = greatest(l.until, now() + $5)
            from (select * from unnest($1, $2, $3, $4) as k(tenant, job, attempt, worker) order by tenant, job) k
            where l.tenant_id = k.tenant and l.job_id = k.job and l.attempt = k.attempt and l.worker = k.worker
            """, old);
        command.Parameters.AddWithValue(Lease);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Lease / 3, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Renew(stoppingToken);
            }
            catch (NpgsqlException error)
            {
                // Tried again at the next tick. Should leases end before, the fence keeps a second attempt's result out.
                NotRenewed(_held.Count, error);
            }
        }
    }

    private NpgsqlCommand Command(string sql, (string TenantId, string JobId, int Attempt, string Worker)[] leases)
    {
        var command = connections.Writer.CreateCommand(sql);
        Add(NpgsqlDbType.Varchar, leases.Select(l => l.TenantId));
        Add(NpgsqlDbType.Varchar, leases.Select(l => l.JobId));
        Add(NpgsqlDbType.Integer, leases.Select(l => l.Attempt));
        Add(NpgsqlDbType.Varchar, leases.Select(l => l.Worker));
        return command;

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) => command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>A lease that is kept.</summary>
    internal sealed class Held(LeaseKeeper keeper, string tenantId, string jobId, int attempt, string worker) : IDisposable
    {
        public string TenantId => tenantId;

        public string JobId => jobId;

        public int Attempt => attempt;

        public string Worker => worker;

        public void Dispose() => keeper._held.TryRemove(this, out _);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The leases of {Count} attempts could not be kept; trying again.")]
    private partial void NotRenewed(int count, Exception error);
}
