using Countersign.Projections.Databases;

namespace Countersign.Workers.Instances;

/// <summary>Who works on a job, and until when; beside the job's row, which belongs to the instance.</summary>
public sealed class JobTables : IDatabasePart
{
    /// <summary>Leases, by tenant and job.</summary>
    internal const string Leases = DatabaseRoles.Schema + ".job_leases";

    private const string Sql = $"""
        create table if not exists {Leases} (
            tenant_id varchar not null, job_id varchar not null, attempt integer not null, worker text not null, until timestamptz not null,
            primary key (tenant_id, job_id));
        -- Names one lease, so that a worker whose lease went to another is told so; null where the service itself works.
        alter table {Leases} add column if not exists token uuid;
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
