using Countersign.Projections.Databases;

namespace Countersign.Billing.Usage;

/// <summary>The ledger's tables and the state of what is told to Stripe.</summary>
public sealed class UsageTables : IDatabasePart
{
    // usage_lines' key is what makes a line count once: the event it names. The second key says that an instance is one case.
    private const string Sql =
        """
        create table if not exists cs.usage_lines (
            tenant_id   text not null,
            event_id    uuid not null,
            instance_id uuid not null,
            process_key text not null,
            epoch       integer not null,
            leaf        bigint not null,
            occurred_at timestamptz not null,
            month       date not null check (extract(day from month) = 1),
            primary key (tenant_id, event_id),
            unique (tenant_id, instance_id)
        );
        create index if not exists usage_lines_month on cs.usage_lines (tenant_id, month, epoch, leaf);
        create table if not exists cs.usage_marks (
            tenant_id text primary key,
            epoch     integer not null,
            leaf      bigint not null
        );
        create table if not exists cs.usage_reports (
            tenant_id        text not null,
            event_id         uuid not null,
            state            text not null check (state in ('sent', 'waiting', 'rejected')),
            attempts         integer not null,
            first_attempt_at timestamptz not null,
            next_attempt_at  timestamptz not null,
            detail           text,
            primary key (tenant_id, event_id)
        );
        create index if not exists usage_reports_due on cs.usage_reports (next_attempt_at) where state = 'waiting';
        create table if not exists cs.billing_accounts (
            tenant_id       text primary key,
            customer_id     text not null unique,
            subscription_id text,
            status          text,
            price_id        text,
            period_end      timestamptz,
            read_at         timestamptz not null
        );
        alter table cs.billing_accounts add column if not exists ended_at timestamptz, add column if not exists made_for timestamptz, add column if not exists ending text;
        create table if not exists cs.stripe_events (
            id          text primary key,
            type        text not null,
            object_id   text,
            customer_id text,
            body        text not null,
            received_at timestamptz not null,
            handled_at  timestamptz,
            attempts    integer not null default 0,
            next_attempt_at timestamptz not null,
            detail      text
        );
        create index if not exists stripe_events_due on cs.stripe_events (next_attempt_at) where handled_at is null;
        create index if not exists stripe_events_handled on cs.stripe_events (handled_at) where handled_at is not null;
        """;

    /// <inheritdoc/>
    public string Name => "usage";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> AppendOnlyTables => ["usage_lines"];

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
