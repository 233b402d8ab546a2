using System.Globalization;
using Npgsql;

namespace Countersign.Projections.Databases;

/// <summary>Makes a server, configured or local, ready: the database exists, the roles exist and may connect.</summary>
internal static class ConfiguredServer
{
    private const string Where = "ConnectionStrings__Countersign";

    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(text) { Pooling = false, Timeout = 5 };
            if (string.IsNullOrEmpty(parsed.Host))
                throw new StartUpException($"The setting {Where} names no Host: write Host=…;Database=…;Username=…;Password=….");
            parsed.Database ??= "countersign";
            return parsed;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StartUpException($"The setting {Where} is not a PostgreSQL connection string ({DataFolders.FirstLine(e.Message)}): write Host=…;Database=…;Username=…;Password=….", e);
        }
    }

    public static async Task Prepare(NpgsqlConnectionStringBuilder admin, Func<string, string> passwordOf, Action<string> progress, CancellationToken cancel)
    {
        try
        {
            await EnsureDatabase(admin, progress, cancel);
            await using var connection = new NpgsqlConnection(admin.ConnectionString);
            await connection.OpenAsync(cancel);
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    await DatabaseRoles.Ensure(connection, passwordOf, cancel);
                    await LetIn(connection, admin.Database!, cancel);
                    return;
                }
                catch (PostgresException e) when (attempt < 10 && IsRace(e))
                {
                    // Roles belong to the whole server: another node, or a test on another database, was first.
                    await Task.Delay(100, cancel);
                }
            }
        }
        catch (PostgresException e)
        {
            throw new StartUpException(Explain(e, admin), e);
        }
        catch (NpgsqlException e)
        {
            throw Silent(e, admin);
        }
    }

    /// <summary>Why a node that may not prepare the server cannot use it.</summary>
    public static StartUpException NotPrepared(NpgsqlException e, NpgsqlConnectionStringBuilder server) => e is PostgresException refused
        ? new StartUpException(
            $"The database server does not let this node in ({refused.SqlState}: {DataFolders.FirstLine(refused.MessageText)}): run the migrate step with the same Countersign:Database:RoleSecret, then start again.", e)
        : Silent(e, server);

    private static StartUpException Silent(NpgsqlException e, NpgsqlConnectionStringBuilder server) => new(
        string.Create(CultureInfo.InvariantCulture, $"The database server {server.Host}:{server.Port} does not answer ({DataFolders.FirstLine(e.InnerException?.Message ?? e.Message)}): start it, correct {Where}, or unset it to use a local server."), e);

    private static async Task EnsureDatabase(NpgsqlConnectionStringBuilder admin, Action<string> progress, CancellationToken cancel)
    {
        try
        {
            await using var connection = new NpgsqlConnection(admin.ConnectionString);
            await connection.OpenAsync(cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            progress($"Making the database {admin.Database}");
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(admin.ConnectionString) { Database = "postgres" }.ConnectionString);
            await connection.OpenAsync(cancel);
            try
            {
                await DatabaseRoles.Execute(connection, $"create database {Quote(admin.Database!)} encoding 'UTF8' template template0", cancel);
            }
            catch (PostgresException race) when (race.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
            {
                // Another node made it between our look and our try.
            }
        }
    }

    /// <summary>Our roles may connect; of them only the migrator may make schemas, and the reader makes nothing at all.</summary>
    private static async Task LetIn(NpgsqlConnection admin, string database, CancellationToken cancel)
    {
        var name = Quote(database);
        await DatabaseRoles.Execute(
            admin,
            $"""
            revoke create, temporary on database {name} from public;
            grant connect on database {name} to {string.Join(", ", DatabaseRoles.All)};
            grant create, temporary on database {name} to {DatabaseRoles.Migrator};
            grant temporary on database {name} to {DatabaseRoles.Writer};
            """,
            cancel);
    }

    private static string Explain(PostgresException e, NpgsqlConnectionStringBuilder admin) => e.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"The database server refused the user {admin.Username} ({e.MessageText}): correct {Where}.",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"The database user {admin.Username} may not prepare the database ({e.MessageText}): use a user with CREATEROLE and CREATEDB that owns the database {admin.Database} in {Where}, as docs/reference/database-roles.md says.",
        PostgresErrorCodes.TooManyConnections =>
            $"The database server has no free connection ({e.MessageText}): raise max_connections or stop another client.",
        _ => $"The database server could not be prepared ({e.SqlState}: {e.MessageText}): correct {Where} or the server.",
    };

    private static bool IsRace(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateObject
        || e.MessageText.Contains("tuple concurrently updated", StringComparison.Ordinal);

    internal static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
