using Countersign.Projections.Databases;
using Countersign.Projections.Processes;

namespace Countersign.Projections.Store;

/// <summary>What can be asked for; the numbers are those of the function.</summary>
internal enum PointRead
{
    Receipt = 0,
    Version = 1,
    StartVersion = 2,
    Plan = 3,
}

/// <summary>
/// The function that answers point reads. It has the rights of who calls it and sets the tenant for each row inside its transaction, so that row security
/// judges each row as if it had been asked for alone.
/// </summary>
public sealed class PointReadTables : IDatabasePart
{
    internal const string Function = DatabaseRoles.Schema + ".read_points";

    // Volatile, because what it may see changes from row to row; key by key, for the same reason as the runner's statements.
    // Of a process without a row for starts, or with one that an older node did not write on, the newest version is meant: the id of a version ends with its
    // number, so that the newest is found without unpacking the versions' files.
    private const string Sql = $"""
        create or replace function {Function}(kinds integer[], tenants varchar[], keys varchar[]) returns table (place integer, data text)
        language plpgsql volatile security invoker rows 100 {KeyByKey.Settings} as $function$
        begin
            for i in 1 .. cardinality(kinds) loop
                perform set_config('{DatabaseRoles.TenantSetting}', tenants[i], true);
                case kinds[i]
                    when 0 then return query select i, r.data::text from {DatabaseRoles.Schema}.mt_doc_commandreceipt r where r.tenant_id = tenants[i] and r.id = keys[i];
                    when 1 then return query select i, v.id::text from {DatabaseRoles.Schema}.mt_doc_processversion v where v.tenant_id = tenants[i] and v.id = keys[i];
                    when 2 then
                        return query select i, {ProcessHead.SqlChoice} from {DatabaseRoles.Schema}.mt_doc_processhead h where h.tenant_id = tenants[i] and h.id = keys[i]
                            and not exists (select from {DatabaseRoles.Schema}.mt_doc_processversion v where v.tenant_id = tenants[i] and v.id = keys[i] || ':' || (h.newest + 1));
                        if not found then
                            return query select i, v.id::text from {DatabaseRoles.Schema}.mt_doc_processversion v where v.tenant_id = tenants[i] and v.process_key = keys[i]
                                order by length(v.id) desc, v.id desc limit 1;
                        end if;
                    when 3 then return query select i, p.data::text from {DatabaseRoles.Schema}.mt_doc_planrecord p where p.tenant_id = tenants[i] and p.id = keys[i];
                end case;
            end loop;
            perform set_config('{DatabaseRoles.TenantSetting}', '', true);
        end $function$;
        """;

    /// <inheritdoc/>
    public string Name => "reading single rows for requests";

    /// <inheritdoc/>
    public async Task Apply(DatabaseConnections connections, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(connections);
        await using var command = connections.Migrator.CreateCommand(Sql);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
