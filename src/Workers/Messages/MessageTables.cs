using Countersign.Projections.Databases;

namespace Countersign.Workers.Messages;

/// <summary>Published messages: those that wait for a receiver, and for a week what became of each, by which a repeat is told.</summary>
public sealed class MessageTables : IDatabasePart
{
    /// <summary>Messages, by tenant, source and id.</summary>
    internal const string Messages = DatabaseRoles.Schema + ".messages";

    // The unique index is the fence: one subscription is promised to one message at a time.
    private const string Sql = $"""
        create table if not exists {Messages} (
            tenant_id varchar not null, source text not null, message_id text not null,
            seq bigint generated always as identity,
            name text not null, correlation_key text not null, digest bytea not null, variables bytea,
            actor_id text not null, actor_kind text not null,
            status text not null check (status in ('buffered', 'assigned', 'correlated', 'unmatched', 'expired', 'refused')),
            instance_id uuid, subscription_id varchar, start_version text, start_element text, detail text,
            expires_at timestamptz not null, forget_at timestamptz not null, assigned_at timestamptz,
            primary key (tenant_id, source, message_id));
        alter table {Messages} add column if not exists start_rollout text;
        alter table {Messages} add column if not exists start_chain text;
        create index if not exists messages_buffered on {Messages} (tenant_id, name, correlation_key, seq) where status = 'buffered';
        create unique index if not exists messages_assigned on {Messages} (tenant_id, subscription_id) where status = 'assigned' and subscription_id is not null;
        create index if not exists messages_due on {Messages} (assigned_at) where status = 'assigned';
        create index if not exists messages_expiry on {Messages} (expires_at) where status = 'buffered';
        create index if not exists messages_forget on {Messages} (forget_at);
        """;

    /// <inheritdoc/>
    public string Name => "messages";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> HiddenTables => ["messages"];

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
