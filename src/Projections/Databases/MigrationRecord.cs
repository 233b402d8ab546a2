using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>
/// Which builds have migrated the database. Kept for ever: during a rolling upgrade nodes of the build before still start, while a node
/// whose build came first, before its migrate step, does not.
/// </summary>
internal static class MigrationRecord
{
    /// <summary>The table; the migrator writes it, the writer may read it.</summary>
    internal const string Table = DatabaseRoles.Schema + ".migrations";

    /// <summary>This build: a digest over the identities of the assemblies that say what the tables look like.</summary>
    public static string Build { get; } = Of(AppDomain.CurrentDomain.GetAssemblies().Concat(Referenced()));

    public static Task Prepare(NpgsqlConnection connection, CancellationToken cancel) =>
        DatabaseRoles.Execute(connection, $"create table if not exists {Table} (build text primary key, at timestamptz not null default now())", cancel);

    public static async Task Write(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"insert into {Table} (build) values ($1) on conflict do nothing", connection) { Parameters = { new() { Value = Build } } };
        await command.ExecuteNonQueryAsync(cancel);
    }

    public static async Task Verify(NpgsqlDataSource writer, CancellationToken cancel)
    {
        await using var command = writer.CreateCommand($"select exists (select from {Table} where build = $1)");
        command.Parameters.AddWithValue(Build);
        try
        {
            if (await command.ExecuteScalarAsync(cancel) is true)
                return;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new StartUpException(Sentence, e);
        }

        throw new StartUpException(Sentence);
    }

    private const string Sentence = "The database has not been migrated to this version: run the migrate step of this version ('dotnet Countersign.Api.dll migrate'), then start again.";

    private static IEnumerable<Assembly> Referenced() => Assembly.GetEntryAssembly() is { } entry ? Ours(entry).Append(entry) : [];

    private static IEnumerable<Assembly> Ours(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Where(n => IsOurs(n.Name)).Select(Assembly.Load).SelectMany(a => Ours(a).Append(a));

    private static bool IsOurs(string? name) => name is "Countersign.Projections" or "Countersign.Workers" or "Countersign.Domain" or "Countersign.Billing";

    private static string Of(IEnumerable<Assembly> assemblies) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join(
        '\n',
        assemblies.Where(a => IsOurs(a.GetName().Name)).Select(a => $"{a.GetName().Name} {a.ManifestModule.ModuleVersionId:D}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)))))[..32];
}
