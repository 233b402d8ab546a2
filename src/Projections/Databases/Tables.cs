using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>The tables of a schema as the catalog has them.</summary>
internal static class Tables
{
    /// <summary>A table, partitioned table or partition.</summary>
    public sealed record Table(string Schema, string Name, bool IsPartition, bool HasTenant, bool RowSecurity, bool Forced)
    {
        public string Quoted => $"{ConfiguredServer.Quote(Schema)}.{ConfiguredServer.Quote(Name)}";
    }

    public static async Task<IReadOnlyList<Table>> In(NpgsqlConnection connection, string schema, CancellationToken cancel)
    {
        const string sql =
            """
            select c.relname, c.relispartition, c.relrowsecurity, c.relforcerowsecurity,
                   exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = $1 and c.relkind in ('r', 'p') order by c.relname
            """;
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = schema } } };
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var tables = new List<Table>();
        while (await rows.ReadAsync(cancel))
            tables.Add(new Table(schema, rows.GetString(0), rows.GetBoolean(1), rows.GetBoolean(4), rows.GetBoolean(2), rows.GetBoolean(3)));
        return tables;
    }
}
