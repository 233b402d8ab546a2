using Countersign.Projections.Databases;
using Countersign.Projections.Store;

namespace Countersign.Workers.Instances;

/// <summary>
/// The two statements of the runner, each for a whole batch of many instances of many tenants: reading what is newer than what is known, and
/// appending at expected versions. They are functions so that they are always carried out key by key: with a plan that was made while tables
/// were small, a command of an instance with ten thousand facts read all of them, and a batch all receipts.
/// </summary>
public sealed class FactTables : IDatabasePart
{
    /// <summary>
    /// Appends. A procedure, because it must answer no rows: the store passes over the answers of statements it does not know, and a row
    /// among them hides the error of a later one, with which the transaction is undone and nobody told. A stream that is not at its expected version
    /// fails all with a serialization failure.
    /// </summary>
    internal const string Append = DatabaseRoles.Schema + ".append_facts";

    /// <summary>Reads receipts (kind 0), snapshots (1) and the facts behind what is known (2).</summary>
    internal const string Load = DatabaseRoles.Schema + ".load_instances";

    /// <summary>Wakes who waits, when the transaction is committed.</summary>
    internal const string Wake = DatabaseRoles.Schema + ".wake";

    // One statement, so that all of it is one moment: a snapshot and the facts behind it always fit together.
    private const string LoadSql = $"""
        create or replace function {Load}(tenants varchar[], streams varchar[], ids varchar[], known bigint[], fingerprint text, receipt_tenants varchar[], receipts varchar[])
        returns table (kind integer, tenant varchar, id varchar, version bigint, type varchar, data jsonb, cause varchar)
        language plpgsql stable rows 100 {KeyByKey.Settings} as $function$
        begin
            return query with q as materialized (select * from unnest(tenants, streams, ids, known) as q(tenant, stream, id, known)),
            snap as materialized (
                select q.tenant, q.id, s.data, (s.data ->> 'streamVersion')::bigint as version
                from q join {DatabaseRoles.Schema}.mt_doc_instancesnapshot s on q.known = 0 and s.tenant_id = q.tenant and s.id = q.id where s.data ->> 'fingerprint' = fingerprint)
            select 0, r.tenant_id, r.id, 0::bigint, ''::varchar, r.data, null::varchar
                from unnest(receipt_tenants, receipts) as k(tenant, id) join {DatabaseRoles.Schema}.mt_doc_commandreceipt r on r.tenant_id = k.tenant and r.id = k.id
            union all select 1, snap.tenant, snap.id, snap.version, '', snap.data, null from snap
            union all select 2, e.tenant_id, e.stream_id, e.version, e.type, e.data, e.causation_id
                from (select q.tenant, q.stream, greatest(q.known, coalesce(snap.version, 0)) as known from q left join snap on snap.tenant = q.tenant and snap.id = q.id) k
                cross join lateral (
                    select * from {DatabaseRoles.Schema}.mt_events e where e.tenant_id = k.tenant and e.stream_id = k.stream and e.version > k.known order by e.version limit 1000000) e;
        end $function$;
        """;

    // Streams are locked in order and checked before numbers are drawn: a lost race burns no sequence number, and two batches wait for one another
    // instead of dying together.
    private const string Sql = $"""
        create or replace procedure {Append}(
            tenants varchar[], streams varchar[], expected bigint[], versions bigint[], stream_type varchar,
            places integer[], fact_versions bigint[], ids uuid[], types varchar[], bodies text[], causes varchar[], traces varchar[], users varchar[])
        language plpgsql {KeyByKey.Settings} as $function$
        declare
            old integer := (select count(*) from unnest(expected) as e where e > 0);
            moved integer := 0;
        begin
            if old > 0 then
                perform from unnest(tenants, streams, expected) as q(tenant, stream, known) join {DatabaseRoles.Schema}.mt_streams s on s.tenant_id = q.tenant and s.id = q.stream
                    where q.known > 0 order by s.tenant_id, s.id for update of s;
                update {DatabaseRoles.Schema}.mt_streams s set version = q.version, timestamp = now()
                    from unnest(tenants, streams, expected, versions) as q(tenant, stream, known, version)
                    where q.known > 0 and s.tenant_id = q.tenant and s.id = q.stream and s.version = q.known and not s.is_archived;
                get diagnostics moved = row_count;
                if moved <> old then
                    raise exception 'A stream is not at the version that was expected.' using errcode = 'serialization_failure';
                end if;
            end if;
            insert into {DatabaseRoles.Schema}.mt_streams (tenant_id, id, type, version)
                select q.tenant, q.stream, stream_type, q.version from unnest(tenants, streams, expected, versions) as q(tenant, stream, known, version)
                where q.known = 0 order by q.tenant, q.stream;
            insert into {DatabaseRoles.Schema}.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, correlation_id, causation_id, user_name)
                select nextval('{DatabaseRoles.Schema}.mt_events_sequence'), f.id, streams[f.place], f.version, f.body::jsonb, f.type, now(), tenants[f.place], f.trace, f.cause, f.by
                from unnest(places, fact_versions, ids, types, bodies, causes, traces, users) as f(place, version, id, type, body, cause, trace, by);
            perform pg_notify('mt_events_appended', '');
        end $function$;

        create or replace procedure {Wake}(channels text[], texts text[]) language plpgsql as $function$
        begin
            perform pg_notify(n.channel, n.text) from unnest(channels, texts) as n(channel, text);
        end $function$;
        """;

    /// <inheritdoc/>
    public string Name => "reading and appending facts";

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(LoadSql + Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
