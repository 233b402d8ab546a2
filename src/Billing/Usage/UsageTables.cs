using Countersign.Projections.Databases;

namespace Countersign.Billing.Usage;

/// <summary>The ledger's tables and the state of what is told to Stripe.</summary>
public sealed class UsageTables : IDatabasePart
{
    // usage_lines' key is what makes a line count once: the event it names. The second key says that an instance is one case.
    /// <summary>Counts a stretch of a tenant's leaves and moves the mark.</summary>
    internal const string Count = DatabaseRoles.Schema + ".count_usage";

    private const string Sql =
        $"""
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

        -- A function, so that a stretch is always read leaf by leaf from the mark on: with a plan made while tables were small each pass read every event there is.
        -- The mark's row is the lock between two nodes.
        create or replace function {Count}(tenant text, counted text, stretch integer) returns table (leaves bigint, lines bigint)
        language plpgsql {KeyByKey.Settings} as $function$
        declare
            at_epoch integer;
            at_leaf bigint;
            to_epoch integer;
            to_leaf bigint;
        begin
            insert into cs.usage_marks values (tenant, 0, -1) on conflict do nothing;
            select m.epoch, m.leaf into at_epoch, at_leaf from cs.usage_marks m where m.tenant_id = tenant for update;
            select count(*) into leaves from
                (select from cs.trail_leaves l where l.tenant_id = tenant and (l.epoch, l.index) > (at_epoch, at_leaf) order by l.epoch, l.index limit stretch) l;
            lines := 0;
            if leaves > 0 then
                select l.epoch, l.index into to_epoch, to_leaf from cs.trail_leaves l
                    where l.tenant_id = tenant and (l.epoch, l.index) > (at_epoch, at_leaf) order by l.epoch, l.index offset leaves - 1 limit 1;
                insert into cs.usage_lines (tenant_id, event_id, instance_id, process_key, epoch, leaf, occurred_at, month)
                    select tenant, e.id, substring(e.stream_id from 10)::uuid, s.data ->> 'processKey', l.epoch, l.index, e.timestamp,
                           date_trunc('month', e.timestamp at time zone 'UTC')::date
                    from cs.trail_leaves l
                    join cs.mt_events e on e.seq_id = l.seq_id and e.tenant_id = l.tenant_id
                    join cs.mt_events s on s.tenant_id = e.tenant_id and s.stream_id = e.stream_id and s.version = 1
                    where l.tenant_id = tenant and (l.epoch, l.index) > (at_epoch, at_leaf) and (l.epoch, l.index) <= (to_epoch, to_leaf)
                      and e.type = counted and e.stream_id like 'instance/%' and s.data ->> 'parent' is null
                    on conflict do nothing;
                get diagnostics lines = row_count;
                update cs.usage_marks m set epoch = to_epoch, leaf = to_leaf where m.tenant_id = tenant;
            end if;
            return next;
        end $function$;
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
