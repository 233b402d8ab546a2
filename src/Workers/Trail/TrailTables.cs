using Countersign.Projections.Databases;
using Npgsql;

namespace Countersign.Workers.Trail;

/// <summary>The trail's tables. All are append-only: not even the service may change or remove a row.</summary>
public sealed class TrailTables : IDatabasePart
{
    // trail_leaves' key is the fence: two sequencers cannot both append leaf n of one log.
    private const string Sql =
        """
        create table if not exists cs.trail_leaves (
            tenant_id text not null,
            epoch     integer not null check (epoch > 0),
            index     bigint not null check (index >= 0),
            hash      bytea not null check (length(hash) = 32),
            seq_id    bigint,
            late      boolean not null default false,
            statement text,
            primary key (tenant_id, epoch, index),
            check ((seq_id is null) <> (statement is null))
        );
        create unique index if not exists trail_leaves_seq on cs.trail_leaves (seq_id);
        create table if not exists cs.trail_tiles (
            tenant_id text not null,
            epoch     integer not null,
            level     integer not null,
            index     bigint not null,
            hashes    bytea not null check (length(hashes) = 8192),
            root      bytea not null check (length(root) = 32),
            primary key (tenant_id, epoch, level, index)
        );
        create table if not exists cs.trail_checkpoints (
            tenant_id text not null,
            epoch     integer not null,
            size      bigint not null,
            root      bytea not null check (length(root) = 32),
            note      text not null,
            signed_at timestamptz not null,
            primary key (tenant_id, epoch, size)
        );
        create table if not exists cs.trail_gaps (
            first_seq bigint not null,
            last_seq  bigint not null check (last_seq >= first_seq),
            seen_at   timestamptz not null default now(),
            primary key (first_seq)
        );
        create index if not exists trail_gaps_last on cs.trail_gaps (last_seq);
        create index if not exists trail_gaps_seen on cs.trail_gaps (seen_at);
        """;

    /// <inheritdoc/>
    public string Name => "trail";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> AppendOnlyTables => ["trail_leaves", "trail_tiles", "trail_checkpoints", "trail_gaps"];

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
