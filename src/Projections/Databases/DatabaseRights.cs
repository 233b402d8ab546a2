using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>
/// What each role may do with each table, written anew after every migration, so that a table nobody thought of is closed.
/// Event tables can be read and appended to; nobody but their owner can change or remove a fact.
/// </summary>
internal static class DatabaseRights
{
    /// <summary>Facts: the writer inserts and selects.</summary>
    private static readonly string[] Events = ["mt_events"];

    /// <summary>What the migrator says to those that serve.</summary>
    private static readonly string[] ReadOnly = ["migrations"];

    /// <summary>Appending moves a stream's version and time; its key, type, tenant and archive mark stay.</summary>
    private const string Streams = "mt_streams";

    private static readonly string[] StreamColumns = ["version", "timestamp"];

    public static async Task Apply(NpgsqlConnection connection, IReadOnlyList<IDatabasePart> parts, CancellationToken cancel)
    {
        var tables = await Tables.In(connection, DatabaseRoles.Schema, cancel);
        var appendOnly = parts.SelectMany(p => p.AppendOnlyTables).Concat(Events).ToHashSet(StringComparer.Ordinal);
        var shared = parts.SelectMany(p => p.SharedTables).ToHashSet(StringComparer.Ordinal);
        var hidden = parts.SelectMany(p => p.HiddenTables).ToHashSet(StringComparer.Ordinal);
        var sql = new List<string>();
        foreach (var schema in (string[])[DatabaseRoles.Schema, DatabaseRoles.WolverineSchema, DatabaseRoles.HangfireSchema])
        {
            sql.Add($"revoke all on schema {schema} from public, {AppRoles}");
            sql.Add($"revoke all on all tables in schema {schema} from public, {AppRoles}");
            sql.Add($"revoke all on all sequences in schema {schema} from public, {AppRoles}");
            sql.Add($"revoke all on all routines in schema {schema} from public, {AppRoles}");
        }

        sql.Add($"grant usage on schema {DatabaseRoles.Schema} to {DatabaseRoles.Writer}, {DatabaseRoles.Reader}");
        sql.Add($"grant execute on all routines in schema {DatabaseRoles.Schema} to {DatabaseRoles.Writer}, {DatabaseRoles.Reader}");
        sql.Add($"grant usage, select on all sequences in schema {DatabaseRoles.Schema} to {DatabaseRoles.Writer}");
        foreach (var table in tables)
        {
            // A partition is reached through its parent; rights on it would pass by the parent's row security.
            if (table.IsPartition)
                continue;
            sql.AddRange(ForWriter(table, appendOnly));
            if (!hidden.Contains(table.Name) && (table.HasTenant || shared.Contains(table.Name)))
                sql.Add($"grant select on {table.Quoted} to {DatabaseRoles.Reader}");
        }

        sql.AddRange(Full(DatabaseRoles.WolverineSchema, DatabaseRoles.Writer));
        sql.AddRange(Full(DatabaseRoles.HangfireSchema, DatabaseRoles.Hangfire));
        await DatabaseRoles.Execute(connection, string.Join(";\n", sql), cancel);
    }

    private static string AppRoles => $"{DatabaseRoles.Writer}, {DatabaseRoles.Reader}, {DatabaseRoles.Hangfire}";

    private static IEnumerable<string> ForWriter(Tables.Table table, HashSet<string> appendOnly)
    {
        if (ReadOnly.Contains(table.Name))
        {
            yield return $"grant select on {table.Quoted} to {DatabaseRoles.Writer}";
        }
        else if (appendOnly.Contains(table.Name))
        {
            yield return $"grant select, insert on {table.Quoted} to {DatabaseRoles.Writer}";
        }
        else if (table.Name == Streams)
        {
            yield return $"grant select, insert, update ({string.Join(", ", StreamColumns)}) on {table.Quoted} to {DatabaseRoles.Writer}";
        }
        else
        {
            yield return $"grant select, insert, update, delete on {table.Quoted} to {DatabaseRoles.Writer}";
        }
    }

    private static IEnumerable<string> Full(string schema, string role) =>
    [
        $"grant usage on schema {schema} to {role}",
        $"grant select, insert, update, delete on all tables in schema {schema} to {role}",
        $"grant usage, select, update on all sequences in schema {schema} to {role}",
        $"grant execute on all routines in schema {schema} to {role}",
    ];
}
