using Countersign.Projections.Databases;

namespace Countersign.Projections.Batches;

/// <summary>What is still to be done about batches, who does it, and how each part went.</summary>
public sealed class BatchTables : IDatabasePart
{
    /// <summary>
    /// One row for each batch that is to be carried out (<c>run</c>) or whose parts are kept (<c>keep</c>). It is due at <c>until</c>: a lease while a node works, the
    /// end of its time afterwards. The attempt is the fence. Values of variables lie here sealed under a key of the batch alone, until it has ended.
    /// </summary>
    public const string Work = DatabaseRoles.Schema + ".batch_work";

    /// <summary>One row for each instance or incident of a batch.</summary>
    public const string Items = DatabaseRoles.Schema + ".batch_items";

    private const string Sql = $"""
        create table if not exists {Work} (
            tenant_id varchar not null, batch_id uuid not null, task text not null default 'run' check (task in ('run', 'keep')), attempt integer not null default 0,
            node text, until timestamptz not null default now(), cancelling boolean not null default false, key_id uuid, variables bytea,
            requested_at timestamptz not null default now(),
            primary key (tenant_id, batch_id));
        create index if not exists batch_work_due on {Work} (until);
        create table if not exists {Items} (
            tenant_id varchar not null, batch_id uuid not null, number integer not null, instance_id uuid not null, incident_id varchar,
            outcome text not null default 'open' check (outcome in ('open', 'done', 'unchanged', 'refused', 'failed')), code text, sentence text, tries integer not null default 0, at timestamptz,
            primary key (tenant_id, batch_id, number));
        create index if not exists batch_items_open on {Items} (tenant_id, batch_id, number) where outcome = 'open';
        """;

    /// <inheritdoc/>
    public string Name => "batches";

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
