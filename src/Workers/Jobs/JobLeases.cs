using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Domain.Instances;
using Countersign.Projections.Databases;
using Countersign.Projections.Store;
using Countersign.Workers.Instances;
using Npgsql;

namespace Countersign.Workers.Jobs;

/// <summary>A job somebody works on.</summary>
/// <param name="Job">The job's row, personal fields sealed.</param>
/// <param name="Until">End of the lease (UTC, the database's clock).</param>
/// <param name="Token">Names this lease.</param>
public sealed record LeasedJob(JobRow Job, DateTimeOffset Until, Guid Token);

/// <summary>
/// Leases on job rows. A lease keeps two workers from doing the same attempt at the same time; that a late result adds nothing is
/// the fence's doing (the attempt), not the lease's.
/// </summary>
public sealed class JobLeases(DatabaseConnections connections)
{
    private readonly AttemptTaker _taker = new(connections);

    private readonly Grouping<Held, bool> _held = new(held => Holding(connections.Statements, held), most: 100, lanes: 2);

    private const string Activatable = """
        select j.tenant_id, j.id, j.data from cs.mt_doc_jobrow j
        where j.tenant_id = $1 and j.type = $2 and j.due_at <= now() and not coalesce((j.data ->> 'failed')::boolean, false)
          and not exists (select from cs.job_leases l where l.tenant_id = j.tenant_id and l.job_id = j.id
                and l.attempt >= (j.data ->> 'attempt')::integer and l.until > now())
        order by j.due_at limit $3 for update of j skip locked
        """;

    /// <summary>The first of these jobs that somebody works on now, or null. What only waits in a queue has not begun.</summary>
    internal async Task<OpenAttempt?> FirstHeld(string tenantId, string[] jobs, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand(
            $"select job_id, until from {JobTables.Leases} where tenant_id = $1 and job_id = any($2) and until > now() and worker <> '{JobTables.Queued}' order by until desc limit 1");
        command.Parameters.AddWithValue(tenantId);
        command.Parameters.AddWithValue(jobs);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? new OpenAttempt(row.GetString(0), row.GetFieldValue<DateTimeOffset>(1)) : null;
    }

