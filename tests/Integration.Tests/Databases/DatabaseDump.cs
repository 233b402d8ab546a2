using Countersign.TestKit.Databases;
using Shouldly;
using Xunit;

namespace Countersign.Integration.Tests.Databases;

/// <summary>Everything in a database as text, to look for what must not be there.</summary>
internal static class DatabaseDump
{
    // All that a dump would hold, read table by table: pg_dump itself may be older than the server.
    public static async Task<string> Of(TestDatabase database)
    {
        var text = new System.Text.StringBuilder();
        var tables = new List<string>();
        await using (var command = database.Connections.Migrator.CreateCommand("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('cs', 'wolverine', 'hangfire', 'keys')"))
        await using (var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
        {
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                tables.Add(reader.GetString(0));
        }

        tables.Count.ShouldBeGreaterThan(15);
        foreach (var table in tables)
        {
            await using var command = database.Connections.Migrator.CreateCommand($"select t::text, case when to_jsonb(t) ? 'body' then convert_from(decode(substr(to_jsonb(t) ->> 'body', 3), 'hex'), 'SQL_ASCII') end from {table} t");
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                text.AppendLine(reader.GetString(0)).AppendLine(reader.IsDBNull(1) ? "" : reader.GetString(1));
        }

        return text.ToString();
    }
}
