using Countersign.Projections.Databases;

namespace Countersign.Workers.Instances;

/// <summary>Who works on a job, and until when; beside the job's row, which belongs to the instance.</summary>
public sealed class JobTables : IDatabasePart
{
    /// <summary>Leases, by tenant and job.</summary>
    internal const string Leases = DatabaseRoles.Schema + ".job_leases";

    /// <summary>Name of the worker in a lease that only says that the job waits in a queue.</summary>
    internal const string Queued = "(queued)";

    /// <summary>Takes attempts for built-in workers (see <see cref="Jobs.JobLeases"/>).</summary>
    internal const string Take = DatabaseRoles.Schema + ".take_attempts";

    /// <summary>Writes the leases of attempts that are born with one and removes those of jobs that are over.</summary>
    internal const string Hold = DatabaseRoles.Schema + ".hold_attempts";

    // Job by job, in one order, whatever the planner thinks of small tables.
    private const string Sql = $"""
        create table if not exists {Leases} (
            tenant_id varchar not null, job_id varchar not null, attempt integer not null, worker text not null, until timestamptz not null,
            primary key (tenant_id, job_id));
        -- Names one lease, so that a worker whose lease went to another is told so; null where the service itself works.
        alter table {Leases} add column if not exists token uuid;
        create or replace function {Take}(tenants varchar[], jobs varchar[], attempts integer[], workers varchar[], leases interval[])
        returns table (place integer, data jsonb) language plpgsql {KeyByKey.Settings} as $function$
        #variable_conflict use_column
        begin
            return query with due as materialized (
                select w.place::integer as place, w.tenant, w.job, w.attempt, w.worker, w.lease, j.data
                from unnest(tenants, jobs, attempts, workers, leases) with ordinality as w(tenant, job, attempt, worker, lease, place)
                join {DatabaseRoles.Schema}.mt_doc_jobrow j on j.tenant_id = w.tenant and j.id = w.job
                where (j.data ->> 'attempt')::integer = w.attempt and not coalesce((j.data ->> 'failed')::boolean, false)),
            leased as (
                insert into {Leases} as l (tenant_id, job_id, attempt, worker, until) select tenant, job, attempt, worker, now() + lease from due order by tenant, job
                on conflict (tenant_id, job_id) do update set attempt = excluded.attempt, worker = excluded.worker, until = excluded.until
                    where l.until <= now() or l.attempt < excluded.attempt or l.worker = '{Queued}' or l.worker = excluded.worker
                returning l.tenant_id, l.job_id)
            select due.place, due.data from due join leased on leased.tenant_id = due.tenant and leased.job_id = due.job;
        end $function$;
        create or replace procedure {Hold}(tenants text[], jobs text[], attempts integer[], workers text[], seconds integer[], ended_tenants text[], ended_jobs text[])
        language plpgsql {KeyByKey.Settings} as $function$
        begin
            delete from {Leases} l using (select * from unnest(ended_tenants, ended_jobs) as e(tenant, job) order by tenant, job) e where l.tenant_id = e.tenant and l.job_id = e.job;
            -- Whatever lease there is belongs to an attempt that is over: the instance's own stream has just said so.
            insert into {Leases} (tenant_id, job_id, attempt, worker, until)
            select tenant, job, attempt, worker, now() + make_interval(secs => duration) from unnest(tenants, jobs, attempts, workers, seconds) as b(tenant, job, attempt, worker, duration) order by tenant, job
            on conflict (tenant_id, job_id) do update set attempt = excluded.attempt, worker = excluded.worker, until = excluded.until, token = null;
        end $function$;
        """;

    /// <inheritdoc/>
    public string Name => "jobs' leases";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> HiddenTables => ["job_leases"];

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
