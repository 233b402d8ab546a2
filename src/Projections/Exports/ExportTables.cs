using Countersign.Projections.Databases;

namespace Countersign.Projections.Exports;

/// <summary>What is still to be done about exports, who does it, and the files' sealed pieces.</summary>
public sealed class ExportTables : IDatabasePart
{
    /// <summary>
    /// One row for each export that is to be written (<c>write</c>) or whose file is kept (<c>keep</c>). It is due at <c>until</c>: a lease while a node writes, the
    /// end of the file's time afterwards. The attempt is the fence.
    /// </summary>
    public const string Work = DatabaseRoles.Schema + ".export_work";

    /// <summary>Pieces of files, sealed under the export's own key.</summary>
    public const string Pieces = DatabaseRoles.Schema + ".export_pieces";

    private const string Sql = $"""
        create table if not exists {Work} (
            tenant_id varchar not null, export_id uuid not null, task text not null check (task in ('write', 'keep')), attempt integer not null default 0,
            node text, until timestamptz not null default now(), progress double precision not null default 0, step text not null default '',
            requested_at timestamptz not null default now(),
            primary key (tenant_id, export_id));
        create index if not exists export_work_due on {Work} (until);
        create table if not exists {Pieces} (
            tenant_id varchar not null, export_id uuid not null, attempt integer not null, piece integer not null, key_id uuid not null, content bytea not null,
            primary key (tenant_id, export_id, attempt, piece));
        alter table {Pieces} alter column content set storage external;
        """;

    /// <inheritdoc/>
    public string Name => "exports";

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
