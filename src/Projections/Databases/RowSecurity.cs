using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>
/// Row security on every table of schema <c>cs</c> that names a tenant, event tables and partitions included (Marten's own
/// covers documents only). Forced, so that it binds the owner too; the writer and the migrator bypass it.
/// </summary>
internal static class RowSecurity
{
    /// <summary>The policy every such table has.</summary>
    public const string Policy = "cs_tenant";

    private const string AllRows = "cs_all_rows";

    // The sub-select is evaluated once a statement, not once a row; an unset tenant is null and matches nothing.
    private static readonly string Predicate = $"tenant_id = (select nullif(current_setting('{DatabaseRoles.TenantSetting}', true), ''))";

    public static async Task Apply(NpgsqlConnection connection, CancellationToken cancel)
    {
        var bypassing = await Bypassing(connection, cancel);
        var barred = string.Join(", ", new[] { DatabaseRoles.Writer, DatabaseRoles.Migrator }.Where(r => !bypassing.Contains(r)));
        var policies = await Policies(connection, cancel);
        foreach (var table in (await Tables.In(connection, DatabaseRoles.Schema, cancel)).Where(t => t.HasTenant))
        {
            // Each statement takes a strong lock on the table, so only what differs is changed.
            if (!table.RowSecurity)
                await DatabaseRoles.Execute(connection, $"alter table {table.Quoted} enable row level security", cancel);
            if (!table.Forced)
                await DatabaseRoles.Execute(connection, $"alter table {table.Quoted} force row level security", cancel);
            if (!policies.Contains((table.Name, Policy)))
                await DatabaseRoles.Execute(connection, $"create policy {Policy} on {table.Quoted} using ({Predicate})", cancel);
            if (barred.Length > 0 && !policies.Contains((table.Name, AllRows)))
                await DatabaseRoles.Execute(connection, $"create policy {AllRows} on {table.Quoted} to {barred} using (true) with check (true)", cancel);
        }
    }

    private static async Task<HashSet<string>> Bypassing(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select rolname::text from pg_roles where rolbypassrls and rolname = any($1)", connection)
        {
            Parameters = { new() { Value = DatabaseRoles.All.ToArray() } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var roles = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(cancel))
            roles.Add(rows.GetString(0));
        return roles;
    }

    private static async Task<HashSet<(string Table, string Policy)>> Policies(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("select tablename::text, policyname::text from pg_policies where schemaname = $1", connection)
        {
            Parameters = { new() { Value = DatabaseRoles.Schema } },
        };
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var policies = new HashSet<(string, string)>();
        while (await rows.ReadAsync(cancel))
            policies.Add((rows.GetString(0), rows.GetString(1)));
        return policies;
    }
}
