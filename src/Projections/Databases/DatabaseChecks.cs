using System.Globalization;
using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>What must be true of a server before the service trusts it with facts.</summary>
internal static class DatabaseChecks
{
    /// <summary>Connections left for administrators, backups and the server itself.</summary>
    public const int Reserve = 10;

    public static async Task Run(NpgsqlDataSource source, DatabaseOptions options, CancellationToken cancel)
    {
        await using var connection = await source.OpenConnectionAsync(cancel);
        var version = int.Parse(await Show(connection, "server_version_num", cancel), CultureInfo.InvariantCulture);
        if (version < PostgresBinaries.Oldest * 10_000)
        {
            throw new StartUpException(
                $"The database server is PostgreSQL {version / 10_000}, and Countersign needs {PostgresBinaries.Oldest} or newer: upgrade it, or use another server in ConnectionStrings__Countersign.");
        }

        var most = int.Parse(await Show(connection, "max_connections", cancel), CultureInfo.InvariantCulture);
        if (ConnectionsWanted(options) > most - Reserve)
        {
            throw new StartUpException(
                $"The pools of {options.Nodes} node(s) want {ConnectionsWanted(options)} connections, and the server admits {most} of which {Reserve} stay free: "
                + "raise max_connections, or lower Countersign:Database:Pools (docs/reference/settings.md).");
        }

        if (!options.Durable)
            return;
        foreach (var name in (string[])["fsync", "full_page_writes", "synchronous_commit"])
        {
            var value = await Show(connection, name, cancel);
            // remote_apply and remote_write wait for at least the local disk too; off and local-without-replica do not promise it.
            if (value is "off")
                throw new StartUpException($"The database server runs with {name} = off, so an acknowledged fact could be lost: set it to on.");
        }
    }

    public static int ConnectionsWanted(DatabaseOptions options) => options.Pools.Sum * options.Nodes;

    private static async Task<string> Show(NpgsqlConnection connection, string name, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"show {name}", connection);
        return (string)(await command.ExecuteScalarAsync(cancel))!;
    }
}
