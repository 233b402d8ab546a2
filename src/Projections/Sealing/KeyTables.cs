using Countersign.Projections.Databases;
using Npgsql;

namespace Countersign.Projections.Sealing;

/// <summary>
/// Wrapped keys in a schema of their own, so that their backups can be kept apart (an erased key must not come back with a
/// restored table). Only the writer reads them.
/// </summary>
public sealed class KeyTables : IDatabasePart
{
    /// <summary>The schema.</summary>
    public const string Schema = "keys";

    private const string Sql = $"""
        create schema if not exists {Schema};
        create table if not exists {Schema}.ring (fingerprint text primary key, since timestamptz not null default now());
        create table if not exists {Schema}.tenant_keys (tenant_id text primary key, wrapped bytea not null, since timestamptz not null default now());
        create table if not exists {Schema}.subject_keys (
            id uuid primary key, tenant_id text not null, subject text not null, wrapped bytea, since timestamptz not null default now(), destroyed timestamptz,
            check ((wrapped is null) = (destroyed is not null)));
        create unique index if not exists subject_keys_live on {Schema}.subject_keys (tenant_id, subject) where destroyed is null;
        create table if not exists {Schema}.protection_keys (name text primary key, element text not null, since timestamptz not null default now());
        create table if not exists {Schema}.sessions (key text primary key, content bytea not null, until timestamptz not null);
        create index if not exists sessions_until on {Schema}.sessions (until);
        revoke all on schema {Schema} from public;
        grant usage on schema {Schema} to {DatabaseRoles.Writer};
        grant select, insert on {Schema}.ring, {Schema}.tenant_keys, {Schema}.protection_keys to {DatabaseRoles.Writer};
        grant select, insert, update, delete on {Schema}.sessions to {DatabaseRoles.Writer};
        grant select, insert, update (wrapped, destroyed) on {Schema}.subject_keys to {DatabaseRoles.Writer};
        """;

    /// <inheritdoc/>
    public string Name => "keys";

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>
    /// Refuses to go on when the database was sealed under a key that this node's ring lacks. A ring with more keys than the last one is written down: from then on the
    /// smaller one is refused, because it could not open what the newest key wraps.
    /// </summary>
    public static async Task VerifyRing(NpgsqlDataSource writer, KeyRing ring, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(ring);
        await using var connection = await writer.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // One node after the other: two that bring different new keys must not both be right.
        await using (var turn = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended('countersign-ring', 0))", connection, transaction))
            await turn.ExecuteNonQueryAsync(cancel);
        await using var read = new NpgsqlCommand($"select fingerprint from {Schema}.ring order by since desc limit 1", connection, transaction);
        var last = (string?)await read.ExecuteScalarAsync(cancel);
        if (last == ring.Fingerprint)
            return;
        if (last is not null && !ring.Extends(last))
            throw new StartUpException("This database was sealed with another key ring than the one of this node: give this node every key that the other nodes have (keys/master.keys, 0600, or Countersign:Keys:Master), or another database.");
        // By the wall: the moment of the transaction lies before its turn.
        await using var write = new NpgsqlCommand($"insert into {Schema}.ring (fingerprint, since) values ($1, clock_timestamp())", connection, transaction);
        write.Parameters.AddWithValue(ring.Fingerprint);
        await write.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }
}