    /// <summary>
    /// Leases due jobs of a type to an external worker; two workers never get the same. When there were fewer than asked for, it also says how long until one
    /// can be fetched that cannot be now: an attempt becomes due, or a lease ends. Null when there is none. What another worker is just fetching counts as due now.
    /// </summary>
    /// <param name="tenantId">The tenant, from the verified credential.</param>
    /// <param name="type">Job type.</param>
    /// <param name="worker">Name of the worker.</param>
    /// <param name="most">At most this many.</param>
    /// <param name="lease">How long.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<(ImmutableArray<LeasedJob> Jobs, TimeSpan? Next)> Activate(string tenantId, string type, string worker, int most, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"""
            with due as materialized ({Activatable}),
            leased as (
                insert into {JobTables.Leases} as l (tenant_id, job_id, attempt, worker, until, token)
                select tenant_id, id, (data ->> 'attempt')::integer, $4, now() + $5, gen_random_uuid() from due
                on conflict (tenant_id, job_id) do update set attempt = excluded.attempt, worker = excluded.worker, until = excluded.until, token = excluded.token
                    where l.until <= now() or l.attempt < excluded.attempt
                returning job_id, until, token)
            select due.data, leased.until, leased.token, null::interval, due.id from leased join due on due.id = leased.job_id
            union all
            select null, null, null, min(greatest(j.due_at, coalesce(l.until, j.due_at))) - clock_timestamp(), null from cs.mt_doc_jobrow j
            left join {JobTables.Leases} l on l.tenant_id = j.tenant_id and l.job_id = j.id and l.attempt >= (j.data ->> 'attempt')::integer
            where (select count(*) from due) < $3 and j.tenant_id = $1 and j.type = $2 and not coalesce((j.data ->> 'failed')::boolean, false)
              and not exists (select from due d where d.id = j.id)
            order by 5
            """);
        command.Parameters.AddWithValue(tenantId);
        command.Parameters.AddWithValue(type);
        command.Parameters.AddWithValue(most);
        command.Parameters.AddWithValue(worker);
        command.Parameters.AddWithValue(lease);
        var jobs = ImmutableArray.CreateBuilder<LeasedJob>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        TimeSpan? next = null;
        while (await reader.ReadAsync(cancellation))
        {
            if (reader.IsDBNull(0))
                next = reader.IsDBNull(3) ? null : reader.GetTimeSpan(3);
            else
                jobs.Add(new LeasedJob(JsonSerializer.Deserialize<JobRow>(reader.GetString(0), StoreJson.Options)!, reader.GetFieldValue<DateTimeOffset>(1), reader.GetGuid(2)));
        }

        return (jobs.DrainToImmutable(), next);
    }

    /// <summary>Whether a lease is still that of whoever holds its token; one that ended and was taken by nobody is.</summary>
    public Task<bool> Holds(string tenantId, string jobId, int attempt, Guid token, CancellationToken cancellation) => _held.Ask(new Held(tenantId, jobId, attempt, token), cancellation);

    /// <summary>Keeps a lease longer; null when the attempt is no longer open or is not leased, or not under this token.</summary>
    public async Task<DateTimeOffset?> Extend(string tenantId, string jobId, int attempt, Guid? token, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"""
            update {JobTables.Leases} l set until = now() + $4
            where l.tenant_id = $1 and l.job_id = $2 and l.attempt = $3 and ($5::uuid is null or l.token = $5)
              and exists (select from cs.mt_doc_jobrow j where j.tenant_id = $1 and j.id = $2 and (j.data ->> 'attempt')::integer = $3)
            returning until
            """);
        command.Parameters.AddWithValue(tenantId);
        command.Parameters.AddWithValue(jobId);
        command.Parameters.AddWithValue(attempt);
        command.Parameters.AddWithValue(lease);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid, Value = token is { } held ? held : DBNull.Value });
        return await command.ExecuteScalarAsync(cancellation) switch
        {
            DateTime until => new DateTimeOffset(until, TimeSpan.Zero),
            _ => null,
        };
    }

    /// <summary>The open job with this id, or null.</summary>
    public async Task<JobRow?> Find(string tenantId, string jobId, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand("select data from cs.mt_doc_jobrow where tenant_id = $1 and id = $2");
        command.Parameters.AddWithValue(tenantId);
        command.Parameters.AddWithValue(jobId);
        return await command.ExecuteScalarAsync(cancellation) is string data ? JsonSerializer.Deserialize<JobRow>(data, StoreJson.Options) : null;
    }

    /// <summary>
    /// Takes an attempt for a built-in worker: the row is still there at this attempt, and nobody else has a live lease on it (one that
    /// only says 'queued' gives way).
    /// </summary>
    internal Task<JobRow?> Take(string tenantId, string jobId, int attempt, string worker, TimeSpan lease, CancellationToken cancellation) =>
        _taker.Take(tenantId, jobId, attempt, worker, lease, cancellation);

    /// <summary>
    /// Marks an attempt as waiting in the inference queue for as long as <paramref name="lease"/> and wakes a worker for it, on every node: the one that
    /// enqueued may have none, or none that is free. A worker that has begun already keeps its own lease.
    /// </summary>
    internal async Task Queue(string tenantId, string jobId, int attempt, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"""
            select pg_notify('{Channels.Inference}', ''), count(*) from {JobTables.Take}(array[$1]::varchar[], array[$2]::varchar[], array[$3], array['{Queued}']::varchar[], array[$4])
            """);
        command.Parameters.AddWithValue(tenantId);
        command.Parameters.AddWithValue(jobId);
        command.Parameters.AddWithValue(attempt);
        command.Parameters.AddWithValue(lease);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Gives an attempt back, so that the next one who asks gets it.</summary>
    internal async Task Release(string tenantId, string jobId, int attempt, string worker, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"delete from {JobTables.Leases} where tenant_id = $1 and job_id = $2 and attempt = $3 and worker = $4");
        command.Parameters.AddWithValue(tenantId);
        command.Parameters.AddWithValue(jobId);
        command.Parameters.AddWithValue(attempt);
        command.Parameters.AddWithValue(worker);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>
    /// Built-in jobs that nobody holds: their worker's process was lost (a lease has ended) or their message was (due since <paramref name="grace"/>, never
    /// leased). They are marked as queued for a moment, so that two sweeps do not send the same.
    /// </summary>
    internal async Task<ImmutableArray<(JobReady Job, string? TraceParent)>> Abandoned(TimeSpan grace, int most, CancellationToken cancellation)
    {
        await using var command = connections.Statements.CreateCommand($"""
            with lost as materialized (
                select j.tenant_id, j.id, j.instance_id, j.type, (j.data ->> 'attempt')::integer as attempt, j.data ->> 'traceParent' as trace from cs.mt_doc_jobrow j
                left join {JobTables.Leases} l on l.tenant_id = j.tenant_id and l.job_id = j.id and l.attempt >= (j.data ->> 'attempt')::integer
                where j.type like 'countersign:%' and not coalesce((j.data ->> 'failed')::boolean, false)
                  and case when l.job_id is null then j.due_at <= now() - $1 else j.due_at <= now() and l.until <= now() end
                order by j.due_at limit $2 for update of j skip locked),
            marked as (
                insert into {JobTables.Leases} as l (tenant_id, job_id, attempt, worker, until) select tenant_id, id, attempt, '{Queued}', now() + interval '15 seconds' from lost
                on conflict (tenant_id, job_id) do update set attempt = excluded.attempt, worker = excluded.worker, until = excluded.until
                    where l.until <= now() or l.attempt < excluded.attempt
                returning tenant_id, job_id)
            select lost.tenant_id, lost.instance_id, lost.id, lost.attempt, lost.type, lost.trace from lost join marked on marked.tenant_id = lost.tenant_id and marked.job_id = lost.id
            """);
        command.Parameters.AddWithValue(grace);
        command.Parameters.AddWithValue(most);
        var jobs = ImmutableArray.CreateBuilder<(JobReady, string?)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            jobs.Add((new JobReady(reader.GetString(0), reader.GetGuid(1), reader.GetString(2), reader.GetInt32(3), reader.GetString(4)), reader.IsDBNull(5) ? null : reader.GetString(5)));
        return jobs.DrainToImmutable();
    }

    /// <summary>Name of the worker in a lease that only says that the job waits in a queue.</summary>
    internal const string Queued = JobTables.Queued;

    // Results that come at the same moment ask in one statement, key by key.
    private static async Task<bool[]> Holding(NpgsqlDataSource source, IReadOnlyList<Held> held)
    {
        await using var command = source.CreateCommand($"""
            select h.place::integer from unnest($1, $2, $3, $4) with ordinality as h(tenant, job, attempt, token, place)
            cross join lateral (select from {JobTables.Leases} l where l.tenant_id = h.tenant and l.job_id = h.job and l.attempt = h.attempt and l.token = h.token limit 1) l
            """);
        command.Parameters.AddWithValue(held.Select(h => h.TenantId).ToArray());
        command.Parameters.AddWithValue(held.Select(h => h.JobId).ToArray());
        command.Parameters.AddWithValue(held.Select(h => h.Attempt).ToArray());
        command.Parameters.AddWithValue(held.Select(h => h.Token).ToArray());
        var answers = new bool[held.Count];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            answers[reader.GetInt32(0) - 1] = true;
        return answers;
    }

    private readonly record struct Held(string TenantId, string JobId, int Attempt, Guid Token);
}
